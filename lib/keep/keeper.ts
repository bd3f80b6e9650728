/**
 * Keeps one store up to date with what is to be kept: one push at a time, none that is not needed, and again and again
 * while the store does not answer.
 *
 * @module
 */
import type { GroupRule } from "../model/layer.ts";
import type { Blobs } from "../store/blobs.ts";
import { SnapshotError } from "../store/snapshot/error.ts";
import type { KeptGroup, StoreHealth } from "./port.ts";
import { type Keepsake, keepsakeKey, store, type Stored, type StoringOptions } from "./storing.ts";
import { type After, after } from "./timers.ts";

export interface KeeperOptions extends StoringOptions {
  /** Opens the store. Called again after each failure. */
  readonly open: () => Promise<Blobs>;
  /** As people name it, without credentials. */
  readonly url: string;
  readonly role: "store" | "copy";
  readonly state: () => ReadonlyMap<string, KeptGroup>;
  /** Groups that were there and are no more. */
  readonly gone: () => ReadonlySet<string>;
  readonly rules: () => readonly GroupRule[];
  /** Milliseconds from an origin that stays the same. */
  readonly clock: () => number;
  /** At least 0, less than 1: servers that failed at once do not all come back at once. */
  readonly random: () => number;
  /** Least time between two pushes; milliseconds. */
  readonly gapMs: number;
  readonly after?: After;
}

/** What an attempt came to, that may also have failed. `waits`: for another state, because this one would fail again. */
type Attempt =
  | Stored
  /** Everything is stored, or what is not cannot be. */
  | { readonly kind: "nothing" | "hopeless" }
  | { readonly kind: "failed"; readonly why: string; readonly waits: boolean };

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const CONFLICT_MS = 100;
/** So many conflicts in a row are a failure. */
const MOST_CONFLICTS = 10;

/** Works when it is told to, until it is closed. A store that fails changes nothing for the server. */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #after: After;
  readonly #end = new AbortController();
  #blobs: Blobs | undefined;
  /** Somebody said that something changed, since the last attempt began. */
  #wanted = false;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  /** When the last attempt that asked the store ended, on the clock. */
  #ended = -Infinity;
  /** Of the groups that are gone, those that were taken out of the store: whoever puts one there again means it. */
  #removed: ReadonlySet<string> = new Set();
  /** The state that is known to be stored; undefined when none is. */
  #stored: string | undefined;
  /** The state that cannot be stored, however often it is tried. */
  #hopeless: string | undefined;
  #failure: { readonly message: string; readonly since: number } | undefined;
  #failures = 0;
  #conflicts = 0;
  #succeeded: number | undefined;
  #snapshot: number | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#after = options.after ?? after;
  }

  /** What is to be kept, or the rules, may be others. */
  changed(): void {
    this.#wanted = true;
    this.#plan(this.#ended + this.#options.gapMs - this.#options.clock());
  }

  health(): StoreHealth {
    const { url, role } = this.#options;
    return { url, role, failure: this.#failure?.message, succeeded: this.#succeeded, snapshot: this.#snapshot };
  }

  /**
   * For the end of a server: stores what is not stored, within so many milliseconds. Then nothing is under way any more
   * that would still change the store. Never rejects.
   */
  async flush(ms: number): Promise<void> {
    const { clock, log, url } = this.#options;
    const late = Promise.withResolvers<void>();
    const cancel = this.#after(ms, () => {
      this.#end.abort();
      late.resolve();
    });
    await Promise.race([this.#flush(clock() + ms), late.promise]);
    cancel();
    if (this.#isStored()) return;
    const why = this.#failure?.message ?? `Cannot store in "${url}": it takes longer than ${ms} ms`;
    log.warn(`What clients accepted last is not stored: ${why}`);
  }

  /** Breaks off what is under way. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#cancel?.();
    await this.#running;
    await this.#letGo();
  }

  async #flush(end: number): Promise<void> {
    const { signal } = this.#end;
    await this.#running;
    while (!signal.aborted && !this.#isStored() && !this.#isHopeless()) {
      this.#cancel?.();
      this.#cancel = undefined;
      this.#start();
      await this.#running;
      const wait = this.#retryMs();
      if (signal.aborted || this.#isStored() || this.#options.clock() + wait >= end) return;
      await new Promise<void>((resolve) => {
        const cancel = this.#after(wait, resolve);
        signal.addEventListener("abort", () => (cancel(), resolve()), { once: true });
      });
    }
  }

  #keepsake(): Keepsake {
    const { state, gone, rules } = this.#options;
    return { groups: state(), gone: gone(), rules: rules() };
  }

  #isStored(): boolean {
    const keepsake = this.#keepsake();
    // That there is nothing is never stored: it has more often been lost than meant.
    return keepsake.groups.size === 0 || keepsakeKey(keepsake) === this.#stored;
  }

  #isHopeless(): boolean {
    return keepsakeKey(this.#keepsake()) === this.#hopeless;
  }

  /** An attempt in so many milliseconds, unless one is planned or under way. */
  #plan(ms: number): void {
    if (this.#end.signal.aborted || this.#running !== undefined) return;
    this.#cancel ??= this.#after(Math.max(0, ms), () => {
      this.#cancel = undefined;
      this.#start();
    });
  }

  #start(): void {
    if (!this.#end.signal.aborted) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    const { clock, gapMs, now } = this.#options;
    this.#wanted = false;
    const attempt = await this.#attempt();
    this.#running = undefined;
    // What was broken off says nothing about the store.
    if (this.#end.signal.aborted && attempt.kind !== "stored") return;
    if (attempt.kind !== "nothing" && attempt.kind !== "hopeless") this.#ended = clock();
    this.#conflicts = attempt.kind === "conflict" ? this.#conflicts + 1 : 0;
    if (attempt.kind === "stored") {
      this.#succeeded = now();
      this.#snapshot = attempt.snapshot.number;
    }
    if (attempt.kind === "stored" || attempt.kind === "nothing") this.#heal();
    else if (attempt.kind === "failed" || attempt.kind === "refused") this.#fail(attempt.why);
    else if (this.#conflicts >= MOST_CONFLICTS) this.#fail(`others were first ${this.#conflicts} times`);
    if (attempt.kind === "conflict" || (attempt.kind === "failed" && !attempt.waits)) this.#plan(this.#retryMs());
    else if (this.#wanted) this.#plan(gapMs);
  }

  async #attempt(): Promise<Attempt> {
    if (this.#isStored()) return { kind: "nothing" };
    if (this.#isHopeless()) return { kind: "hopeless" };
    try {
      const blobs = this.#blobs ??= await this.#open();
      // Asked for now: opening may have taken long.
      const keepsake = this.#keepsake();
      const key = keepsakeKey(keepsake);
      if (this.#isStored()) return { kind: "nothing" };
      const before = this.#stored;
      // Until there is an answer nobody knows.
      this.#stored = this.#hopeless = undefined;
      try {
        const gone = keepsake.gone.difference(this.#removed);
        const stored = await store(blobs, { ...keepsake, gone }, this.#options, this.#end.signal);
        if (stored.kind === "stored") {
          this.#stored = key;
          this.#removed = keepsake.gone;
        }
        if (stored.kind === "refused") {
          this.#stored = before;
          this.#hopeless = key;
        }
        return stored;
      } catch (error) {
        const waits = error instanceof SnapshotError && error.fault === "too-large";
        if (!waits) throw error;
        this.#hopeless = key;
        return { kind: "failed", why: textOf(error), waits };
      }
    } catch (error) {
      // The next attempt opens the store anew: it may have been made since, or the credentials be others.
      await this.#letGo();
      return { kind: "failed", why: textOf(error), waits: false };
    }
  }

  /** Ends with the keeper, however long the store takes; what comes later is closed. */
  async #open(): Promise<Blobs> {
    const { signal } = this.#end;
    const ended = Promise.withResolvers<never>();
    const end = () => ended.reject(new Error("the server is shutting down"));
    signal.addEventListener("abort", end);
    const opening = this.#options.open();
    try {
      return await Promise.race([opening, ended.promise]);
    } catch (error) {
      opening.then((blobs) => blobs.close()).catch(() => {});
      throw error;
    } finally {
      signal.removeEventListener("abort", end);
    }
  }

  async #letGo(): Promise<void> {
    const blobs = this.#blobs;
    this.#blobs = undefined;
    await blobs?.close().catch((error) => this.#options.log.debug(textOf(error)));
  }

  #retryMs(): number {
    const { random } = this.#options;
    if (this.#conflicts > 0 && this.#conflicts < MOST_CONFLICTS) return CONFLICT_MS * (1 + random());
    return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, this.#failures - 1)) * (1 - random() / 2);
  }

  #fail(why: string): void {
    const { log, clock, url } = this.#options;
    const message = `Cannot store in "${url}": ${why}`;
    this.#failures++;
    if (this.#failure === undefined) log.warn(message);
    else if (this.#failure.message !== message) log.debug(message);
    this.#failure = { message, since: this.#failure?.since ?? clock() };
  }

  #heal(): void {
    const { log, clock, url } = this.#options;
    this.#failures = 0;
    if (this.#failure === undefined) return;
    const seconds = Math.round((clock() - this.#failure.since) / 1_000);
    this.#failure = undefined;
    log.info(`Stores in "${url}" again, after ${seconds} s`);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
