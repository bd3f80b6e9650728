/**
 * `xcp snapshot pull`: from a store to files.
 *
 * @module
 */
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Resource } from "../../lib/model/resource.ts";
import { CLUSTER } from "../../lib/model/types.ts";
import type { Content } from "../../lib/store/snapshot/content.ts";
import { SecretFinder } from "../../lib/store/snapshot/secrets.ts";
import { reason } from "../../lib/system_error.ts";
import type { Context } from "../command.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { sourceOptions } from "../sources.ts";
import { readSnapshot } from "../sources/store.ts";
import type { Earlier } from "./envoy/earlier.ts";
import { storeWord } from "../store.ts";
import { checkDirectory, type Tree, writeTree } from "./tree.ts";
import { leftOutLines } from "./waiting.ts";
import { counted } from "./words.ts";
import { xcpFiles } from "./xcp_files.ts";

const USAGE = "pull STORE[@REF] DIR";
/** An Envoy that is told of a new cluster has it after some milliseconds, unless it looks up names or checks health. */
const CLUSTERS_FIRST_MS = 500;
/** What only `--as envoy` has. */
const OF_ENVOY = ["group", "node-id", "admin-port"];

export async function pullSnapshot(parsed: Parsed, words: readonly string[], context: Context): Promise<number> {
  const [word, named] = words;
  storeWord(word, USAGE);
  if (word === undefined || named === undefined) {
    throw usageError(`Cannot run "xcp snapshot ${USAGE}": no directory was named`);
  }
  const form = parsed.one("as") ?? "xcp";
  const foreign = form === "envoy" ? undefined : OF_ENVOY.find((flag) => parsed.one(flag) !== undefined);
  if (foreign !== undefined) throw usageError(`Cannot take --${foreign}: it means nothing without --as envoy`);
  const directory = resolve(named);
  await checkDirectory(directory);
  const options = await sourceOptions(parsed, context);
  const { content, snapshots, newest, url } = await readSnapshot(word, "pull", options);
  const finder = new SecretFinder(options.api);
  const warn = (line: string) => context.stderr.write(`xcp: ${line}\n`);

  let tree: Omit<Tree, "marker">;
  let what: string;
  let leaving: Readonly<Record<string, string>> = {};
  let first: Tree | undefined;
  if (form === "envoy") {
    const [group, resources] = groupOf(content, parsed.one("group"));
    const { envoyFiles } = await import("./envoy/files.ts");
    const staying = new Set(resources.filter(({ type }) => type === CLUSTER.url).map(({ name }) => name));
    const { clustersFirst, leavingOf, readEarlier } = await import("./envoy/earlier.ts");
    const earlier = await earlierOf(directory, readEarlier);
    const left = earlier && leavingOf(earlier, staying, context.now());
    leaving = left?.since ?? {};
    const made = envoyFiles(options.api, finder, {
      group,
      resources,
      directory,
      nodeId: parsed.one("node-id") ?? group,
      adminPort: portOf(parsed),
      ...(left && { leaving: left }),
    });
    for (const line of made.warnings) warn(printable(line));
    for (const line of leftOutLines({ ...content, leftOut: content.leftOut.filter((one) => one.group === group) })) {
      warn(line);
    }
    tree = made;
    first = earlier && clustersFirst(earlier, made);
    const id = snapshots.get(group) ?? newest;
    what = `snapshot ${id.number} ${id.hash.slice(0, 12)}, group ${JSON.stringify(printable(group))}`;
  } else {
    tree = xcpFiles(options.api, finder, content, form === "json" ? "json" : "yaml");
    for (const line of leftOutLines(content)) warn(line);
    what = snapshotsText(snapshots, newest);
  }
  const marker = toJsonText({
    store: url,
    form,
    groups: Object.fromEntries([...snapshots].map(([group, { number, hash }]) => [group, { number, hash }])),
    ...(Object.keys(leaving).length === 0 ? {} : { leaving }),
  });
  if (first !== undefined) {
    await writeTree(directory, first, context.now);
    await delay(CLUSTERS_FIRST_MS);
  }
  await writeTree(directory, { ...tree, marker }, context.now);
  const resources = [...content.groups.values()].reduce((sum, list) => sum + list.length, 0);
  const size = form === "envoy"
    ? ""
    : `: ${counted(resources, "resource")} in ${counted(content.groups.size, "group")}`;
  context.stdout.write(`Pulled ${what} to ${named}${size}\n`);
  return EXIT.ok;
}

async function earlierOf(
  directory: string,
  read: (directory: string) => Promise<Earlier | undefined>,
): Promise<Earlier | undefined> {
  try {
    return await read(directory);
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
function groupOf({ groups }: Content, named: string | undefined): [string, readonly Resource[]] {
  const filled = [...groups].filter(([, resources]) => resources.length > 0);
  const names = [...groups.keys()];
  if (named !== undefined) {
    const resources = groups.get(named);
    if (resources !== undefined) return [named, resources];
    throw new CommandError("unreadable", `Cannot pull group ${JSON.stringify(named)}: the snapshot has no such group`, {
      unknown: { given: named, known: names },
      hint: `It has ${names.map((name) => JSON.stringify(name)).join(", ")}`,
    });
  }
  const [first, ...others] = filled.length === 0 ? [...groups] : filled;
  if (first !== undefined && others.length === 0) return first;
  throw usageError(`Cannot pull as envoy: the snapshot has ${groups.size} groups`, {
    hint: `Name one with --group: ${names.map((name) => JSON.stringify(name)).join(", ")}`,
  });
}

function portOf(parsed: Parsed): number | undefined {
  const text = parsed.one("admin-port");
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw usageError(`Cannot take ${parsed.from("admin-port")} "${text}": it is a number up to 65535`);
}
