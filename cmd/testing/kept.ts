/**
 * Resources as a pull reads them.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import type { Api } from "../../lib/model/api.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { encodeChunk } from "../../lib/store/snapshot/chunks.ts";
import { chunkKey } from "../../lib/store/snapshot/format.ts";
import { type KeptSet, readKept } from "../../lib/store/snapshot/kept.ts";
import { sha256 } from "../../lib/store/snapshot/pack.ts";
import { Memory, MemoryBlobs } from "../../lib/store/testing.ts";

/** A chunk for each type of a group. */
export async function keptSets(api: Api, group: string, resources: readonly Resource[]): Promise<KeptSet[]> {
  const memory = new Memory();
  const types = Array.from(Map.groupBy(resources, ({ type }) => type), ([type, list]) => {
    const sorted = list.toSorted((a, b) => a.name < b.name ? -1 : 1);
    const bytes = encodeChunk({ type, resources: sorted });
    const hash = sha256(bytes);
    memory.put(chunkKey(hash), gzipSync(bytes));
    return { group, type, chunks: [{ sha256: hash, resources: list.length, bytes: bytes.length, stored: 1 }] };
  });
  const whole = { name: group, resources: resources.length, leftOut: [], sealed: false, types };
  return await Array.fromAsync(readKept(new MemoryBlobs(memory), api, [whole]));
}
