/**
 * The operating system's word that something in a folder changed: quick, and not to be relied on. It says nothing when
 * a symlink above the folder is swapped or when something changes behind a symlinked folder, its watches may be used
 * up, and on network file systems it is silent. So a poll always runs beside it.
 *
 * @module
 */
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Log } from "../log.ts";
import { reason } from "../system_error.ts";
import type { Root } from "./listing.ts";

/** Watches one folder, or the folder of one file, and moves along when another one takes its place. */
export class TreeWatch {
  readonly #onEvent: () => void;
  readonly #log: Log;
  #watcher: FSWatcher | undefined;
  /** What is watched or could not be watched, so that neither is tried again at each scan. */
  #key: string | undefined;

  constructor(options: { readonly onEvent: () => void; readonly log: Log }) {
    this.#onEvent = options.onEvent;
    this.#log = options.log;
  }

  /** Watches this, and nothing else any more. */
  follow(root: Root | undefined): void {
    const key = root === undefined ? undefined : `${root.stat.kind} ${root.stat.inode} ${root.path}`;
    // A file's folder is watched, which outlives the file's inode.
    const same = root?.stat.kind === "file" ? this.#key?.endsWith(` ${root.path}`) : key === this.#key;
    if (same) return;
    this.close();
    this.#key = key;
    if (root === undefined) return;
    try {
      this.#watcher = root.stat.kind === "file" ? this.#watchFile(root.path) : this.#watchFolder(root.path);
      this.#watcher.on("error", (error) => this.#fail(root.path, error));
    } catch (error) {
      this.#fail(root.path, error);
    }
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#key = undefined;
  }

  #watchFolder(path: string): FSWatcher {
    // No name is filtered: a change of `..data` is how Kubernetes tells that all files changed.
    return watch(path, { recursive: true }, () => this.#onEvent());
  }

  #watchFile(path: string): FSWatcher {
    const name = basename(path);
    // Deno names a file by a path, Bun and Node by its name below the folder; each may leave it out.
    return watch(dirname(path), (_kind, changed) => {
      if (!changed || basename(changed) === name) this.#onEvent();
    });
  }

  #fail(path: string, error: unknown): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#log.info(`Cannot watch "${path}": ${reason(error)}; its changes are found by polling`);
  }
}
