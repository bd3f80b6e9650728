/**
 * What the tests of this room share: a temporary tree, a reader of a toy format, and a source that can be waited for.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SILENT } from "../log.ts";
import type { Issue } from "../model/issue.ts";
import type { Layer, Part } from "../model/layer.ts";
import { createResource, type Resource } from "../model/resource.ts";
import { type DirectorySource, directorySource, type DirectorySourceOptions } from "./directory.ts";

/** A temporary folder. */
export class Tree implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "xcp-source-"));
  #swaps = 0;

  path(relative: string): string {
    return join(this.root, relative);
  }

  write(relative: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.path(relative)), { recursive: true });
    writeFileSync(this.path(relative), text);
  }

  /** As a careful editor saves: a new file takes the old one's place. */
  replace(relative: string, text: string): void {
    const aside = `${relative}.${this.#swaps++}.tmp`;
    this.write(aside, text);
    this.rename(aside, relative);
  }

  rename(from: string, to: string): void {
    renameSync(this.path(from), this.path(to));
  }

  folder(relative: string): void {
    mkdirSync(this.path(relative), { recursive: true });
  }

  /** A symlink, in the place of what was there, in one step. */
  link(target: string, relative: string): void {
    const aside = this.path(`.link-${this.#swaps++}`);
    symlinkSync(target, aside);
    renameSync(aside, this.path(relative));
  }

  remove(relative: string): void {
    rmSync(this.path(relative), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Reads lines of `name value` as resources, and lines of `! text` as errors. */
export function readToy(text: string, file: string): { resources: Resource[]; issues: Issue[] } {
  const resources: Resource[] = [];
  const issues: Issue[] = [];
  text.split("\n").forEach((line, index) => {
    const [name = "", value = ""] = line.split(" ");
    const at = { file, line: index + 1, column: 1 };
    if (name === "!") issues.push({ at, path: "", rule: "toy", severity: "error", message: value });
    else if (name !== "") {
      const bytes = new TextEncoder().encode(value);
      resources.push(createResource({ type: "toy", name, bytes, references: [], origin: { ...at, layer: "toy" } }));
    }
  });
  return { resources, issues };
}

/** A layer in short: the group (`*` for the common part), its resources as `name=value`, its issues, the failures. */
export function show(layer: Layer): Record<string, string[]> {
  const shown: Record<string, string[]> = { "*": showPart(layer.common) };
  for (const [group, part] of layer.groups) shown[group] = showPart(part);
  if (layer.failures.length > 0) shown["failures"] = layer.failures.map((issue) => issue.rule);
  return shown;
}

function showPart(part: Part): string[] {
  const resources = part.resources.map(({ name, bytes }) => `${name}=${new TextDecoder().decode(bytes)}`);
  return [...resources, ...part.issues.map((issue) => `!${issue.rule}`)];
}

/** A source with all layers that it gave. */
export class Followed implements AsyncDisposable {
  readonly source: DirectorySource;
  /** The first layer, then each change. */
  readonly layers: Layer[] = [];
  readonly #ending = new AbortController();
  #wake: () => void = () => {};

  constructor(path: string, options: Partial<DirectorySourceOptions> = {}) {
    this.source = directorySource({
      path,
      read: readToy,
      log: SILENT,
      signal: this.#ending.signal,
      now: Date.now,
      quietMs: 20,
      pollMs: 40,
      onChange: (layer) => {
        this.layers.push(layer);
        this.#wake();
      },
      ...options,
    });
  }

  static async load(path: string, options: Partial<DirectorySourceOptions> = {}): Promise<Followed> {
    const followed = new Followed(path, options);
    followed.layers.push(await followed.source.load());
    return followed;
  }

  get last(): Layer {
    const last = this.layers.at(-1);
    if (last === undefined) throw new Error("no layer yet");
    return last;
  }

  /** Waits until the last layer, as {@link show} has it, is this. Rejects after ten seconds. */
  async until(wanted: Record<string, string[]>): Promise<Layer> {
    const text = JSON.stringify(wanted);
    const end = Date.now() + 10_000;
    while (JSON.stringify(show(this.last)) !== text) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`waited for ${text}, and the layer is ${JSON.stringify(show(this.last))}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, left);
      await promise;
      clearTimeout(timer);
    }
    return this.last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.source.close();
  }
}
