/**
 * Reading a snapshot for what is in it and not for serving it: the resources of one group and type after the other, as
 * bytes, and no more in memory than these. Everything is checked as in `read.ts`, but where resources came from, which is
 * not looked at.
 *
 * @module
 */
import type { Api } from "../../model/api.ts";
import type { Blobs } from "../blobs.ts";
import { indexChunk, type Kept, keptAt, type Place } from "./chunks.ts";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey, type LeftOut } from "./format.ts";
import { damaged } from "./pack.ts";
import { ReadAhead, type ReadAheadOptions } from "./read_ahead.ts";
import type { ResolvedManifests } from "./resolved.ts";

/** A resource as it is kept. Its `bytes` are part of a chunk, which they hold in memory. */
export interface KeptResource extends Kept {
  /** Type URL. */
  readonly type: string;
}

/** A group of a snapshot, of which no chunk is read yet. */
export interface StoredGroup {
  readonly name: string;
  /** How many it has, without those that are left out. */
  readonly resources: number;
  /** What it lacks because it was stored without secrets, or cannot be decrypted here. */
  readonly leftOut: readonly LeftOut[];
  /** Some of that is there, and an identity would decrypt it. */
  readonly sealed: boolean;
  readonly types: readonly KeptType[];
}

interface KeptType {
  readonly group: string;
  readonly type: string;
  readonly chunks: readonly ChunkEntry[];
}

/**
 * The groups of what a reference means, in order of name.
 *
 * @param decrypts Whether there are identities.
 */
export function keptGroups({ snapshots, manifests }: ResolvedManifests, decrypts: boolean): StoredGroup[] {
  const groups: StoredGroup[] = [];
  for (const [name, id] of snapshots) {
    const manifest = manifests.get(id.number);
    const entry = manifest?.groups[name];
    if (manifest === undefined || entry === undefined) continue;
    const leftOut = manifest.leftOut.filter(({ group }) => group === name);
    let anySealed = false;
    const types = Object.entries(entry.types).map(([type, { chunks }]) => {
      const sealed = decrypts ? [] : chunks.filter(({ encrypted }) => encrypted);
      anySealed ||= sealed.length > 0;
      leftOut.push(...sealed.flatMap(({ names = [] }) => names.map((secret) => ({ group: name, type, name: secret }))));
      return { group: name, type, chunks: chunks.filter((chunk) => !chunk.origins && !sealed.includes(chunk)) };
    });
    const resources = types.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.resources, 0);
    groups.push({ name, resources, leftOut, sealed: anySealed, types });
  }
  return groups.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Reads the types of groups, one after the other, in their order. Those without a resource are passed over.
 *
 * @throws {SnapshotError} that names the chunk: `damaged`; `absent`; `unknown-type` when the API lacks it; `identity` when
 * there are identities, and none fits
 * @throws {StoreError}
 */
export async function* readKept(
  blobs: Blobs,
  api: Api,
  groups: readonly StoredGroup[],
  options: ReadAheadOptions = {},
): AsyncGenerator<KeptSet> {
  const types = groups.flatMap((group) => group.types).filter(({ chunks }) => chunks.length > 0);
  const ahead = new ReadAhead(blobs, types.flatMap(({ chunks }) => chunks), options);
  try {
    for (const { group, type, chunks } of types) {
      const located: Located[] = [];
      for (const entry of chunks) {
        for (const each of openChunk(entry, type, await ahead.next())) located.push(each);
      }
      yield new KeptSet(api, group, type, located);
    }
  } finally {
    await ahead.close();
  }
}

interface ReadChunk {
  readonly entry: ChunkEntry;
  readonly bytes: Uint8Array;
}

function openChunk(entry: ChunkEntry, type: string, bytes: Uint8Array): Located[] {
  let chunk: ReturnType<typeof indexChunk>;
  try {
    chunk = indexChunk(bytes);
  } catch (error) {
    throw damaged(entry, error instanceof Error ? error.message : String(error), error);
  }
  const { places } = chunk;
  if (chunk.type !== type) throw damaged(entry, `it holds another type than ${type}`);
  if (places.length !== entry.resources) {
    throw damaged(entry, `it holds ${places.length} resources, and ${entry.resources} were written`);
  }
  const named = entry.names === undefined || entry.names.every((name, at) => places[at]?.name === name);
  if (!named) throw damaged(entry, "it holds other resources than the manifest names");
  const whole: ReadChunk = { entry, bytes };
  return places.map(({ name, start, end }) => ({ name, start, end, chunk: whole }));
}

/** A place, and the chunk that it is in. */
interface Located extends Place {
  readonly chunk: ReadChunk;
}

/** The resources of one type of a group, in order of name. */
export class KeptSet {
  readonly #api: Api;
  readonly group: string;
  readonly type: string;
  readonly #located: readonly Located[];
  #byName: ReadonlyMap<string, Located> | undefined;

  constructor(api: Api, group: string, type: string, located: readonly Located[]) {
    this.#api = api;
    this.group = group;
    this.type = type;
    this.#located = located.toSorted((a, b) => a.name < b.name ? -1 : 1);
    for (let at = 1; at < this.#located.length; at++) {
      const [before, here] = [this.#located[at - 1], this.#located[at]];
      if (here === undefined || before?.name !== here.name) continue;
      throw damaged(before.chunk.entry, `another chunk holds ${JSON.stringify(here.name)}, too`);
    }
  }

  get size(): number {
    return this.#located.length;
  }

  names(): string[] {
    return this.#located.map(({ name }) => name);
  }

  *[Symbol.iterator](): Generator<KeptResource> {
    for (const located of this.#located) yield this.#resource(located);
  }

  /**
   * What `make` makes of each resource, which has to read its message.
   *
   * @throws {SnapshotError} `damaged`, `unknown-type`: where `make` throws
   */
  *map<T>(make: (resource: KeptResource) => T): Generator<T> {
    for (const located of this.#located) yield this.#made(located, make);
  }

  /** The same for the resource of one name; undefined when it is not there. */
  get<T>(name: string, make: (resource: KeptResource) => T): T | undefined {
    this.#byName ??= new Map(this.#located.map((located) => [located.name, located]));
    const located = this.#byName.get(name);
    return located && this.#made(located, make);
  }

  #made<T>(located: Located, make: (resource: KeptResource) => T): T {
    try {
      return make(this.#resource(located));
    } catch (cause) {
      const unknown = this.#api.message(this.type.slice(this.type.lastIndexOf("/") + 1)) === undefined;
      const why = unknown
        ? `the API of Envoy ${this.#api.version} has no ${this.type}`
        : `a resource is no ${this.type}`;
      const key = chunkKey(located.chunk.entry.sha256);
      throw new SnapshotError(unknown ? "unknown-type" : "damaged", key, why, { cause });
    }
  }

  #resource(located: Located): KeptResource {
    const { name, bytes, ttl, aliases } = keptAt(located.chunk.bytes, located);
    return { type: this.type, name, bytes, ttl, aliases };
  }
}
