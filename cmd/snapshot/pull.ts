/**
 * `xcp snapshot pull`: from a store to files.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { CLUSTER } from "../../lib/model/types.ts";
import type { Blobs } from "../../lib/store/blobs.ts";
import { CHUNK_TARGET } from "../../lib/store/snapshot/format.ts";
import { keptGroups, type KeptSet, readKept, type StoredGroup } from "../../lib/store/snapshot/kept.ts";
import { resolveRef } from "../../lib/store/snapshot/refs.ts";
import { type ResolvedManifests, resolvedManifests } from "../../lib/store/snapshot/resolved.ts";
import { SecretFinder } from "../../lib/store/snapshot/secrets.ts";
import { reason } from "../../lib/system_error.ts";
import type { Context } from "../command.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { FRUGAL, tuneEngine } from "../serve/engine.ts";
import { type SourceOptions, sourceOptions } from "../sources.ts";
import { storeWord, withStore } from "../store.ts";
import type { Earlier } from "./envoy/earlier.ts";
import { Sweeper } from "./sweeper.ts";
import { checkDirectory, NewTree } from "./tree.ts";
import { Waiting } from "./waiting.ts";
import { counted } from "./words.ts";
import { xcpFiles } from "./xcp_files.ts";

const USAGE = "pull STORE[@REF] DIR";
/** An Envoy that is told of a new cluster has it after some milliseconds, unless it looks up names or checks health. */
const CLUSTERS_FIRST_MS = 500;
/** What only `--as envoy` has. */
const OF_ENVOY = ["group", "node-id", "admin-port"];

export async function pullSnapshot(parsed: Parsed, words: readonly string[], context: Context): Promise<number> {
  tuneEngine(process, FRUGAL);
  const [word, named] = words;
  const { url, ref } = storeWord(word, USAGE);
  if (named === undefined) throw usageError(`Cannot run "xcp snapshot ${USAGE}": no directory was named`);
  const form = parsed.one("as") ?? "xcp";
  const foreign = form === "envoy" ? undefined : OF_ENVOY.find((flag) => parsed.one(flag) !== undefined);
  if (foreign !== undefined) throw usageError(`Cannot take --${foreign}: it means nothing without --as envoy`);
  const adminPort = portOf(parsed);
  const directory = resolve(named);
  await checkDirectory(directory);
  const options = await sourceOptions(parsed, context);
  const sweeper = new Sweeper();
  const progress = startProgress("Reading chunks", context);
  const { told, warnings, groups } = await withStore(url, async (blobs) => {
    const manifests = await resolvedManifests(blobs, await resolveRef(blobs, ref, "pull"));
    const pull: Pull = {
      ...{ context, directory, form, blobs, options, manifests },
      groups: keptGroups(manifests, options.identities.length > 0),
      finder: new SecretFinder(options.api),
      sweeper,
      read: (groups) =>
        readKept(blobs, options.api, groups, {
          identities: options.identities,
          onProgress(done, all) {
            sweeper.worked(CHUNK_TARGET);
            progress.report(done, all);
          },
        }),
    };
    if (form !== "envoy") return await pullFiles(pull);
    const group = groupOf(pull.groups, parsed.one("group"));
    return await pullEnvoy(pull, group, { nodeId: parsed.one("node-id") ?? group.name, adminPort });
  }).finally(progress.clear);
  for (const line of warnings) context.stderr.write(`xcp: ${line}\n`);
  if (groups.some(({ sealed }) => sealed)) {
    context.stderr.write("Secrets of this store are encrypted: --identity FILE reads them\n");
  }
  context.stdout.write(`Pulled ${told(named)}\n`);
  return EXIT.ok;
}

/** What one pull is about. */
interface Pull {
  readonly context: Context;
  readonly directory: string;
  readonly form: string;
  readonly blobs: Blobs;
  readonly options: SourceOptions;
  readonly manifests: ResolvedManifests;
  readonly groups: readonly StoredGroup[];
  readonly finder: SecretFinder;
  readonly sweeper: Sweeper;
  readonly read: (groups: readonly StoredGroup[]) => AsyncIterable<KeptSet>;
}

/** What is said of one that was done. */
interface Done {
  /** Those that were pulled. */
  readonly groups: readonly StoredGroup[];
  readonly told: (directory: string) => string;
  readonly warnings: readonly string[];
}

async function pullFiles(pull: Pull): Promise<Done> {
  const {
    context,
    directory,
    form,
    options: { api },
    manifests: { snapshots, rules, newest },
    groups,
    finder,
    sweeper,
  } = pull;
  const waiting = new Waiting(api, groups.flatMap(({ leftOut }) => leftOut));
  await NewTree.with(directory, async (tree) => {
    await xcpFiles(api, finder, tree, {
      groups,
      rules,
      sets: pull.read(groups),
      form: form === "json" ? "json" : "yaml",
      sweeper,
      look: (resource, group) => waiting.look(resource, group),
    });
    await tree.show(markerOf(pull), context.now);
  });
  const resources = counted(groups.reduce((sum, group) => sum + group.resources, 0), "resource");
  const size = `${resources} in ${counted(groups.length, "group")}`;
  return {
    groups,
    told: (named) => `${snapshotsText(snapshots, newest)} to ${named}: ${size}`,
    warnings: waiting.lines(),
  };
}

async function pullEnvoy(
  pull: Pull,
  group: StoredGroup,
  names: { readonly nodeId: string; readonly adminPort: number | undefined },
): Promise<Done> {
  const { context, directory, options: { api }, manifests: { snapshots, newest }, finder, sweeper } = pull;
  const { envoyFiles } = await import("./envoy/files.ts");
  const { addClustersFirst, leavingOf, readEarlier } = await import("./envoy/earlier.ts");
  const waiting = new Waiting(api, group.leftOut);
  const sets: KeptSet[] = [];
  for await (const set of pull.read([group])) {
    if (group.leftOut.length > 0) { for (const _ of set.map((resource) => waiting.look(resource, group.name))); }
    sets.push(set);
  }
  const staying = new Set(sets.find(({ type }) => type === CLUSTER.url)?.names());
  const earlier = await earlierOf(directory, () => readEarlier(directory, sweeper));
  const leaving = earlier && leavingOf(earlier, staying, context.now(), sweeper);
  const warnings = await NewTree.with(directory, async (tree) => {
    const options = { ...names, group: group.name, sets, directory, sweeper };
    const made = await envoyFiles(api, finder, tree, { ...options, ...(leaving && { leaving }) });
    if (earlier !== undefined && staying.difference(earlier.names).size > 0) {
      await NewTree.with(directory, async (step) => {
        await addClustersFirst(step, earlier, tree, made.secretFiles);
        await step.show(earlier.marker, context.now);
      });
      await delay(CLUSTERS_FIRST_MS);
    }
    await tree.show(markerOf(pull, leaving?.since), context.now);
    return made.warnings;
  });
  const { number, hash } = snapshots.get(group.name) ?? newest;
  const what = `snapshot ${number} ${hash.slice(0, 12)}, group ${JSON.stringify(printable(group.name))}`;
  return {
    groups: [group],
    told: (named) => `${what} to ${named}`,
    warnings: [...warnings.map(printable), ...waiting.lines()],
  };
}

function markerOf({ blobs, form, manifests }: Pull, leaving: Readonly<Record<string, string>> = {}): string {
  const groups = Array.from(manifests.snapshots, ([group, { number, hash }]) => [group, { number, hash }]);
  return toJsonText({
    store: blobs.url,
    form,
    groups: Object.fromEntries(groups),
    ...(Object.keys(leaving).length === 0 ? {} : { leaving }),
  });
}

async function earlierOf(
  directory: string,
  read: () => Promise<Earlier | undefined>,
): Promise<Earlier | undefined> {
  try {
    return await read();
  } catch (error) {
    throw new CommandError("unwritable", `Cannot replace what is in "${directory}": ${reason(error)}`, {
      cause: error,
    });
  }
}

function snapshotsText(
  snapshots: ReadonlyMap<string, { readonly number: number }>,
  newest: { readonly number: number; readonly hash: string },
): string {
  const numbers = new Set([...snapshots.values()].map(({ number }) => number));
  if (numbers.size < 2) return `snapshot ${newest.number} ${newest.hash.slice(0, 12)}`;
  return `snapshots ${[...numbers].sort((a, b) => b - a).join(", ")}`;
}

/** The group of an Envoy: the one that was named, or the only one that has anything. */
function groupOf(groups: readonly StoredGroup[], named: string | undefined): StoredGroup {
  const names = groups.map(({ name }) => name);
  if (named !== undefined) {
    const group = groups.find(({ name }) => name === named);
    if (group !== undefined) return group;
    throw new CommandError("unreadable", `Cannot pull group ${JSON.stringify(named)}: the snapshot has no such group`, {
      unknown: { given: named, known: names },
      hint: `It has ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    });
  }
  const filled = groups.filter(({ resources }) => resources > 0);
  const [first, ...others] = filled.length === 0 ? groups : filled;
  if (first !== undefined && others.length === 0) return first;
  throw usageError(`Cannot pull as envoy: the snapshot has ${groups.length} groups`, {
    hint: `Name one with --group: ${names.map((name) => JSON.stringify(name)).join(", ")}`,
  });
}

function portOf(parsed: Parsed): number | undefined {
  const text = parsed.one("admin-port");
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw usageError(`Cannot take ${parsed.from("admin-port")} "${text}": it is a number up to 65535`);
}
