/**
 * What YAML and JSON have in common: a tree of maps, lists and scalars, in which everything knows where it stands in the
 * text. An alias is the node that it names, so a node may be in the tree more than once.
 *
 * @module
 */

import type { Found } from "./collect.ts";
import type { MessagePlan } from "./plan.ts";

export type Node = MapNode | ListNode | ScalarNode;

/** Keys are in the order of the text and all different: of a duplicate, the last one is kept. */
export interface MapNode {
  readonly kind: "map";
  readonly offset: number;
  readonly entries: readonly Entry[];
  /** Behind its last letter, where all that it says stands between the two; else 0. */
  readonly end: number;
  /** The message that it was read as last, and the fields that it sets as that: checks look at them again and again. */
  plan: MessagePlan | undefined;
  found: Found[] | undefined;
}

export interface Entry {
  readonly key: string;
  /** Where the key is; the value has its own. */
  readonly offset: number;
  readonly value: Node;
}

export interface ListNode {
  readonly kind: "list";
  readonly offset: number;
  readonly items: readonly Node[];
}

/**
 * A scalar after the rules of its language were applied. {@link text} is the string, `true` or `false`, or the number in
 * decimal; of `null` it is empty.
 */
export interface ScalarNode {
  readonly kind: "string" | "number" | "boolean" | "null";
  readonly offset: number;
  readonly text: string;
}

/** Levels of maps and lists that Envoy's reader takes (protobuf's JSON parser stops there). */
export const MAX_DEPTH = 100;

/** A map of its own, with room for what is found in it, which costs less than to make room later. */
export function mapNode(offset: number, entries: readonly Entry[], end = 0): MapNode {
  return { kind: "map", offset, entries, end, plan: undefined, found: undefined };
}

/** A list literal for messages: `a map`, `a string`. */
export function describe(node: Node): string {
  return node.kind === "null" ? "null" : `a ${node.kind}`;
}

/** The value of a key as it is written, or undefined. */
export function valueOf(node: MapNode, key: string): Node | undefined {
  for (const entry of node.entries) if (entry.key === key) return entry.value;
  return undefined;
}

/** Drops all but the last entry of each key, and tells `report` of the later one of each pair. */
export function withoutDuplicates(entries: Entry[], report: (entry: Entry) => void): Entry[] {
  if (!hasDuplicates(entries)) return entries;
  const last = new Map<string, Entry>();
  for (const entry of entries) {
    if (last.has(entry.key)) report(entry);
    last.set(entry.key, entry);
  }
  return entries.filter((entry) => last.get(entry.key) === entry);
}

function hasDuplicates(entries: Entry[]): boolean {
  const count = entries.length;
  if (count > 24) return new Set(entries.map((entry) => entry.key)).size !== count;
  for (let i = 1; i < count; i++) {
    for (let j = 0; j < i; j++) if (entries[i]?.key === entries[j]?.key) return true;
  }
  return false;
}
