/**
 * Groups out of one snapshot or several.
 *
 * @module
 */
import type { Api } from "../model/api.ts";
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";
import type { Content } from "../store/snapshot/content.ts";
import { SnapshotError } from "../store/snapshot/error.ts";
import { record } from "../store/snapshot/fields.ts";
import { type GroupEntry, type LeftOut, type Manifest, manifestKey } from "../store/snapshot/format.ts";
import { lacksOf, namedText, waitingText } from "../store/snapshot/lacks.ts";
import type { SnapshotId } from "../store/snapshot/pointers.ts";
import { readContent } from "../store/snapshot/read.ts";
import type { Chosen, Manifests } from "./manifests.ts";

/** A group as it was read. */
export interface TakenGroup {
  readonly id: SnapshotId;
  /** When the snapshot was stored; milliseconds since the epoch. */
  readonly since: number;
  readonly resources: readonly Resource[];
  /** A warning for each resource that is left out. */
  readonly lacks: readonly Issue[];
  /** What it was made of: equal for equal content. */
  readonly made: string;
  /** SHA-256 of its chunks. */
  readonly chunks: readonly string[];
}

/** How groups are read. */
export interface Reading {
  readonly manifests: Manifests;
  readonly api: Api;
  readonly identities: readonly string[];
  readonly signal: AbortSignal;
  /** What was made of chunks, by SHA-256. Grows by what is read; the owner takes out what is of no use any more. */
  readonly cache: Map<string, readonly Resource[]>;
  /** What was read before: a group with the same content is the same list of the same objects. */
  readonly known: ReadonlyMap<string, TakenGroup>;
}

/**
 * Reads groups, each from a snapshot of its own, or none.
 *
 * @throws {SnapshotError} when any of them, or a part of it, is not what was written
 * @throws {StoreError}
 */
export async function readGroups(
  plan: ReadonlyMap<string, Chosen>,
  reading: Reading,
): Promise<Map<string, TakenGroup>> {
  const taken = new Map<string, TakenGroup>();
  const fresh = new Map<string, GroupEntry>();
  const leftOut: LeftOut[] = [];
  for (const [group, { id, manifest }] of [...plan].sort(([a], [b]) => a < b ? -1 : 1)) {
    const entry = manifest.groups[group];
    if (entry === undefined) {
      throw new SnapshotError("damaged", manifestKey(id.number), `it has no group ${JSON.stringify(group)}`);
    }
    const without = manifest.leftOut.filter((one) => one.group === group);
    const made = JSON.stringify([entry, without]);
    const before = reading.known.get(group);
    const since = Date.parse(manifest.time);
    if (before?.made === made) {
      taken.set(group, { ...before, id, since });
      continue;
    }
    fresh.set(group, entry);
    leftOut.push(...without);
    const chunks = Object.values(entry.types).flatMap((type) => type.chunks.map(({ sha256 }) => sha256));
    taken.set(group, { id, since, made, chunks, resources: [], lacks: [] });
  }
  const [first] = plan.values();
  if (first === undefined || fresh.size === 0) return taken;
  // Read at once, as if it were one snapshot, so that what groups share is read once.
  const content = await contentOf({ ...first.manifest, groups: record(fresh), leftOut }, reading);
  const lacks = Map.groupBy(lackIssues(content, leftOut), ({ group }) => group);
  for (const group of fresh.keys()) {
    const one = taken.get(group);
    if (one === undefined) continue;
    const before = reading.known.get(group);
    const resources = keepSame(before?.resources ?? [], content.groups.get(group) ?? []);
    shareCached(reading.cache, one.chunks, resources);
    const missing = (lacks.get(group) ?? []).map(({ issue }) => issue);
    const alike = before !== undefined && JSON.stringify(before.lacks) === JSON.stringify(missing);
    taken.set(group, { ...one, resources, lacks: alike ? before.lacks : missing });
  }
  return taken;
}

interface Opened extends Content {
  /** Why what is encrypted was not decrypted. */
  readonly closed: string;
}

/** Secrets that cannot be decrypted are left out: everything else is no less good for it. */
async function contentOf(manifest: Manifest, { manifests, api, identities, signal, cache }: Reading): Promise<Opened> {
  // A read leaves in its cache what its manifest has, and nothing else.
  const chunks = new Map(cache);
  const read = (keys: readonly string[]) =>
    readContent(manifests.blobs, api, manifest, { identities: keys, signal, cache: chunks });
  try {
    try {
      return { ...await read(identities), closed: "it is encrypted, and there is no identity" };
    } catch (error) {
      if (!(error instanceof SnapshotError && error.fault === "identity")) throw error;
      return { ...await read([]), closed: "it is encrypted, and none of the identities is of its recipients" };
    }
  } finally {
    // Also after a failure: what is missing may come, and the rest need not be read again.
    for (const [sha256, resources] of chunks) cache.set(sha256, resources);
  }
}

interface LackIssue {
  readonly group: string;
  readonly issue: Issue;
}

function lackIssues(content: Opened, stored: readonly LeftOut[]): LackIssue[] {
  const without = new Set(stored.map((one) => JSON.stringify([one.group, one.type, one.name])));
  return lacksOf(content).map((lack) => {
    const { group, type, name } = lack;
    const stays = without.has(JSON.stringify([group, type, name]));
    const why = stays ? "the snapshot was stored without it" : content.closed;
    const what = namedText(lack);
    const message = `${what.charAt(0).toUpperCase()}${what.slice(1)} is left out: ${why}${waitingText(lack)}`;
    return { group, issue: { path: "", rule: "secret-left-out", severity: "warning", message } };
  });
}

/** The new list, with the objects of the old one where they say the same; the old one when all do. */
function keepSame(before: readonly Resource[], after: readonly Resource[]): readonly Resource[] {
  if (before.length === 0) return after;
  const known = new Map(before.map((resource) => [`${resource.type}\n${resource.name}`, resource]));
  const kept = after.map((resource) => {
    const same = known.get(`${resource.type}\n${resource.name}`);
    return same !== undefined && same.version === resource.version && sameOrigin(same, resource) ? same : resource;
  });
  return kept.length === before.length && kept.every((one, place) => one === before[place]) ? before : kept;
}

function sameOrigin({ origin: a }: Resource, { origin: b }: Resource): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.layer === b.layer && a.file === b.file && a.line === b.line && a.column === b.column;
}

/** What is served is what is cached: bytes are held once, and the next read finds the same objects. */
function shareCached(
  cache: Map<string, readonly Resource[]>,
  chunks: readonly string[],
  resources: readonly Resource[],
): void {
  const served = new Map(resources.map((resource) => [`${resource.type}\n${resource.name}`, resource]));
  for (const sha256 of chunks) {
    const cached = cache.get(sha256);
    if (cached === undefined) continue;
    cache.set(sha256, cached.map((one) => served.get(`${one.type}\n${one.name}`) ?? one));
  }
}
