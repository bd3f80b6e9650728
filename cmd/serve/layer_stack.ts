/**
 * All layers of a server, in order: those of the sources, and above them what is written over HTTP.
 *
 * @module
 */
import { DEFAULT_GROUP } from "../../lib/hub/assign.ts";
import type { Issue } from "../../lib/model/issue.ts";
import type { Layer } from "../../lib/model/layer.ts";

/** What is done with layers. */
export interface LayerHost {
  setLayers(layers: readonly Layer[]): void;
  preview(layers: readonly Layer[], group: string): readonly Issue[];
}

/** Nothing is handed on before the sources have said something: half of the layers is another configuration. */
export class LayerStack {
  readonly #host: LayerHost;
  readonly #loaded = Promise.withResolvers<void>();
  #lower: readonly Layer[] | undefined;
  #top: Layer | undefined;

  constructor(host: LayerHost) {
    this.#host = host;
  }

  /** Resolves when the sources have said something. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** The layers of the sources; the same array as long as they say the same. */
  get lower(): readonly Layer[] {
    return this.#lower ?? NOTHING;
  }

  setLower(layers: readonly Layer[]): void {
    this.#lower = layers;
    this.#publish();
    this.#loaded.resolve();
  }

  setTop(layer: Layer): void {
    this.#top = layer;
    this.#publish();
  }

  /** What would be wrong with a group if this were the top. */
  preview(top: Layer, group: string): readonly Issue[] {
    const layers = [...this.lower, top];
    // A group that is not there any more is not an empty one: its nodes belong to another.
    const there = group === DEFAULT_GROUP || layers.some(({ groups }) => groups.has(group));
    return there ? this.#host.preview(layers, group) : [];
  }

  #publish(): void {
    if (this.#lower === undefined) return;
    this.#host.setLayers(this.#top === undefined ? this.#lower : [...this.#lower, this.#top]);
  }
}

const NOTHING: readonly Layer[] = [];
