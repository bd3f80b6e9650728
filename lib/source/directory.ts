/**
 * The directory source: a folder of configuration files, or one file, as a layer that follows the disk.
 *
 * A change is taken as a whole, after a time of quiet, and only when two looks at the tree agree, so that a swap of
 * symlinks or a half-finished copy is never seen in parts. A source that fails keeps the parts that it had and says
 * why in `failures`.
 *
 * @module
 */
import type { Log } from "../log.ts";
import type { Issue } from "../model/issue.ts";
import type { Layer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { displayPath, GROUPS_FILE } from "./file_names.ts";
import { type FileSystem, NODE_FILES } from "./file_system.ts";
import { readGroupsFile } from "./groups_file.ts";
import { LayerBuilder } from "./layer_builder.ts";
import { DEFAULT_LIMITS, type Limits, type Listing, sameListing } from "./listing.ts";
import { Quiet } from "./quiet.ts";
import { type Content, Scanner } from "./scanner.ts";
import { TreeWatch } from "./tree_watch.ts";
import { trace } from "../system_error.ts";

export interface DirectorySourceOptions {
  /** The folder or file, as the user typed it; it need not be there yet. Issues name files by it. */
  readonly path: string;
  /** The layer's name; the path when it is not given. */
  readonly name?: string;
  /** Reads the text of one file, which is named as the user would type it. Bad input is an issue, not an exception. */
  readonly read: (text: string, file: string) => { readonly resources: Resource[]; readonly issues: Issue[] };
  readonly log: Log;
  /** Closes the source. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, to compare with the times of files. */
  readonly now: () => number;
  /** Gets each layer after the first that differs from the one before. Without it nothing is watched. */
  readonly onChange?: (layer: Layer) => void;
  /** Milliseconds without a change before changes are taken. */
  readonly quietMs?: number;
  /** Milliseconds after which changes are taken although there is no quiet. */
  readonly maxWaitMs?: number;
  /** Milliseconds between two looks for what no event told of; more for a whole tree when that takes long. */
  readonly pollMs?: number;
  /** Take an emptied source for what is meant, instead of for a failure. */
  readonly allowEmpty?: boolean;
  readonly limits?: Partial<Limits>;
  /** The disk; tests put another one in. */
  readonly files?: FileSystem;
}

export interface DirectorySource {
  /**
   * The first layer. A source that cannot be read is a layer with `failures`, which heals later; the promise rejects
   * only when the source is closed meanwhile.
   */
  load(): Promise<Layer>;
  /** Reads every file again, whatever its stat says, without waiting for quiet. Resolves with the layer as it is then. */
  reload(): Promise<Layer>;
  /** Stops watching. Resolves when nothing is under way any more; `onChange` is not called after the call. */
  close(): Promise<void>;
}

/** Looks of the poll may take this share of the time, or they get rarer: 100,000 files are no reason to burn a core. */
const POLL_SHARE = 1 / 50;

/** Issues of one file that are told; a file of another kind under the wrong name has one in each line. */
const MOST_ISSUES = 1_000;

/** Makes a source. Nothing is touched before `load`. */
export function directorySource(options: DirectorySourceOptions): DirectorySource {
  return new Directory(options);
}

class Directory implements DirectorySource {
  readonly #options: DirectorySourceOptions;
  readonly #scanner: Scanner;
  readonly #builder: LayerBuilder;
  readonly #watch: TreeWatch;
  readonly #quiet: Quiet;
  readonly #pollMs: number;
  #layer: Layer | undefined;
  #first: Promise<Layer> | undefined;
  /** What the poll saw: changes that no event tells of are quiet when a later look sees the same. */
  #seen: Listing | undefined;
  #pollTimer: ReturnType<typeof setTimeout> | undefined;
  #polling: Promise<void> | undefined;
  /** When the poll may look at the whole tree again, on the clock of `performance`. */
  #nextLook = 0;
  #closed = false;

  constructor(options: DirectorySourceOptions) {
    const { path, name = path, allowEmpty = false, files = NODE_FILES, limits = {}, now, log } = options;
    const { quietMs = 100, maxWaitMs = 2_000, pollMs = 1_000 } = options;
    this.#options = options;
    // Timers take no more, and one that is too long goes off at once.
    this.#pollMs = Math.min(pollMs, 2 ** 31 - 1);
    const parse = (text: string, relative: string) => this.#parse(text, relative);
    this.#scanner = new Scanner({ path, files, limits: { ...DEFAULT_LIMITS, ...limits }, now, parse });
    this.#builder = new LayerBuilder({ name, path, allowEmpty });
    this.#quiet = new Quiet({ quietMs, maxMs: maxWaitMs, act: (late) => this.#act(late) });
    this.#watch = new TreeWatch({ onEvent: () => this.#quiet.touch(), log });
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = () => void this.close();

  load(): Promise<Layer> {
    return this.#first ??= this.#load();
  }

  async reload(): Promise<Layer> {
    await this.load();
    this.#scanner.forget();
    await this.#quiet.now();
    return this.#current();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    clearTimeout(this.#pollTimer);
    this.#watch.close();
    await Promise.all([this.#quiet.close(), this.#polling]);
  }

  async #load(): Promise<Layer> {
    if (this.#options.signal.aborted) await this.close();
    // The watch comes before the first look, so that nothing can happen between the two unseen.
    if (!this.#closed && this.#options.onChange) this.#watch.follow(await this.#scanner.root());
    await this.#quiet.now();
    const layer = this.#current();
    if (this.#options.onChange) this.#schedulePoll();
    return layer;
  }

  #current(): Layer {
    const state = this.#closed ? "the source was closed" : "an error in xcp, which the log has";
    if (this.#closed || this.#layer === undefined) throw new Error(`Cannot load "${this.#options.path}": ${state}`);
    return this.#layer;
  }

  /** Takes the change; false when it still goes on. */
  async #act(late: boolean): Promise<boolean> {
    try {
      if (this.#seen !== undefined && !late) {
        const listing = await this.#scanner.look();
        const still = sameListing(listing, this.#seen);
        this.#seen = listing;
        if (!still) return false;
      }
      this.#seen = undefined;
      return await this.#take(late);
    } catch (error) {
      // A bug, here or in a listener. The layer stays what it was, and the next change is tried again.
      const message = trace(error);
      this.#options.log.error(`Cannot take changes of "${this.#options.path}": ${message}`);
      return true;
    }
  }

  async #take(late: boolean): Promise<boolean> {
    const scan = await this.#scanner.scan(late);
    if (this.#closed) return true;
    if (scan === undefined) return false;
    if (this.#options.onChange) this.#watch.follow(scan.listing.root);
    const layer = this.#builder.build(scan);
    const isFirst = this.#layer === undefined;
    if (layer === this.#layer) return true;
    this.#layer = layer;
    if (!isFirst) this.#options.onChange?.(layer);
    return true;
  }

  #schedulePoll(): void {
    if (this.#closed) return;
    this.#pollTimer = setTimeout(() => {
      this.#polling = this.#poll().then(() => this.#schedulePoll());
    }, this.#pollMs);
  }

  /** Looks for what no event told of: in a big tree not each time, but a swap above it is seen each time. */
  async #poll(): Promise<void> {
    if (!this.#quiet.idle) return;
    const moved = !this.#scanner.isAt(await this.#scanner.root());
    const start = performance.now();
    if (!moved && start < this.#nextLook) return;
    const listing = await this.#scanner.look();
    const end = performance.now();
    this.#nextLook = end + (end - start) / POLL_SHARE;
    if (this.#quiet.idle && this.#scanner.isStale(listing)) {
      this.#seen = listing;
      this.#quiet.touch();
    }
  }

  #parse(text: string, relative: string): Content {
    const file = displayPath(this.#options.path, relative);
    if (relative === GROUPS_FILE) return { resources: [], ...readGroupsFile(text, file) };
    try {
      const { resources, issues } = this.#options.read(text, file);
      return { rules: [], resources, issues: bounded(issues, file) };
    } catch (error) {
      // One file must not be able to stop all others, not even by a bug in the reader.
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.error(`Cannot read "${file}": ${error instanceof Error ? error.stack ?? reason : reason}`);
      const message = `Cannot read "${file}": an error in xcp: ${reason}`;
      const issue: Issue = { at: { file, line: 1, column: 1 }, path: "", rule: "internal", severity: "error", message };
      return { resources: [], rules: [], issues: [issue] };
    }
  }
}

/** The first issues, errors before others, and a word about the rest: nobody reads a million, and every surface repeats them. */
function bounded(issues: Issue[], file: string): Issue[] {
  if (issues.length <= MOST_ISSUES) return issues;
  const sorted = [true, false].flatMap((error) => issues.filter(({ severity }) => (severity === "error") === error));
  const next = sorted[MOST_ISSUES];
  if (next === undefined) return sorted;
  const at = next.at ?? { file, line: 1, column: 1 };
  const { severity } = next;
  const message = `and ${issues.length - MOST_ISSUES} more issues in this file`;
  return [...sorted.slice(0, MOST_ISSUES), { at, path: "", rule: "too-many-issues", severity, message }];
}
