/**
 * What an earlier pull wrote, and an Envoy may be using. Envoy reads clusters and listeners apart, in an order that nobody
 * chose, and requests on connections of a listener that is replaced follow its routes until it is drained. So clusters
 * that are new come before the listeners that use them, and those that went away stay for a while; no Envoy says when it
 * is done.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../lib/system_error.ts";
import type { Sweeper } from "../sweeper.ts";
import { DATA, MARKER, type NewTree } from "../tree.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { BOOTSTRAP_FILE, CLUSTERS_FILE, LISTENERS_FILE, SECRETS_FOLDER } from "./names.ts";

/** A file of an earlier pull. */
interface EarlierFile {
  /** Below the directory. */
  readonly path: string;
  readonly from: string;
  /** For its owner alone. */
  readonly secret: boolean;
}

/** The files of an earlier `pull --as envoy`. */
export interface Earlier {
  readonly clusters: EarlierFile;
  /** Names of the clusters. */
  readonly names: ReadonlySet<string>;
  readonly listeners: EarlierFile;
  readonly secrets: readonly EarlierFile[];
  readonly marker: string;
  /** Since when clusters are no longer in the configuration; milliseconds since the epoch. */
  readonly since: ReadonlyMap<string, number>;
}

/** Clusters that are no longer in the configuration, and stay. */
export interface Leaving {
  /** In ISO 8601, for the marker. */
  readonly since: Readonly<Record<string, string>>;
  /** The file that they are in is for its owner alone. */
  readonly secret: boolean;
  clusters(): AsyncIterable<JsonObject>;
  /** Secrets that these clusters name, once they were read: a file that Envoy is pointed at has to be there. */
  files(): readonly EarlierFile[];
}

/** Longer than Envoy drains a listener: `--drain-time-s` is 600 by default. */
const LEAVING_MS = 15 * 60 * 1000;

/** Undefined where there is none, or what is there is not what a pull writes. */
export async function readEarlier(directory: string, sweeper: Sweeper): Promise<Earlier | undefined> {
  // Another pull may move it at any time.
  const target = await readlink(join(directory, DATA)).catch(() => DATA);
  const at = join(directory, target);
  const marker = await textOf(join(at, MARKER));
  const [clusters, listeners] = [await fileOf(at, CLUSTERS_FILE), await fileOf(at, LISTENERS_FILE)];
  if (marker === undefined || clusters === undefined || listeners === undefined) return undefined;
  const { form, leaving } = objectOf(marker) ?? {};
  if (form !== "envoy") return undefined;
  const names = new Set<string>();
  let whole = false;
  for await (const text of itemsOf(clusters.from, sweeper, () => whole = true)) names.add(nameIn(text));
  if (!whole) return undefined;
  const secrets: EarlierFile[] = [];
  for (const name of await readdir(join(at, SECRETS_FOLDER)).catch(() => [])) {
    const file = await fileOf(at, `${SECRETS_FOLDER}/${name}`);
    if (file !== undefined) secrets.push(file);
  }
  const since = Object.entries(isObject(leaving) ? leaving : {}).map(([name, time]) =>
    [name, Date.parse(String(time))] as const
  );
  return { clusters, names, listeners, secrets, marker, since: new Map(since) };
}

/** What is to stay beside clusters of these names. */
export function leavingOf(
  earlier: Earlier,
  staying: { has(name: string): boolean },
  now: number,
  sweeper: Sweeper,
): Leaving {
  const since: [string, string][] = [];
  for (const name of earlier.names) {
    const time = earlier.since.get(name) ?? now;
    // A clock that went backwards keeps nothing for ever.
    if (staying.has(name) || !(Math.abs(now - time) < LEAVING_MS)) continue;
    since.push([name, new Date(time).toISOString()]);
  }
  const left = new Map(since);
  const named = new Set<EarlierFile>();
  return {
    since: Object.fromEntries(since),
    secret: left.size > 0 && earlier.clusters.secret,
    async *clusters() {
      if (left.size === 0) return;
      for await (const text of itemsOf(earlier.clusters.from, sweeper)) {
        const json = left.has(nameIn(text)) ? objectOf(text) : undefined;
        if (json === undefined) continue;
        for (const file of earlier.secrets) if (text.includes(file.path)) named.add(file);
        yield json;
      }
    },
    files: () => earlier.secrets.filter((file) => named.has(file)),
  };
}

/** Fills the step before a tree: the same files, with the listeners that are there. */
export async function addClustersFirst(
  step: NewTree,
  earlier: Earlier,
  { folder }: Pick<NewTree, "folder">,
  secretFiles: ReadonlySet<string>,
): Promise<void> {
  for (const path of [CLUSTERS_FILE, BOOTSTRAP_FILE, ...secretFiles]) {
    const file = await fileOf(folder, path);
    if (file !== undefined) await step.addCopy(path, file.secret, file.from);
  }
  for (const { path, secret, from } of [earlier.listeners, ...earlier.secrets]) {
    if (!secretFiles.has(path)) await step.addCopy(path, secret, from);
  }
}

/** Undefined for a file that is not there. */
async function fileOf(folder: string, path: string): Promise<EarlierFile | undefined> {
  try {
    const from = join(folder, path);
    const { mode } = await stat(from);
    return { path, from, secret: (mode & 0o077) === 0 };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The items of a list as `json_list.ts` writes it, as text, and never the whole. `end` is called behind the last one,
 * where the file is whole.
 */
async function* itemsOf(path: string, sweeper: Sweeper, end?: () => void): AsyncGenerator<string> {
  let text = "";
  let begun = false;
  for await (const block of createReadStream(path, { encoding: "utf8", highWaterMark: BLOCK })) {
    text += String(block);
    let at = 0;
    if (!begun) {
      const begin = BEGIN.exec(text);
      if (begin === null) continue;
      begun = true;
      at = begin[0].length;
    }
    // What is behind the end of an item tells that it is one.
    for (let found = text.indexOf(ITEM_END, at); found >= 0 && found + ITEM_END.length < text.length;) {
      const stop = found + ITEM_END.length;
      yield text.slice(at, stop);
      at = text[stop] === "," ? stop + 1 : stop;
      found = text.indexOf(ITEM_END, at);
    }
    text = text.slice(at);
    sweeper.worked(BLOCK);
  }
  if (begun && /^(?:\n )?\]\n\}\n$/.test(text)) end?.();
}

const BLOCK = 256 * 1024;
const BEGIN = /^\{\n "version_info": "[^"\n]*",\n "resources": \[/;
const ITEM_END = "\n  }";

/** Of an item: the only key of this name that is no deeper. */
function nameIn(text: string): string {
  const name = /\n {3}"name": ("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return name === undefined ? "" : JSON.parse(name);
}

function objectOf(text: string): JsonObject | undefined {
  try {
    const json: Json = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
