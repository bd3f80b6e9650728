/**
 * Rules of lists and maps, and of what is in them.
 *
 * @module
 */
import type { DescField } from "@bufbuild/protobuf";
import { EnumNames } from "../../model/codec/enums.ts";
import { clip } from "../../model/codec/scalars.ts";
import type { Step } from "../../model/codec/run.ts";
import type { Node } from "../../model/codec/tree.ts";
import type { MessageView } from "../../model/codec/view.ts";
import { type Fault, FIELD_RULE } from "./check.ts";
import type { Report } from "./compile.ts";
import { readDouble, readInteger } from "./numbers.ts";
import { numberOf, type Rules, rulesOf } from "./options.ts";
import { scalarCheck, valueCheck } from "./values.ts";

/** Checks a field that holds many values. */
export interface ContainerCheck {
  /** What is wrong when there are none. */
  readonly absent: Fault | undefined;
  look(view: MessageView, node: Node): void;
}

/** Checks a list, and what is in it. Lists in lists are one list, as in the codec. */
export function listCheck(
  field: DescField & { fieldKind: "list" },
  rules: Rules,
  secret: boolean,
  report: Report,
): ContainerCheck | undefined {
  const { name } = field;
  const size = sizeCheck(rules, "min_items", "max_items", "element", FIELD_RULE.listSize);
  const item = valueCheck(field, rulesOf(rules, "items") ?? {}, secret);
  const key = rules["unique"] === true ? keyReader(field) : undefined;
  if (size === undefined && item === undefined && key === undefined) return undefined;
  const flat = !LISTS.has(field.message?.typeName ?? "");
  const counted = item === undefined && key === undefined;
  const items = (node: Node, seen: Set<unknown>, view: MessageView, steps: readonly Step[]): number => {
    if (node.kind === "list" && (flat || steps.length === 1)) {
      let count = 0;
      for (const [i, each] of node.items.entries()) count += items(each, seen, view, [...steps, i]);
      return count;
    }
    const fault = item?.(node) ?? (key === undefined ? undefined : duplicate(key(node), seen));
    if (fault !== undefined) report(view, fault, `"${subject(steps)}"`, { offset: node.offset, steps: [...steps] });
    return 1;
  };
  return {
    absent: size?.(0),
    look(view, node) {
      const count = counted ? countOf(node, flat) : items(node, new Set(), view, [name]);
      const fault = size?.(count);
      if (fault !== undefined) report(view, fault, `"${name}"`, name);
    },
  };
}

/** Checks a map, its keys and its values. `no_sparse` is always so: a value that is null is an empty message. */
export function mapCheck(
  field: DescField & { fieldKind: "map" },
  rules: Rules,
  secret: boolean,
  report: Report,
): ContainerCheck | undefined {
  const { name } = field;
  const size = sizeCheck(rules, "min_pairs", "max_pairs", "entry", FIELD_RULE.mapSize);
  const keys = scalarCheck(field.mapKey, rulesOf(rules, "keys") ?? {}, secret);
  const values = valueCheck(field, rulesOf(rules, "values") ?? {}, secret);
  if (size === undefined && keys === undefined && values === undefined) return undefined;
  return {
    absent: size?.(0),
    look(view, node) {
      if (node.kind !== "map") return;
      const fault = size?.(node.entries.length);
      if (fault !== undefined) report(view, fault, `"${name}"`, name);
      for (const { key, offset, value } of node.entries) {
        const badKey = keys?.({ kind: "string", offset, text: key });
        if (badKey !== undefined) report(view, badKey, `a key of "${name}"`, { offset, steps: [name, { key }] });
        const badValue = values?.(value);
        if (badValue !== undefined) {
          report(view, badValue, `"${clip(key)}" in "${name}"`, { offset: value.offset, steps: [name, { key }] });
        }
      }
    },
  };
}

/** The elements of a list; those of a list in it too, where it is not an element. */
function countOf(node: Node, flat: boolean): number {
  if (node.kind !== "list") return 1;
  let count = 0;
  for (const each of node.items) count += flat ? countOf(each, true) : 1;
  return count;
}

/** Messages of which a list in a list is an element. */
const LISTS: ReadonlySet<string> = new Set(["google.protobuf.ListValue", "google.protobuf.Value"]);

function sizeCheck(
  rules: Rules,
  least: string,
  most: string,
  unit: string,
  rule: string,
): ((size: number) => Fault | undefined) | undefined {
  const min = numberOf(rules, least) ?? 0;
  const max = numberOf(rules, most) ?? Infinity;
  if (min === 0 && max === Infinity) return undefined;
  const ignoreEmpty = rules["ignore_empty"] === true;
  const counted = (count: number) =>
    count === 1 ? `1 ${unit}` : `${count} ${unit === "entry" ? "entries" : `${unit}s`}`;
  const wanted = min === max
    ? counted(min)
    : max === Infinity
    ? `at least ${counted(min)}`
    : min === 0
    ? `at most ${counted(max)}`
    : `${min} to ${counted(max)}`;
  return (size) => {
    if (size >= min && size <= max || ignoreEmpty && size === 0) return undefined;
    return { rule, must: `must have ${wanted}`, found: size === 0 ? undefined : counted(size) };
  };
}

/** What two elements are compared by; undefined for an element that cannot be read, or is like no other. */
function keyReader(field: DescField & { fieldKind: "list" }): (node: Node) => unknown {
  if (field.enum !== undefined) {
    const names = new EnumNames(field.enum);
    return (node) => names.read(node);
  }
  const own = (value: unknown) => Number.isNaN(value) ? undefined : value;
  switch (KINDS[field.scalar ?? 0]) {
    case "text":
      return (node) =>
        node.kind === "null" ? "" : node.kind === "string" || node.kind === "boolean" ? node.text : undefined;
    case "double":
      return (node) => own(readDouble(node));
    default:
      return (node) => readInteger(node);
  }
}

/** Scalar types that are compared as something else than whole numbers: double, float, bool, string, bytes. */
const KINDS: Readonly<Record<number, string>> = { 1: "double", 2: "double", 8: "text", 9: "text", 12: "text" };

function duplicate(key: unknown, seen: Set<unknown>): Fault | undefined {
  if (key === undefined) return undefined;
  if (seen.has(key)) {
    return { rule: FIELD_RULE.listUnique, must: "must be there only once", found: `${clip(String(key))} again` };
  }
  seen.add(key);
  return undefined;
}

function subject(steps: readonly Step[]): string {
  return steps.map((step) => typeof step === "number" ? `[${step}]` : step).join("");
}
