/**
 * `{ "resources": […] }` as JSON with an indent of one, an item at a time.
 *
 * @module
 */
import type { JsonObject } from "./envoy/json.ts";

/** The beginning, with what stands before the list. A list without any item is {@link NO_ITEMS} in the place of the end. */
export function listStart(before: Readonly<Record<string, string>>): string {
  return JSON.stringify({ ...before, resources: [] }, undefined, 1).slice(0, -"]\n}".length);
}

export function listItem(json: JsonObject, first: boolean): string {
  // As it stands in a list in a list, without these.
  const text = JSON.stringify([[json]], undefined, 1).slice("[\n [\n".length, -"\n ]\n]".length);
  return first ? `\n${text}` : `,\n${text}`;
}

export const LIST_END = "\n ]\n}\n";
export const NO_ITEMS = "]\n}\n";
