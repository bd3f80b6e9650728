/**
 * The snapshots of a store, as `xcp snapshot log` tells them.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import { type ChunkEntry, chunkKey, type Manifest } from "./format.ts";
import { type Pointers, survey, type SurveyOptions } from "./survey.ts";

/** One snapshot. Of a damaged one only the number and `damaged` are known. */
export interface HistoryEntry {
  readonly number: number;
  /** SHA-256 of the manifest, in hex. */
  readonly hash: string | null;
  readonly label: string | null;
  /** RFC 3339, UTC. */
  readonly time: string | null;
  /** Number of the snapshot before; null for the first. */
  readonly parent: number | null;
  /** How many groups. */
  readonly groups: number | null;
  readonly resources: number | null;
  /** Bytes of its chunks as they are stored, each once; other snapshots may share them. */
  readonly bytes: number | null;
  /** `latest`, `accepted`: those that name it now. */
  readonly pointers: readonly ("latest" | "accepted")[];
  /** The number that it repeats, of a rollback. */
  readonly rollbackOf?: number;
  /** No pointer ever named it: its push died, or is under way. */
  readonly unfinished?: true;
  /** Why it cannot be read. */
  readonly damaged?: string;
}

/**
 * All snapshots, newest first.
 *
 * @throws {StoreError} when the store cannot be read
 */
export async function history(blobs: Blobs, options: SurveyOptions = {}): Promise<HistoryEntry[]> {
  const { pointers, snapshots } = await survey(blobs, options);
  return snapshots.map(({ number, read, damage, named }) => ({
    number,
    hash: read?.hash ?? null,
    ...(read === undefined ? UNREADABLE : told(read.manifest)),
    pointers: pointersTo(pointers, number),
    ...(named ? {} : { unfinished: true }),
    ...(damage === undefined ? {} : { damaged: damage.why }),
  }));
}

const UNREADABLE = { label: null, time: null, parent: null, groups: null, resources: null, bytes: null };

function told(manifest: Manifest) {
  const { label, time, parent, groups, provenance: { rollbackOf } } = manifest;
  let resources = 0;
  for (const { types } of Object.values(groups)) {
    for (const type of Object.values(types)) resources += type.resources;
  }
  let bytes = 0;
  for (const { stored } of chunksOf(manifest).values()) bytes += stored;
  return {
    label,
    time,
    parent: parent?.number ?? null,
    groups: Object.keys(groups).length,
    resources,
    bytes,
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
  };
}

/** Which pointers name a snapshot now; `accepted` as soon as one group's clients have it. */
export function pointersTo({ latest, accepted }: Pointers, number: number): ("latest" | "accepted")[] {
  const names: ("latest" | "accepted")[] = [];
  if (latest?.number === number) names.push("latest");
  if (Object.values(accepted?.groups ?? {}).some((one) => one.number === number)) names.push("accepted");
  return names;
}

/** The chunks that a snapshot is made of, by key, each once. */
export function chunksOf({ groups }: Pick<Manifest, "groups">): Map<string, ChunkEntry> {
  const chunks = new Map<string, ChunkEntry>();
  for (const { types } of Object.values(groups)) {
    for (const type of Object.values(types)) for (const chunk of type.chunks) chunks.set(chunkKey(chunk.sha256), chunk);
  }
  return chunks;
}
