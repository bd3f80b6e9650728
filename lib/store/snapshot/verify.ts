/**
 * Whether everything in a store is what was written: re-reads all of it, each chunk once.
 *
 * Encrypted chunks are checked as they are stored; no identity is needed.
 *
 * @module
 */
import { type Blobs, StoreError } from "../blobs.ts";
import { eachAtOnce } from "./at_once.ts";
import { SnapshotError } from "./error.ts";
import { ACCEPTED, type ChunkEntry, CHUNKS, LATEST, LIMITS, manifestKey } from "./format.ts";
import { chunksOf } from "./history.ts";
import { checkStored, unpack } from "./pack.ts";
import { type Found, type Pointers, signalled, survey, type SurveyOptions } from "./survey.ts";

/** Something that is not what it should be. */
export interface Defect {
  readonly key: string;
  /** `missing`: it is not there. `damaged`: it is not what was written. `unknown`: this xcp cannot read it. */
  readonly kind: "missing" | "damaged" | "unknown";
  /** The state, as it follows the colon of a message. */
  readonly why: string;
  /** Numbers of the snapshots that cannot be read because of it, newest first. */
  readonly snapshots: readonly number[];
  /** What of it clients would be served: a pointer names the pointer itself, or one of the snapshots. */
  readonly pointers: readonly ("latest" | "accepted")[];
}

export interface Verified {
  /** In order of key. Empty when all is well. */
  readonly defects: readonly Defect[];
  readonly snapshots: number;
  /** Chunks that snapshots need, each once, and their bytes as they are stored. */
  readonly chunks: number;
  readonly bytes: number;
  /** Snapshots that no pointer ever named, and chunks that no other snapshot needs: no defect, `prune` removes them. */
  readonly unneeded: { readonly snapshots: readonly number[]; readonly chunks: number; readonly bytes: number };
}

/**
 * Reads everything. What is damaged is part of the answer.
 *
 * @throws {StoreError} when the store cannot be read
 */
export async function verify(blobs: Blobs, { signal, onProgress }: SurveyOptions = {}): Promise<Verified> {
  const { pointers, snapshots } = await survey(blobs, signalled(signal));
  const needs = new Map<string, { readonly entry: ChunkEntry; readonly snapshots: number[] }>();
  for (const { number, read, named } of snapshots) {
    // Of a push that died, or gave way to another, a prune may have taken chunks. Without the pointer all may count.
    if (!named && pointers.latest !== undefined) continue;
    for (const [key, entry] of read === undefined ? [] : chunksOf(read.manifest)) {
      const need = needs.get(key);
      if (need === undefined) needs.set(key, { entry, snapshots: [number] });
      else need.snapshots.push(number);
    }
  }
  const unneeded = {
    snapshots: snapshots.filter(({ named }) => !named).map(({ number }) => number),
    chunks: 0,
    bytes: 0,
  };
  for await (const { key, size } of blobs.list(CHUNKS, signalled(signal))) {
    if (needs.has(key)) continue;
    unneeded.chunks++;
    unneeded.bytes += size;
  }

  const defects = [...pointerDefects(pointers, snapshots), ...manifestDefects(pointers, snapshots)];
  let [done, bytes] = [0, 0];
  await eachAtOnce(needs, async ([key, { entry, snapshots }]) => {
    const { size, fault } = await check(blobs, key, entry, signal);
    bytes += size;
    if (fault !== undefined) defects.push({ key, ...fault, snapshots, pointers: among(pointers, snapshots) });
    onProgress?.(++done, needs.size);
  }, AT_ONCE);
  defects.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
  return { defects, snapshots: snapshots.length, chunks: needs.size, bytes, unneeded };
}

/** Chunks in memory at one time. */
const AT_ONCE = 8;

type Fault = Pick<Defect, "kind" | "why">;

async function check(blobs: Blobs, key: string, entry: ChunkEntry, signal: AbortSignal | undefined) {
  try {
    const blob = await blobs.get(key, { limit: LIMITS.stored, ...signalled(signal) });
    if (blob === undefined) return { size: 0, fault: MISSING };
    checkStored(entry, blob.bytes);
    if (!entry.encrypted) await unpack(entry, blob.bytes);
    return { size: blob.bytes.length, fault: undefined };
  } catch (error) {
    return { size: 0, fault: faultOf(error) };
  }
}

const MISSING: Fault = { kind: "missing", why: "it is not there" };

/** Damage of the disk under a store is damage of one key; everything else is a failure of the whole. */
function faultOf(error: unknown): Fault {
  if (error instanceof SnapshotError) return { kind: "damaged", why: error.why };
  if (error instanceof StoreError && error.fault === "too-large") {
    return { kind: "damaged", why: `it is more than ${LIMITS.stored} bytes` };
  }
  throw error;
}

function pointerDefects({ latest, accepted, damaged }: Pointers, snapshots: readonly Found[]): Defect[] {
  const byNumber = new Map(snapshots.map((one) => [one.number, one]));
  const defects: Defect[] = damaged.map(({ key, fault, why }) => ({
    key,
    kind: fault === "later-format" ? "unknown" : "damaged",
    why,
    snapshots: [],
    pointers: [key === LATEST ? "latest" : "accepted"],
  }));
  const named = [
    ...(latest === undefined ? [] : [{ key: LATEST, whose: "", ...latest }]),
    ...Object.entries(accepted?.groups ?? {}).map(([group, id]) => ({
      key: ACCEPTED,
      whose: ` for group ${JSON.stringify(group)}`,
      ...id,
    })),
  ];
  for (const { key, whose, number, hash } of named) {
    const found = byNumber.get(number);
    const pointers = [key === LATEST ? "latest" : "accepted"] as const;
    if (found === undefined) {
      const why = `it names snapshot ${number}${whose}, which is not there`;
      defects.push({ key, kind: "missing", why, snapshots: [number], pointers });
    } else if (found.read !== undefined && found.read.hash !== hash) {
      const why = `it names snapshot ${number}${whose} with another hash`;
      defects.push({ key, kind: "damaged", why, snapshots: [number], pointers });
    }
  }
  if (latest === undefined && !damaged.some(({ key }) => key === LATEST) && snapshots.some(isOld)) {
    defects.push({ key: LATEST, ...MISSING, snapshots: [], pointers: ["latest"] });
  }
  return defects;
}

/** A first push that died leaves a snapshot without a pointer, a second one has a parent that was named. */
function isOld({ read }: Found): boolean {
  return read !== undefined && read.manifest.parent !== null;
}

function manifestDefects(pointers: Pointers, snapshots: readonly Found[]): Defect[] {
  const hashes = new Map(snapshots.map(({ number, read }) => [number, read?.hash]));
  return snapshots.flatMap(({ number, read, damage }): Defect[] => {
    const about = { key: manifestKey(number), snapshots: [number], pointers: among(pointers, [number]) };
    if (damage !== undefined) {
      return [{ ...about, kind: damage.fault === "later-format" ? "unknown" : "damaged", why: damage.why }];
    }
    // The chain of hashes: what a snapshot says of its parent, if that is still there.
    const parent = read?.manifest.parent ?? undefined;
    const hash = parent && hashes.get(parent.number);
    if (parent === undefined || hash === undefined || hash === parent.hash) return [];
    const key = manifestKey(parent.number);
    const why = `snapshot ${number} names it as its parent with another hash`;
    return [{ key, kind: "damaged", why, snapshots: [parent.number], pointers: among(pointers, [parent.number]) }];
  });
}

function among({ latest, accepted }: Pointers, numbers: readonly number[]): ("latest" | "accepted")[] {
  const taken = Object.values(accepted?.groups ?? {}).map(({ number }) => number);
  const names: ("latest" | "accepted")[] = [];
  if (latest !== undefined && numbers.includes(latest.number)) names.push("latest");
  if (numbers.some((number) => taken.includes(number))) names.push("accepted");
  return names;
}
