/**
 * `google.protobuf.Any`: a message of the type that its `@type` names, at any depth. No type is listed by hand: whatever
 * is in the API works.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Encoder } from "./encode.ts";
import { nearest } from "./nearest.ts";
import type { Special } from "./plan.ts";
import { type Rule, RULES } from "./rules.ts";
import { clip, writeString } from "./scalars.ts";
import { describe, type MapNode, type Node, valueOf } from "./tree.ts";
import type { Api } from "../api.ts";
import { RESOURCE_TYPES } from "../types.ts";

/** Messages that carry another message as a `Struct`: an `Any` for people who have no descriptors. */
export const TYPED_STRUCTS: ReadonlySet<string> = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);

/** What every type URL is written as; only what is after the last slash says what it is. */
export const TYPE_PREFIX = "type.googleapis.com/";

/** The message that an `@type` names, or what is wrong with it and where. */
export type TypeOf =
  | { readonly desc: DescMessage }
  | { readonly rule: Rule; readonly offset: number; readonly message: string };

/** Reads `@type` of a map. */
export function typeOf(api: Api, node: MapNode): TypeOf {
  const value = valueOf(node, "@type");
  if (value === undefined || value.kind === "null") {
    return { rule: RULES.missingType, offset: node.offset, message: missing(node) };
  }
  if (value.kind !== "string") {
    return { rule: RULES.wrongType, offset: value.offset, message: `@type must be a string, not ${describe(value)}` };
  }
  const slash = value.text.lastIndexOf("/");
  const name = value.text.slice(slash + 1);
  const desc = api.message(name);
  if (slash < 1) {
    const hint = desc === undefined ? "" : `: write "${TYPE_PREFIX}${name}"`;
    return {
      rule: RULES.unknownType,
      offset: value.offset,
      message: `@type "${clip(name)}" has nothing with a slash before the name of the message${hint}`,
    };
  }
  if (desc !== undefined) return { desc };
  return {
    rule: RULES.unknownType,
    offset: value.offset,
    message: `unknown type "${clip(name)}"${hintFor(api, name)}`,
  };
}

function missing(node: MapNode): string {
  const near = nearest("@type", node.entries.map((entry) => entry.key));
  return near !== undefined && near !== "@type"
    ? `@type is missing; did you mean it by "${near}"?`
    : "@type is missing";
}

function hintFor(api: Api, name: string): string {
  if (/\.v2(alpha)?\d*\./.test(name) || name.startsWith("envoy.api.v2.")) {
    return `: Envoy ${api.version} has no v2 types any more`;
  }
  // Only what can be served is compared: the API has thousands of messages.
  const near = nearest(name, RESOURCE_TYPES.map(({ url }) => url.slice(TYPE_PREFIX.length)));
  return ` in the API of Envoy ${api.version}${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

/** The codec of `Any`. */
export function anyCodec(encoder: Encoder): Special {
  return (run, node) => {
    // Null in a list or map of these is an Any of no type, and so is `{}`. Where Envoy looks for an extension, it finds
    // none for it; but in `config` of a route's FilterConfig that is how a filter is turned on. The checks tell.
    if (node.kind === "null" || node.kind === "map" && node.entries.length === 0) return true;
    if (node.kind !== "map") return run.wrongType(node, "a map with @type");
    const type = typeOf(encoder.api, node);
    if (!("desc" in type)) {
      run.issue(type.rule, type.offset, type.message);
      return false;
    }
    const { writer } = run;
    const mark = writer.length;
    const plan = encoder.plan(type.desc);
    let done = true;
    if (plan.special === undefined) {
      done = encoder.fields(run, plan, node, true);
    } else {
      const value = valueEntry(node, type.desc, run.issue.bind(run));
      if (value !== undefined) done = encoder.fields(run, plan, value);
    }
    if (writer.since(mark) > 0) {
      writer.uint32(writer.since(mark));
      writer.uint32(2 << 3 | 2);
    }
    writeString(run, plan.url);
    writer.uint32(1 << 3 | 2);
    return done;
  };
}

/** A well-known type in an `Any` is under the key `value`. */
export function valueEntry(
  node: MapNode,
  { typeName }: DescMessage,
  report: (rule: Rule, offset: number, message: string) => void,
): Node | undefined {
  for (const { key, offset } of node.entries) {
    if (key === "@type" || key === "value") continue;
    report(RULES.unknownField, offset, `an Any with ${typeName} has no field "${key}": only @type and value`);
  }
  return valueOf(node, "value");
}
