/**
 * From a store to manifests and resources, everything checked: a manifest against the hash in its pointer, a chunk against
 * the SHA-256 in its manifest, and what is in it against what the manifest says.
 *
 * @module
 */
import type { Api } from "../../model/api.ts";
import { readBytes } from "../../model/codec/restore.ts";
import type { Origin, Resource } from "../../model/resource.ts";
import type { Blobs } from "../blobs.ts";
import { decrypt } from "./age.ts";
import { eachAtOnce } from "./at_once.ts";
import { Budget } from "./budget.ts";
import { decodeChunk } from "./chunks.ts";
import type { Content } from "./content.ts";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey, type LeftOut, LIMITS, type Manifest, manifestKey } from "./format.ts";
import { decodeOrigins } from "./origins.ts";
import { checkStored, damaged, sha256, unpack } from "./pack.ts";
import { parseManifest } from "./parse.ts";

/** A manifest as it was read. */
export interface ReadManifest {
  readonly manifest: Manifest;
  /** SHA-256 of its bytes, in hex. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * The manifest under a number; undefined when it is not there.
 *
 * @param options.hash What its SHA-256 must be, where a pointer says so.
 * @throws {SnapshotError} `damaged` or `later-format`
 * @throws {StoreError}
 */
export async function readManifest(
  blobs: Blobs,
  number: number,
  { hash, ...options }: { readonly hash?: string; readonly signal?: AbortSignal } = {},
): Promise<ReadManifest | undefined> {
  const blob = await blobs.get(manifestKey(number), { limit: LIMITS.manifest, ...options });
  if (blob === undefined) return undefined;
  const actual = sha256(blob.bytes);
  if (hash !== undefined && hash !== actual) {
    throw new SnapshotError("damaged", manifestKey(number), "its SHA-256 differs from what the pointer says");
  }
  return { manifest: parseManifest(number, blob.bytes), hash: actual, size: blob.bytes.length };
}

export interface ReadContentOptions {
  /** age identities; without any, what is encrypted is left out, and the content says so. */
  readonly identities?: readonly string[];
  /** Only these groups; those that the manifest does not have are passed over. */
  readonly groups?: Iterable<string>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number) => void;
  /**
   * What earlier reads made of chunks, by SHA-256: a follower hands the same map in each time, and reads only what is
   * new. Afterwards it holds what this manifest has, and nothing else.
   */
  readonly cache?: Map<string, readonly Resource[]>;
}

/** Chunks that are read at once. */
const AT_ONCE = 8;
/** Bytes of chunks, compressed and not, that are in memory at once; one that is larger is there alone. */
const IN_FLIGHT = 64 * 1024 * 1024;

/**
 * The resources of a snapshot.
 *
 * @throws {SnapshotError} that names the chunk: `damaged`; `absent`; `unknown-type` when the API lacks it; `identity` when
 * there are identities, and none fits
 * @throws {StoreError}
 */
export async function readContent(
  blobs: Blobs,
  api: Api,
  manifest: Manifest,
  options: ReadContentOptions = {},
): Promise<Content> {
  const { identities = [], cache = new Map<string, readonly Resource[]>() } = options;
  const wanted = options.groups === undefined ? undefined : new Set(options.groups);
  const groups = Object.entries(manifest.groups).filter(([name]) => wanted === undefined || wanted.has(name));
  const chunks = new Map<string, readonly [type: string, entry: ChunkEntry]>();
  for (const [, { types }] of groups) {
    for (const [type, { chunks: entries }] of Object.entries(types)) {
      for (const entry of entries) {
        if (!entry.encrypted || identities.length > 0) chunks.set(entry.sha256, [type, entry]);
      }
    }
  }
  const origins = new Map<string, ReadonlyMap<string, Origin>>();
  const budget = new Budget(IN_FLIGHT);
  let done = 0;
  await eachAtOnce([...chunks.values()], async ([type, entry]) => {
    if (entry.origins || !cache.has(entry.sha256)) {
      await budget.use(entry.bytes + entry.stored, async () => {
        const bytes = await readChunk(blobs, entry, options);
        if (entry.origins) origins.set(entry.sha256, whole(entry, type, () => decodeOrigins(bytes)).origins);
        else cache.set(entry.sha256, restore(api, entry, type, bytes));
      });
    }
    options.onProgress?.(++done, chunks.size);
  }, AT_ONCE);
  for (const key of cache.keys()) if (!chunks.has(key)) cache.delete(key);

  const leftOut: LeftOut[] = manifest.leftOut.filter(({ group }) => wanted === undefined || wanted.has(group));
  const made = new Map<string, readonly Resource[]>();
  for (const [group, { types }] of groups) {
    const resources: Resource[] = [];
    for (const [type, { chunks: entries }] of Object.entries(types)) {
      for (const { encrypted, names = [] } of entries) {
        if (encrypted && identities.length === 0) leftOut.push(...names.map((name) => ({ group, type, name })));
      }
      for (const resource of assemble(type, entries, cache, origins)) resources.push(resource);
    }
    made.set(group, resources);
  }
  return { groups: made, rules: manifest.rules, leftOut };
}

/**
 * The bytes of a chunk, before compression. Without identities, one that is encrypted is checked as it is stored, and
 * given back so.
 *
 * @throws {SnapshotError} as {@link readContent}
 * @throws {StoreError}
 */
export async function readChunk(
  blobs: Blobs,
  entry: ChunkEntry,
  { identities = [], signal }: Pick<ReadContentOptions, "identities" | "signal"> = {},
): Promise<Uint8Array> {
  const key = chunkKey(entry.sha256);
  const limit = LIMITS.stored;
  const blob = await blobs.get(key, signal === undefined ? { limit } : { limit, signal });
  if (blob === undefined) throw new SnapshotError("absent", key, "it is not there");
  checkStored(entry, blob.bytes);
  if (!entry.encrypted) return await unpack(entry, blob.bytes);
  if (identities.length === 0) return blob.bytes;
  const opened = await decrypt(blob.bytes, identities);
  if (opened.kind === "bytes") return await unpack(entry, opened.bytes);
  if (opened.kind === "damaged") throw damaged(entry, "it cannot be decrypted", opened.cause);
  throw new SnapshotError("identity", key, "none of the identities is of its recipients", { action: "Cannot decrypt" });
}

/** What a reader makes of the bytes of a chunk, of the type that it should be of. */
function whole<T extends { readonly type: string }>(entry: ChunkEntry, type: string, decode: () => T): T {
  let made: T;
  try {
    made = decode();
  } catch (error) {
    throw damaged(entry, error instanceof Error ? error.message : String(error), error);
  }
  if (made.type !== type) throw damaged(entry, `it holds another type than ${type}`);
  return made;
}

function restore(api: Api, entry: ChunkEntry, type: string, bytes: Uint8Array): readonly Resource[] {
  const { resources } = whole(entry, type, () => decodeChunk(bytes));
  if (resources.length !== entry.resources) {
    throw damaged(entry, `it holds ${resources.length} resources, and ${entry.resources} were written`);
  }
  const named = entry.names === undefined || entry.names.every((name, place) => resources[place]?.name === name);
  if (!named) throw damaged(entry, "it holds other resources than the manifest names");
  return resources.map(({ name, bytes, ttl, aliases }) => {
    try {
      return readBytes(api, type, name, bytes, { ttl, aliases });
    } catch (cause) {
      const unknown = api.message(type.slice(type.lastIndexOf("/") + 1)) === undefined;
      const why = unknown ? `the API of Envoy ${api.version} has no ${type}` : `a resource is no ${type}`;
      throw new SnapshotError(unknown ? "unknown-type" : "damaged", chunkKey(entry.sha256), why, { cause });
    }
  });
}

/** The resources of one type, in order of name. */
function assemble(
  type: string,
  entries: readonly ChunkEntry[],
  chunks: ReadonlyMap<string, readonly Resource[]>,
  origins: ReadonlyMap<string, ReadonlyMap<string, Origin>>,
): Resource[] {
  const from = entries.map(({ sha256 }) => origins.get(sha256)).find((found) => found !== undefined);
  const resources: Resource[] = [];
  for (const entry of entries) {
    const chunk = chunks.get(entry.sha256) ?? [];
    // One entry was checked when its chunk was read; another may name the same chunk, and say something else of it.
    const wrong = chunk.find((resource) => resource.type !== type) ??
      (chunk.length > 0 && chunk.length !== entry.resources);
    if (wrong) throw damaged(entry, `it holds something else than ${entry.resources} of ${type}`);
    for (const resource of chunk) resources.push(placed(resource, from?.get(resource.name)));
  }
  resources.sort((a, b) => a.name < b.name ? -1 : 1);
  for (let place = 1; place < resources.length; place++) {
    const { name } = resources[place] ?? {};
    if (name === resources[place - 1]?.name) {
      throw damaged(entries[0] ?? { sha256: "" }, `another chunk holds ${JSON.stringify(name)}, too`);
    }
  }
  return resources;
}

/** The same resource, and where it came from; chunks that stay are kept, and lines move. */
function placed(resource: Resource, origin: Origin | undefined): Resource {
  const { origin: before } = resource;
  const same = before === origin || before !== undefined && origin !== undefined && before.file === origin.file &&
      before.line === origin.line && before.column === origin.column && before.layer === origin.layer;
  return same ? resource : { ...resource, origin };
}
