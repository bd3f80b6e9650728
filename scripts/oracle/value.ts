/**
 * A configuration that is to be changed in one place: a tree without text, which is printed as YAML with one key or item
 * on each line, so that every value has a line of its own.
 *
 * @module
 */
import type { Node } from "../../lib/model/codec/tree.ts";

export type Value = MapValue | ListValue | Scalar;

export interface MapValue {
  readonly kind: "map";
  readonly entries: readonly Pair[];
}

export interface Pair {
  readonly key: string;
  readonly value: Value;
}

export interface ListValue {
  readonly kind: "list";
  readonly items: readonly Value[];
}

/** `raw` is what stands in the text as it is, a number, `true`, `null`; the rest is quoted. */
export interface Scalar {
  readonly kind: "scalar";
  readonly text: string;
  readonly raw: boolean;
}

/** Indexes of children, from the root: of the entries of a map, of the items of a list. */
export type Path = readonly number[];

export function text(text: string): Scalar {
  return { kind: "scalar", text, raw: false };
}

export function raw(text: string): Scalar {
  return { kind: "scalar", text, raw: true };
}

export function map(entries: Readonly<Record<string, Value>>): MapValue {
  return { kind: "map", entries: Object.entries(entries).map(([key, value]) => ({ key, value })) };
}

export function list(items: readonly Value[]): ListValue {
  return { kind: "list", items };
}

/** Plain data as a value; `undefined` is left out. */
export function from(data: unknown): Value {
  if (Array.isArray(data)) return list(data.map(from));
  if (typeof data === "object" && data !== null) {
    const entries = Object.entries(data).filter(([, value]) => value !== undefined);
    return { kind: "map", entries: entries.map(([key, value]) => ({ key, value: from(value) })) };
  }
  return typeof data === "string" ? text(data) : raw(String(data));
}

/** A tree that was read from a text. */
export function fromNode(node: Node): Value {
  switch (node.kind) {
    case "map":
      return { kind: "map", entries: node.entries.map(({ key, value }) => ({ key, value: fromNode(value) })) };
    case "list":
      return list(node.items.map(fromNode));
    case "string":
      return text(node.text);
    case "null":
      return raw("null");
    default:
      return raw(node.text);
  }
}

export function get(value: Value | undefined, key: string): Value | undefined {
  if (value?.kind !== "map") return undefined;
  const camel = key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return value.entries.find((entry) => entry.key === key || entry.key === camel)?.value;
}

/** The text of a string; undefined for anything else. */
export function textOf(value: Value | undefined): string | undefined {
  return value?.kind === "scalar" && !value.raw ? value.text : undefined;
}

export function at(value: Value, path: Path): Value | undefined {
  let found: Value | undefined = value;
  for (const index of path) {
    if (found?.kind === "map") found = found.entries[index]?.value;
    else if (found?.kind === "list") found = found.items[index];
    else return undefined;
  }
  return found;
}

/** The same tree with another value at the path. */
export function replaced(root: Value, path: Path, by: (old: Value) => Value): Value {
  const [index, ...rest] = path;
  if (index === undefined) return by(root);
  if (root.kind === "scalar") throw new Error("The path leads through a scalar");
  if (root.kind === "list") {
    return { kind: "list", items: root.items.map((item, i) => i === index ? replaced(item, rest, by) : item) };
  }
  return {
    kind: "map",
    entries: root.entries.map((entry, i) =>
      i === index ? { key: entry.key, value: replaced(entry.value, rest, by) } : entry
    ),
  };
}

/** The values of one kind of collection are there twice: this is for what has both. */
export function children(value: Value): readonly Value[] {
  if (value.kind === "list") return value.items;
  return value.kind === "map" ? value.entries.map((entry) => entry.value) : [];
}
