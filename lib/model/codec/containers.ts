/**
 * Lists and maps on the wire, and the tags of fields.
 *
 * @module
 */
import { type DescField, ScalarType } from "@bufbuild/protobuf";
import type { Run, ValueCodec } from "./run.ts";
import { scalarCodec, writeString } from "./scalars.ts";
import type { Entry, MapNode, Node } from "./tree.ts";

/** Writes a field with its tags. */
export type FieldEncoder = (run: Run, node: Node) => void;

/** Wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/** The tag of a field that is not packed. */
export function tagOf(field: DescField): number {
  return field.number << 3 | (field.fieldKind === "map" ? LENGTH : wireType(field));
}

function wireType(field: DescField): number {
  if (field.message !== undefined) return LENGTH;
  return field.enum !== undefined ? VARINT : scalarWireType(field.scalar);
}

function scalarWireType(type: ScalarType): number {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return FIXED64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return FIXED32;
    default:
      return VARINT;
  }
}

/** Packed where proto3 packs. */
export function listEncoder(field: DescField & { fieldKind: "list" }, codec: ValueCodec): FieldEncoder {
  const tag = tagOf(field);
  if (field.packed) return packedEncoder(field.number << 3 | LENGTH, codec);
  const flatten = !LISTS.has(field.message?.typeName ?? "");
  return (run, node) =>
    eachBackwards(run, node, flatten, (item) => {
      const mark = run.writer.length;
      if (codec(run, item)) run.writer.uint32(tag);
      else run.writer.rewind(mark);
    });
}

function packedEncoder(tag: number, codec: ValueCodec): (run: Run, node: Node) => void {
  return (run, node) => {
    const mark = run.writer.length;
    eachBackwards(run, node, true, (item) => codec(run, item));
    if (run.writer.since(mark) === 0) return;
    run.writer.uint32(run.writer.since(mark));
    run.writer.uint32(tag);
  };
}

/** Messages that are lists, or may be: a list in a list of these is an element. */
const LISTS: ReadonlySet<string> = new Set(["google.protobuf.ListValue", "google.protobuf.Value"]);

/**
 * Calls back for each element from the last to the first. A lone value is a list of one; a list in a list stands for its
 * items if it is to be flattened.
 */
function eachBackwards(run: Run, node: Node, flatten: boolean, visit: (item: Node) => void): void {
  if (node.kind !== "list") {
    visit(node);
    return;
  }
  let i = node.items.length;
  while (i-- > 0) {
    const item = node.items[i];
    if (item === undefined) continue;
    run.enter(i);
    if (flatten) eachBackwards(run, item, true, visit);
    else visit(item);
    run.leave();
  }
}

/** Entries in order of their keys; both key and value are always written. */
export function mapEncoder(field: DescField & { fieldKind: "map" }, codec: ValueCodec): FieldEncoder {
  const tag = field.number << 3 | LENGTH;
  const valueTag = 2 << 3 | wireType(field);
  const strings = field.mapKey === ScalarType.STRING;
  const keyCodec = strings ? undefined : scalarCodec(field.mapKey);
  const keyTag = 1 << 3 | scalarWireType(field.mapKey);
  return (run, node) => {
    if (node.kind !== "map") {
      run.wrongType(node, "a map");
      return;
    }
    const { writer } = run;
    const entries = strings ? sortedByString(node) : sortedByNumber(node);
    for (const entry of entries) {
      run.enter(entry);
      const mark = writer.length;
      let done = codec(run, entry.value);
      if (done) {
        writer.uint32(valueTag);
        if (keyCodec === undefined) writeString(run, entry.key);
        else done = keyCodec(run, { kind: "string", offset: entry.offset, text: entry.key });
      }
      if (done) {
        writer.uint32(keyTag);
        writer.uint32(writer.since(mark));
        writer.uint32(tag);
      } else {
        writer.rewind(mark);
      }
      run.leave();
    }
  };
}

/** By the bytes of the keys in UTF-8, the last one first: maps are written backwards too. */
function sortedByString(node: MapNode): readonly Entry[] {
  return node.entries.length < 2 ? node.entries : node.entries.toSorted((a, b) => compareUtf8(b.key, a.key));
}

/** UTF-16 orders like UTF-8 but for surrogates, which stand for what comes after everything else. */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const leftHigh = (left & 0xf800) === 0xd800;
    const rightHigh = (right & 0xf800) === 0xd800;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** Keys that are numbers or booleans; of two spellings of one key the last counts. */
function sortedByNumber(node: MapNode): readonly Entry[] {
  const value = (entry: Entry) => /^[+-]?[0-9]+$/.test(entry.key) ? BigInt(entry.key.replace("+", "")) : entry.key;
  const last = new Map(node.entries.map((entry) => [value(entry), entry]));
  return [...last].sort(([a], [b]) => a < b ? 1 : -1).map(([, entry]) => entry);
}
