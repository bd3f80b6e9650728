/**
 * What a server keeps in its store and in its local copy, and what it starts from when the sources fail.
 *
 * @module
 */
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { BUILT_IN_PREFIX } from "../../lib/adapter/self.ts";
import type { Hub } from "../../lib/hub/hub.ts";
import type { Restored } from "../../lib/hub/status.ts";
import type { Candidate } from "../../lib/keep/cold_start.ts";
import type { StoreHealth } from "../../lib/keep/port.ts";
import { withoutCredentials } from "../../lib/keep/words.ts";
import type { Api } from "../../lib/model/api.ts";
import type { Blobs } from "../../lib/store/blobs.ts";
import { isStoreUrl, splitRef } from "../../lib/store/open.ts";
import { PROGRAM_PREFIX } from "../adapter_flags.ts";
import { provenanceOf } from "../snapshot/provenance.ts";
import type { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import type { ServeSettings } from "./settings.ts";
import type { State } from "./state.ts";

/** Opens a store by its URL, every call counted. `forWriting` as in `OpenOptions`. */
export type OpenBlobs = (url: string, forWriting?: boolean) => Promise<Blobs>;

/** The folder of the local copy, in the state directory. */
const FOLDER = "copy";
/** Snapshots that the local copy keeps. */
const KEPT_IN_COPY = 3;
/** Milliseconds between two pushes, at least. */
const GAP_MS = 1_000;
/** Milliseconds between two attempts of a server that has nothing to serve. */
const RETRY_MS = 5_000;
/** Milliseconds that the last push may take when the server ends. */
const FLUSH_MS = 10_000;

export interface StoresOptions {
  readonly settings: ServeSettings;
  readonly state: State | undefined;
  readonly deps: ServerDeps;
  readonly closing: Closing;
  readonly hub: Hub;
  readonly api: Api;
  readonly openBlobs: OpenBlobs;
}

/** What the sources were, as the local copy remembers them: the same word is another place in another directory. */
export function sourcesText(words: readonly string[]): string {
  return words.map(placeOf).join(", ") || "what was written over HTTP";
}

function placeOf(word: string): string {
  if (isStoreUrl(word)) return withoutCredentials(splitRef(word).url);
  if (word.startsWith(BUILT_IN_PREFIX)) return word;
  if (!word.startsWith(PROGRAM_PREFIX)) return resolve(word);
  const parts = word.slice(PROGRAM_PREFIX.length).split(" ");
  return PROGRAM_PREFIX + parts.map((part) => part.includes("/") ? resolve(part) : part).join(" ");
}

function copyUrl({ settings, state }: Pick<StoresOptions, "settings" | "state">): string | undefined {
  if (!settings.localCopy || state === undefined || state.unwritable !== undefined || state.path === undefined) {
    return undefined;
  }
  return pathToFileURL(join(state.path, FOLDER)).href;
}

/**
 * Where there is nothing to serve, because the sources failed: takes what was stored, first from the store, then from the
 * local copy. As long as neither has anything it is tried again, beside everything else. `adopt` gets it first, and
 * returns true if it made it its own; `onRestored` is called when something is served.
 */
export async function startCold(
  options: StoresOptions,
  adopt: (restored: Restored) => Promise<boolean>,
  onRestored: () => void,
): Promise<void> {
  const { settings, closing, hub, deps: { log }, api, openBlobs } = options;
  const candidates: Candidate[] = [];
  const { store, identities } = settings;
  if (store !== undefined) candidates.push({ kind: "store", url: store.url, open: () => openBlobs(store.url) });
  const copy = copyUrl(options);
  if (copy !== undefined) {
    candidates.push({ kind: "copy", url: copy, open: () => openBlobs(copy), from: sourcesText(settings.sources) });
  }
  if (candidates.length === 0 || !hub.lacking) return;
  const { coldStart } = await import("../../lib/keep/cold_start.ts");
  const attempt = async (): Promise<boolean> => {
    if (!hub.lacking || closing.signal.aborted) return true;
    const restored = await coldStart(candidates, { api, identities, log, signal: closing.signal });
    if (restored === undefined) return false;
    if (!await adopt(restored)) {
      for (const group of hub.restore(restored)) {
        log.warn("A group serves what was stored", { group, from: restored.source });
        for (const { message } of restored.groups.get(group)?.issues ?? []) log.warn(message, { group });
      }
    }
    onRestored();
    return true;
  };
  if (await attempt()) return;
  // One attempt may take longer than the time between two.
  let timer: ReturnType<typeof setTimeout>;
  const again = () => {
    timer = setTimeout(async () => {
      if (!await attempt() && !closing.signal.aborted) again();
    }, RETRY_MS);
  };
  again();
  closing.add(() => clearTimeout(timer));
}

/** What is kept while the server runs. */
export interface Keeping {
  health(): readonly StoreHealth[];
  /** The last push, when the server ends: what stands well now counts as accepted. Never rejects. */
  flush(): Promise<void>;
}

/** Keeps what clients accepted from now on, in the store and in the local copy. */
export async function keep(options: StoresOptions): Promise<Keeping> {
  const { settings, closing, hub, deps: { log, now }, api, openBlobs } = options;
  const { store } = settings;
  const copy = copyUrl(options);
  if (store === undefined && copy === undefined) return { health: () => [], flush: () => Promise.resolve() };
  const [{ Acceptance }, { Keeper }, { SecretFinder }] = await Promise.all([
    import("../../lib/keep/acceptance.ts"),
    import("../../lib/keep/keeper.ts"),
    import("../../lib/store/snapshot/secrets.ts"),
  ]);
  const clock = () => performance.now();
  const keepers: InstanceType<typeof Keeper>[] = [];
  const changed = () => keepers.forEach((keeper) => keeper.changed());
  const acceptance = new Acceptance({
    hub,
    settleMs: settings.settleMs,
    clock,
    onChange: changed,
  });
  // The rules may be others although no group is.
  hub.on(({ kind }) => {
    if (kind === "reloaded") changed();
  });
  const common = {
    state: () => acceptance.state(),
    gone: () => acceptance.gone(),
    clock,
    gapMs: GAP_MS,
    rules: () => hub.rules(),
    provenance: provenanceOf(sourcesText(settings.sources)),
    now,
    random: Math.random,
    log,
  };
  if (store !== undefined) {
    keepers.push(
      new Keeper({
        ...common,
        role: "store",
        url: withoutCredentials(store.url),
        open: () => openBlobs(store.url, true),
        secrets: store.secrets,
        finder: new SecretFinder(api),
      }),
    );
  }
  if (copy !== undefined) {
    keepers.push(
      new Keeper({
        ...common,
        role: "copy",
        url: copy,
        open: () => openBlobs(copy, true),
        // It is for this machine alone, whose Envoys have the secrets as well: nothing is left out of it.
        secrets: { mode: "refuse" },
        finder: { holds: () => false },
        keepSnapshots: KEPT_IN_COPY,
      }),
    );
  }
  closing.add(async () => {
    acceptance.close();
    await Promise.all(keepers.map((keeper) => keeper.close()));
  });
  return {
    health: () => keepers.map((keeper) => keeper.health()),
    async flush() {
      acceptance.settleNow();
      // That its streams end says nothing about a configuration.
      acceptance.close();
      await Promise.all(keepers.map((keeper) => keeper.flush(FLUSH_MS)));
    },
  };
}
