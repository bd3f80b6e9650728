/**
 * The sources of a server, in layers: directories, files, stores, adapters.
 *
 * @module
 */
import type { AdapterSource } from "../../lib/adapter/source.ts";
import type { Api } from "../../lib/model/api.ts";
import type { FileContent } from "../../lib/model/codec/read.ts";
import type { Layer } from "../../lib/model/layer.ts";
import type { StoreHealth } from "../../lib/keep/port.ts";
import { directorySource } from "../../lib/source/directory.ts";
import { isStoreUrl, splitRef } from "../../lib/store/open.ts";
import { isAdapterWord } from "../adapter_flags.ts";
import type { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import type { ServeSettings } from "./settings.ts";
import type { OpenBlobs } from "./stores.ts";

/** Something that says what is served, and says it again when it changed. */
export interface Source {
  /** The first layer. A source that cannot be read is a layer with `failures`, which heals later. */
  load(): Promise<Layer>;
  /** Reads everything again. */
  reload(): Promise<unknown>;
  close(): Promise<void>;
}

/** All sources, loaded. */
export interface Sources {
  reload(): Promise<unknown>[];
  /** How the stores among them do. */
  health(): readonly StoreHealth[];
  readonly adapters: readonly AdapterSource[];
}

export interface SourcesOptions {
  readonly settings: ServeSettings;
  readonly deps: ServerDeps;
  readonly closing: Closing;
  readonly api: Api;
  /** Gets the layers of all sources, at first and whenever one changes; later ones win. */
  readonly publish: (layers: readonly Layer[]) => void;
  readonly read: (text: string, file: string, layer: string) => FileContent;
  readonly openBlobs: OpenBlobs;
}

/** Opens the sources and waits for what each says first. */
export async function openSources(options: SourcesOptions): Promise<Sources> {
  const { settings: { sources: words }, closing, publish } = options;
  const layers: (Layer | undefined)[] = words.map(() => undefined);
  const offer = (index: number, layer: Layer) => {
    layers[index] = layer;
    const all = layers.filter((layer) => layer !== undefined);
    // Half of the layers is another configuration, not a part of this one.
    if (all.length === layers.length) publish(all);
  };
  const health: (() => StoreHealth)[] = [];
  const adapters: AdapterSource[] = [];
  const sources: Source[] = [];
  for (const [index, word] of words.entries()) {
    const onChange = (layer: Layer) => offer(index, layer);
    if (isStoreUrl(word)) {
      const store = await openStoreSource(word, onChange, options);
      health.push(() => store.health());
      sources.push(store);
      continue;
    }
    const adapter = isAdapterWord(word) ? await openAdapter(word, onChange, options) : undefined;
    if (adapter !== undefined) adapters.push(adapter);
    sources.push(adapter ?? openDirectory(word, onChange, options));
  }
  for (const source of sources) closing.add(() => source.close());
  const first = await Promise.all(sources.map((source) => source.load()));
  first.forEach((layer, index) => layers[index] ??= layer);
  publish(layers.filter((layer) => layer !== undefined));
  return {
    reload: () => sources.map((source) => source.reload()),
    health: () => health.map((ask) => ask()),
    adapters,
  };
}

function openDirectory(path: string, onChange: (layer: Layer) => void, options: SourcesOptions): Source {
  const { settings: { allowEmpty, pollMs }, deps: { log, now }, closing: { signal }, read } = options;
  return directorySource({
    path,
    read: (text, file) => read(text, file, path),
    log,
    signal,
    now,
    allowEmpty,
    pollMs,
    onChange,
  });
}

/** Undefined when the word names a directory after all. */
async function openAdapter(word: string, onChange: (layer: Layer) => void, options: SourcesOptions) {
  const { settings: { adapter, allowEmpty, watch }, deps: { log, env }, closing: { signal }, read } = options;
  const [{ adapterSource }, { watchFiles }, { adapterOf, starter }] = await Promise.all([
    import("../../lib/adapter/source.ts"),
    import("../../lib/adapter/watch_files.ts"),
    import("../adapters.ts"),
  ]);
  const named = await adapterOf(word);
  if (named === undefined) return undefined;
  const { entry } = named;
  return adapterSource({
    name: word,
    start: starter(named, adapter, { env, log }),
    read: (text, file) => read(text, file, word),
    log,
    signal,
    timeoutMs: adapter.timeoutMs,
    random: Math.random,
    allowEmpty,
    ...(watch && entry !== undefined ? { watch: (onChange) => watchFiles({ entry, onChange }) } : {}),
    onChange,
  });
}

async function openStoreSource(word: string, onChange: (layer: Layer) => void, options: SourcesOptions) {
  const { settings: { identities, pollMs, allowEmpty }, deps: { log, now }, closing: { signal }, api, openBlobs } =
    options;
  const { followStore } = await import("../../lib/keep/follower.ts");
  const { url, ref } = splitRef(word);
  return followStore({
    url,
    ref,
    open: () => openBlobs(url),
    api,
    name: word,
    identities,
    log,
    signal,
    now,
    pollMs,
    random: Math.random,
    allowEmpty,
    onChange,
  });
}
