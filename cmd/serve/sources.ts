/**
 * The sources of a server, in layers.
 *
 * @module
 */
import type { FileContent } from "../../lib/model/codec/read.ts";
import type { Layer } from "../../lib/model/layer.ts";
import { type DirectorySource, directorySource } from "../../lib/source/directory.ts";
import type { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import type { ServeSettings } from "./settings.ts";

/**
 * Opens the sources and waits for what each says first. `publish` gets the layers of all of them, then and whenever one
 * changes; later ones win.
 */
export async function openSources(
  { sources: paths, allowEmpty, pollMs }: ServeSettings,
  { log, now }: ServerDeps,
  closing: Closing,
  publish: (layers: readonly Layer[]) => void,
  read: (text: string, file: string, layer: string) => FileContent,
): Promise<readonly DirectorySource[]> {
  const layers: (Layer | undefined)[] = paths.map(() => undefined);
  const signal = closing.signal;
  const offer = (index: number, layer: Layer) => {
    layers[index] = layer;
    const all = layers.filter((layer) => layer !== undefined);
    // Half of the layers is another configuration, not a part of this one.
    if (all.length === layers.length) publish(all);
  };
  const sources = paths.map((path, index) =>
    directorySource({
      path,
      read: (text, file) => read(text, file, path),
      log,
      signal,
      now,
      allowEmpty,
      pollMs,
      onChange: (layer) => offer(index, layer),
    })
  );
  for (const source of sources) closing.add(() => source.close());
  const first = await Promise.all(sources.map((source) => source.load()));
  first.forEach((layer, index) => layers[index] ??= layer);
  publish(layers.filter((layer) => layer !== undefined));
  return sources;
}
