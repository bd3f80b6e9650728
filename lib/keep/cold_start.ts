/**
 * The start without sources: what was stored of an earlier time, from the first place that has it. What clients accepted
 * comes before what is newest; what is damaged is replaced by what was good before it; nothing is ever made up.
 *
 * @module
 */
import type { Restored, RestoredGroup } from "../hub/status.ts";
import type { Log } from "../log.ts";
import type { Api } from "../model/api.ts";
import type { Issue } from "../model/issue.ts";
import { type Blobs, StoreError } from "../store/blobs.ts";
import { SnapshotError } from "../store/snapshot/error.ts";
import type { Manifest } from "../store/snapshot/format.ts";
import { type Chosen, isDamage, Manifests } from "./manifests.ts";
import { damageIssue, insteadIssues, takeBest, type Taken } from "./taking.ts";
import { guessWanted, NothingWanted, type Wanted } from "./wanted.ts";
import { uncapitalized, withoutCredentials } from "./words.ts";

/** A place where something may have been stored. */
export type Candidate =
  | { readonly kind: "store"; readonly url: string; readonly open: () => Promise<Blobs> }
  /** The local copy. `from`: the sources of this server, as the provenance of what it stores names them. */
  | { readonly kind: "copy"; readonly url: string; readonly open: () => Promise<Blobs>; readonly from: string };

export interface ColdStartOptions {
  readonly api: Api;
  /** age identities, for what is encrypted. */
  readonly identities: readonly string[];
  readonly log: Log;
  /** Ends the search. */
  readonly signal: AbortSignal;
  /** Milliseconds that one candidate may take: the next one may be at hand. */
  readonly patienceMs?: number;
}

/** More than ten thousand resources take over a bad line, less than a person takes to look what is wrong. */
const PATIENCE_MS = 20_000;

/**
 * What the first candidate that has anything says; undefined when none does. Each one that fails is logged, once, with
 * its reason.
 */
export async function coldStart(
  candidates: readonly Candidate[],
  options: ColdStartOptions,
): Promise<Restored | undefined> {
  const { log, signal, patienceMs = PATIENCE_MS } = options;
  for (const candidate of candidates) {
    if (signal.aborted) return undefined;
    const what = candidate.kind === "copy" ? "the local copy " : "";
    const action = `Cannot start from ${what}"${withoutCredentials(candidate.url)}"`;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), patienceMs);
    try {
      const either = AbortSignal.any([signal, patience.signal]);
      return await within(either, candidate, (blobs) => restore(blobs, candidate, options, either));
    } catch (error) {
      const late = patience.signal.aborted && !signal.aborted;
      const said = error instanceof Error ? error.message : String(error);
      if (late) log.warn(`${action}: it took more than ${patienceMs} ms`);
      else if (signal.aborted) log.warn(`${action}: the start was called off`);
      else if (error instanceof NothingWanted) log.warn(`${action}: ${said}`);
      else if (error instanceof StoreError || error instanceof SnapshotError) {
        log.warn(`${action}: ${uncapitalized(said)}`);
      } else log.error(`${action}: an error in xcp: ${error instanceof Error ? error.stack ?? said : said}`);
    } finally {
      clearTimeout(timer);
    }
  }
  return undefined;
}

/** Opens the store, acts and closes it; rejects as soon as the signal is aborted. */
async function within<T>(
  signal: AbortSignal,
  { open }: Candidate,
  act: (blobs: Blobs) => Promise<T>,
): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = () => ended.reject(new StoreError("aborted", "Cannot read: aborted"));
  signal.addEventListener("abort", end, { once: true });
  const done = (async () => {
    const blobs = await open();
    try {
      signal.throwIfAborted();
      return await act(blobs);
    } finally {
      await blobs.close();
    }
  })();
  try {
    return await Promise.race([done, ended.promise]);
  } finally {
    signal.removeEventListener("abort", end);
    // Of what comes after the end nobody wants to hear.
    done.catch(() => {});
  }
}

async function restore(
  blobs: Blobs,
  candidate: Candidate,
  { api, identities, log }: ColdStartOptions,
  signal: AbortSignal,
): Promise<Restored> {
  const fits = ({ provenance }: Manifest) => candidate.kind === "store" || provenance.from === candidate.from;
  const manifests = new Manifests(blobs, { signal, fits });
  const { wanted: pointed, damage } = await guessWanted(blobs, "accepted", signal);
  const wanted = candidate.kind === "store" ? pointed : await ours(pointed, candidate.from, manifests, fits);
  const taken = await takeBest(wanted, {
    manifests,
    api,
    identities,
    signal,
    cache: new Map(),
    known: new Map(),
  });
  const groups = new Map<string, RestoredGroup>();
  for (const [group, { resources, since, lacks }] of taken.groups) {
    const issues: Issue[] = [
      ...damage.map((message) => damageIssue(`${message}; snapshot ${taken.newest} is served`)),
      ...insteadIssues({ ...taken, instead: only(taken.instead, group) }),
      ...lacks,
    ];
    groups.set(group, { resources, since, issues });
  }
  if (![...groups.values()].some(({ resources }) => resources.length > 0)) {
    throw new NothingWanted("it has no resources");
  }
  const source = candidate.kind === "copy" ? `local copy of ${candidate.from}` : `${blobs.url}@${taken.newest}`;
  for (const [group, why] of taken.lost) {
    log.warn(`Cannot start group "${group}" from "${blobs.url}": ${uncapitalized(why)}`);
  }
  return { source, groups, rules: taken.rules };
}

function only(instead: Taken["instead"], group: string): Taken["instead"] {
  return new Map([...instead].filter(([name]) => name === group));
}

/**
 * A path is easily mistaken, and the configuration of another server is worse than none: what was not made from the
 * sources of this one is not used. Groups that were accepted of other sources come from what is newest.
 *
 * @throws {NothingWanted}
 */
async function ours(
  { groups, latest }: Wanted,
  from: string,
  manifests: Manifests,
  fits: (manifest: Manifest) => boolean,
): Promise<Wanted> {
  const foreign = async (id: Chosen["id"]): Promise<string | undefined> => {
    try {
      const { manifest } = await manifests.read(id);
      return fits(manifest) ? undefined : manifest.provenance.from;
    } catch (error) {
      // It is replaced by another, which is asked the same.
      if (isDamage(error)) return undefined;
      throw error;
    }
  };
  const other = typeof latest === "object" ? await foreign(latest) : undefined;
  const refused = (name: string) => new NothingWanted(`it was made from "${name}", and this server has "${from}"`);
  if (other !== undefined) throw refused(other);
  const fitting = new Map<string, Chosen["id"]>();
  let last: string | undefined;
  for (const [group, id] of groups) {
    const name = await foreign(id);
    if (name === undefined) fitting.set(group, id);
    else last = name;
  }
  if (last !== undefined && fitting.size === 0 && latest === undefined) throw refused(last);
  return { groups: fitting, latest };
}
