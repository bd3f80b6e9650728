/**
 * What the functions of an adapter return, looked at before it is sent: here the author can be told in their words.
 *
 * @module
 */
import { inspect } from "node:util";
import type { Definition } from "../protocol.ts";

/** Definitions in one message. */
const BATCH = 500;

/** What `list` returns, in batches: an iterable or an async iterable, or a promise of one. */
export async function* definitions(listed: unknown): AsyncGenerator<Definition[]> {
  let batch: Definition[] = [];
  for await (const item of iterable(await listed)) {
    batch.push(definition(item));
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function iterable(listed: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  if (typeof listed === "object" && listed !== null) {
    if (isAsyncIterable(listed) || isIterable(listed)) return listed;
  }
  throw new Error(`list returned ${brief(listed)}, and not definitions one can iterate over`);
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value;
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function definition(item: unknown): Definition {
  if (typeof item === "object" && item !== null && "group" in item && "id" in item) {
    const { group, id } = item;
    if (typeof group === "string" && typeof id === "string") return { group, id };
  }
  throw new Error(`list has ${brief(item)}, and not { group, id }, both strings`);
}

/** What `generate` returns: the resources, or null when the group is no more. */
export function resources(generated: unknown): unknown {
  if (generated === null || Array.isArray(generated)) return generated;
  throw new Error(`generate returned ${brief(generated)}, and neither a list of resources nor null`);
}

/** A value in a few words. */
function brief(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity, maxStringLength: 60 });
}
