/**
 * Stores with a history, for the tests of this room.
 *
 * @module
 */
import type { Api } from "../../model/api.ts";
import { Memory, MemoryBlobs } from "../testing.ts";
import { moveAccepted, type SnapshotId } from "./pointers.ts";
import { push } from "./push.ts";
import { cluster, content, pushing } from "./testing.ts";

/** Pushes snapshots; the content of each is told by a number of seconds, so that equal numbers are equal contents. */
export class Shelf {
  readonly memory = new Memory();
  readonly blobs = new MemoryBlobs(this.memory);
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async push(seconds: number, label?: string, blobs: MemoryBlobs = this.blobs): Promise<SnapshotId> {
    const groups = { edge: [cluster(this.#api, "a", seconds)] };
    const options = label === undefined ? pushing(this.#api) : pushing(this.#api, { label });
    const pushed = await push(blobs, content(groups), options);
    if (pushed.kind !== "pushed") throw new Error(`the push is ${pushed.kind}`);
    return { number: pushed.manifest.number, hash: pushed.hash };
  }

  /** A push that dies when its manifest is written. */
  async die(seconds: number): Promise<void> {
    let over = false;
    const fates = ({ method, key }: { readonly method: string; readonly key: string }) => {
      if (over) return "fail" as const;
      over = method === "create" && key.startsWith("snapshots/");
      return over ? "lost" as const : undefined;
    };
    await this.push(seconds, undefined, new MemoryBlobs(this.memory, fates)).then(
      () => Promise.reject(new Error("it lives")),
      () => {},
    );
  }

  async accept(group: string, id: SnapshotId): Promise<void> {
    await moveAccepted(this.blobs, new Map([[group, id]]));
  }

  /** Makes everything that is there two days older than what is written from now on. */
  age(): void {
    const longAgo = -2 * 24 * 60 * 60 * 1000;
    for (const [key, stored] of this.memory.keys) this.memory.keys.set(key, { ...stored, modifiedMs: longAgo });
  }

  truncate(key: string): void {
    this.memory.damage(key, (bytes) => bytes.subarray(0, bytes.length >> 1));
  }
}
