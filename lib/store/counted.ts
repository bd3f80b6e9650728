/**
 * A store whose calls are counted.
 *
 * @module
 */
import type { Blobs, Entry } from "./blobs.ts";

/** A call to a store, as metrics name it: a read that asks for a change only is a `get` too. */
export type Operation = "get" | "create" | "replace" | "list" | "remove";

/**
 * The same store. `observe` is told of each call when it ends: `error` when it rejected, `ok` otherwise, also for a key
 * that is not there and a write that somebody else was faster with. An iteration of a list is one call, and one that its
 * reader leaves early is `ok`; one that nobody begins is none.
 */
export function counted(blobs: Blobs, observe: (operation: Operation, result: "ok" | "error") => void): Blobs {
  async function call<T>(operation: Operation, act: () => Promise<T>): Promise<T> {
    let result: "ok" | "error" = "error";
    try {
      const answer = await act();
      result = "ok";
      return answer;
    } finally {
      observe(operation, result);
    }
  }
  async function* iterate(entries: () => AsyncIterable<Entry>): AsyncGenerator<Entry, void, undefined> {
    let result: "ok" | "error" = "ok";
    try {
      for await (const entry of entries()) yield entry;
    } catch (error) {
      result = "error";
      throw error;
    } finally {
      observe("list", result);
    }
  }
  return {
    url: blobs.url,
    get: (...given) => call("get", () => blobs.get(...given)),
    getIfChanged: (...given) => call("get", () => blobs.getIfChanged(...given)),
    create: (...given) => call("create", () => blobs.create(...given)),
    replace: (...given) => call("replace", () => blobs.replace(...given)),
    list: (...given) => ({ [Symbol.asyncIterator]: () => iterate(() => blobs.list(...given)) }),
    remove: (...given) => call("remove", () => blobs.remove(...given)),
    close: () => blobs.close(),
  };
}
