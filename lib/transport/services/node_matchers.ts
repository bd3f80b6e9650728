/**
 * `envoy.type.matcher.v3.NodeMatcher`, as a function over what is kept of a node: its id, and the strings, numbers and
 * booleans at the top level of its metadata.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/node.proto
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/struct.proto
 * @module
 */
import type { Node } from "../../xds/wire/node.ts";
import { FieldReader, MalformedMessage } from "../../xds/wire/reader.ts";
import { type CompileRegex, readStringMatcher } from "./match_string.ts";

export type NodeMatch = (node: Node) => boolean;
/** Over a value as text; undefined for one that is not there, or is not kept. */
type ValueMatch = (value: string | undefined) => boolean;

/** `or_match` may hold others of its kind. */
const DEEPEST = 8;

/** Both parts must hold. @throws MalformedMessage */
export function readNodeMatcher(bytes: Uint8Array, compileRegex: CompileRegex): NodeMatch {
  const parts: NodeMatch[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) {
      const matches = readStringMatcher(reader.bytes(), compileRegex);
      parts.push(({ id }) => matches(id));
    } else if (reader.field === 2) parts.push(readStructMatcher(reader.bytes(), compileRegex));
  }
  return (node) => parts.every((matches) => matches(node));
}

/** `StructMatcher`. What is deeper than the top level is not kept, and so matched by nothing but its absence. */
function readStructMatcher(bytes: Uint8Array, compileRegex: CompileRegex): NodeMatch {
  const path: string[] = [];
  let matches: ValueMatch | undefined;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) path.push(readKey(reader.bytes()));
    else if (reader.field === 3) matches = readValueMatcher(reader.bytes(), DEEPEST, compileRegex);
  }
  const [key, ...deeper] = path;
  if (key === undefined) throw new MalformedMessage("a StructMatcher has no path");
  const wanted = matches;
  if (wanted === undefined) throw new MalformedMessage("a StructMatcher has no value");
  return ({ metadata }) => wanted(deeper.length === 0 ? metadata.get(key) : undefined);
}

/** `StructMatcher.PathSegment`. */
function readKey(bytes: Uint8Array): string {
  let key = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 1) key = reader.string();
  return key;
}

/** `ValueMatcher`. A null is not kept, and a list neither. */
function readValueMatcher(bytes: Uint8Array, depth: number, compileRegex: CompileRegex): ValueMatch {
  if (depth === 0) throw new MalformedMessage(`ValueMatchers are nested more than ${DEEPEST} deep`);
  let match: ValueMatch | undefined;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        match = readDoubleMatcher(reader.bytes());
        break;
      case 3: {
        const matches = readStringMatcher(reader.bytes(), compileRegex);
        match = (value) => value !== undefined && matches(value);
        break;
      }
      case 4: {
        const wanted = String(reader.uint() !== 0);
        match = (value) => value === wanted;
        break;
      }
      case 5: {
        const wanted = reader.uint() !== 0;
        match = (value) => (value !== undefined) === wanted;
        break;
      }
      case 7:
        match = readOrMatcher(reader.bytes(), depth - 1, compileRegex);
        break;
      default:
        throw new MalformedMessage("a ValueMatcher asks for a null or a list, and of metadata neither is kept");
    }
  }
  if (match === undefined) throw new MalformedMessage("a ValueMatcher says nothing to match");
  return match;
}

/** `OrMatcher`. */
function readOrMatcher(bytes: Uint8Array, depth: number, compileRegex: CompileRegex): ValueMatch {
  const some: ValueMatch[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 1) some.push(readValueMatcher(reader.bytes(), depth, compileRegex));
  return (value) => some.some((matches) => matches(value));
}

/** `DoubleMatcher`: a number, or a range that its end is not part of. */
function readDoubleMatcher(bytes: Uint8Array): ValueMatch {
  let matches = (_number: number): boolean => false;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) {
      const exact = reader.double();
      matches = (number) => number === exact;
    } else if (reader.field === 1) {
      let start = 0, end = 0;
      const range = new FieldReader(reader.bytes());
      while (range.next()) {
        if (range.field === 1) start = range.double();
        else if (range.field === 2) end = range.double();
      }
      matches = (number) => start <= number && number < end;
    }
  }
  return (value) => value !== undefined && value.trim() !== "" && matches(Number(value));
}
