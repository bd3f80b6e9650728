/**
 * Which resources share a chunk. Chunks are the leaves of a tree over the bits of a hash of each name: a leaf that is too
 * large is two. So where a resource belongs depends on its name and on the size of its neighbours alone: one that comes,
 * goes or changes touches its own leaf, which at most becomes two or one with its neighbour, and never the others.
 * The same resources make the same chunks, whatever led there.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Resource } from "../../model/resource.ts";
import { CHUNK_TARGET } from "./format.ts";

/** Bits of the hash that tell names apart. What has the same stays together, whatever its size. */
const BITS = 32;
/** Bytes that a resource takes beside its name and message, about. */
const FRAME = 16;

interface Placed {
  readonly resource: Resource;
  readonly place: number;
  readonly size: number;
}

/** The resources of each chunk, in order of name (code units), chunks in order of hash. */
export function partition(resources: Iterable<Resource>, target: number = CHUNK_TARGET): Resource[][] {
  const placed = Array.from(resources, (resource) => ({
    resource,
    place: parseInt(hash("sha256", resource.name, "hex").slice(0, BITS / 4), 16),
    size: resource.bytes.length + resource.name.length + FRAME,
  }));
  return leaves(placed, BITS - 1, target).map((leaf) =>
    leaf.map(({ resource }) => resource).sort((a, b) => a.name < b.name ? -1 : 1)
  );
}

function leaves(placed: readonly Placed[], bit: number, target: number): (readonly Placed[])[] {
  if (placed.length === 0) return [];
  const size = placed.reduce((sum, { size }) => sum + size, 0);
  if (placed.length === 1 || size <= target || bit < 0) return [placed];
  const low: Placed[] = [];
  const high: Placed[] = [];
  for (const each of placed) (each.place >>> bit & 1 ? high : low).push(each);
  return [...leaves(low, bit - 1, target), ...leaves(high, bit - 1, target)];
}
