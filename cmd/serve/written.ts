/**
 * What is written over HTTP: where it is kept, and how it gets among the layers.
 *
 * @module
 */
import { join } from "node:path";
import type { Api } from "../../lib/model/api.ts";
import { readBytes } from "../../lib/model/codec/restore.ts";
import { WrittenFiles } from "../../lib/source/written/files.ts";
import { WRITTEN_LAYER, WrittenLayer } from "../../lib/source/written/layer.ts";
import type { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import type { LayerStack } from "./layer_stack.ts";
import type { State } from "./state.ts";

/** The folder of the written layers, in the state directory. */
const FOLDER = "written";

/** What was written has no place in a text any more. */
const ORIGIN = { layer: WRITTEN_LAYER, file: "what was written", line: 1, column: 1 };

export interface WrittenOptions {
  readonly state: State;
  readonly deps: ServerDeps;
  readonly closing: Closing;
  readonly stack: LayerStack;
  readonly api: Api;
  /** The revision of what a group serves. */
  readonly served: (group: string) => string | undefined;
}

/**
 * Reads what was written before. Without a directory that can be written to, writes are refused, and what is there is
 * served all the same.
 */
export async function openWritten(
  { state: { path, unwritable }, deps: { log }, closing, stack, api, served }: WrittenOptions,
): Promise<WrittenLayer> {
  const written = await WrittenLayer.open({
    files: new WrittenFiles({
      folder: path === undefined ? undefined : join(path, FOLDER),
      unwritable,
      restore: ({ type, name, bytes, ttl, aliases }) =>
        readBytes(api, type, name, bytes, { ttl, aliases, origin: ORIGIN }),
      log,
    }),
    log,
    lower: () => stack.lower,
    check: (layer, group) => stack.preview(layer, group),
    publish: (layer) => stack.setTop(layer),
    served,
    ready: stack.loaded,
  });
  closing.add(() => written.close());
  stack.setTop(written.layer);
  return written;
}
