/**
 * An adapter as a source: its process is kept running, and what it generates is a layer.
 *
 * The layer has `failures` while there is no process to ask: then every group keeps what it has. After a start everything
 * is generated; from then on only groups that changed.
 *
 * @module
 */
import type { Log } from "../log.ts";
import type { Issue } from "../model/issue.ts";
import { EMPTY_PART, type Layer, type Part, sameLayer } from "../model/layer.ts";
import { Backlog } from "./backlog.ts";
import { backoffMs, CLOCK, type Clock } from "./clock.ts";
import { type Changed, Generations } from "./generations.ts";
import { badGroupName } from "./group_name.ts";
import { Groups, type GroupsOptions } from "./groups.ts";
import { commonOf, nextLayer, sizeOf } from "./layer.ts";
import type { Heard, Program } from "./protocol.ts";
import { adapterError, type Read, type ReadText } from "./resources.ts";
import { generateAll, type Generated, Session } from "./session.ts";
import { trace } from "../system_error.ts";

export interface AdapterSourceOptions {
  /** The adapter as the user named it, `./adapter.ts`: the name of the layer, and the file that issues name. */
  readonly name: string;
  /** Starts its process. */
  readonly start: (heard: Heard) => Program;
  /** Reads JSON text with the checks of a file. */
  readonly read: ReadText<Read>;
  readonly log: Log;
  /** Closes the source. */
  readonly signal: AbortSignal;
  /** Milliseconds that a call may take; one that takes longer is the end of the process. Default 30 s. */
  readonly timeoutMs?: number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Gets each layer after the first that differs from the one before. */
  readonly onChange?: (layer: Layer) => void;
  /** Take it for what is meant that nothing is left of what there was. */
  readonly allowEmpty?: boolean;
  /** Follows the adapter's own files: calls back when they changed. Returns how to stop. */
  readonly watch?: (onChange: () => void) => () => void;
  /** Tests put another one in. */
  readonly clock?: Clock;
}

export interface AdapterSource {
  /**
   * The first layer: everything that it generated at first, or why it cannot be run, which heals later. Rejects only when
   * the source is closed meanwhile.
   */
  load(): Promise<Layer>;
  /**
   * Starts the adapter anew, and takes the new one when it generated everything; else the old one stays, and all groups
   * have a warning that says why. Resolves with the layer as it is then.
   */
  reload(): Promise<Layer>;
  /**
   * Generates a group again: these ids of it changed, or without ids anything. Resolves when that is in a layer that was
   * published, or is known to have failed.
   */
  changed(group: string, ids?: readonly string[]): Promise<Changed>;
  /** Whether it has something for a group. */
  has(group: string): boolean;
  /** Ends the process. Resolves when it is gone; `onChange` is not called after the call. */
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const RESTART = { firstMs: 500, mostMs: 30_000 };
/** A process that ran for so long did not fail in its start. */
const LIVED_MS = 60_000;

/** Makes a source. Nothing is started before `load`. */
export function adapterSource(options: AdapterSourceOptions): AdapterSource {
  return new Adapter(options);
}

/** A process that generated everything that it listed, or was asked to. */
interface Ready {
  readonly session: Session;
  readonly generated: ReadonlyMap<string, Generated>;
}

class Adapter implements AdapterSource {
  readonly #options: AdapterSourceOptions;
  readonly #groupsOptions: GroupsOptions;
  readonly #clock: Clock;
  readonly #generations: Generations;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  /** Starts, one after the other: nothing else changes {@link Adapter.#session} but its end. */
  #turns: Promise<void> = Promise.resolve();
  #first: Promise<Layer> | undefined;
  /** The first layer was handed out. */
  #told = false;
  #layer: Layer;
  #groups: Groups;
  #common: Part = EMPTY_PART;
  #session: Session | undefined;
  /** A process is being started whose changes count already. */
  #opening = false;
  #failure: Issue | undefined;
  #restarts = 0;
  #cancelRestart = () => {};
  #unwatch = () => {};
  #renewal: Promise<void> | undefined;

  constructor(options: AdapterSourceOptions) {
    const { name, read, log, clock = CLOCK, random, signal } = options;
    this.#options = options;
    this.#clock = clock;
    this.#groupsOptions = { name, read, log };
    this.#groups = new Groups(this.#groupsOptions);
    this.#layer = { name, common: EMPTY_PART, groups: new Map(), rules: [], failures: [] };
    this.#generations = new Generations({
      clock,
      random,
      take: (group, result) => this.#published(this.#groups.take(group, result)),
      fail: (group, why) => this.#published(this.#groups.fail(group, why)),
    });
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = () => void this.close();

  load(): Promise<Layer> {
    return this.#first ??= this.#load();
  }

  async reload(): Promise<Layer> {
    await this.load();
    await this.#renew();
    return this.#current();
  }

  changed(group: string, ids?: readonly string[]): Promise<Changed> {
    const bad = badGroupName(group);
    if (bad !== undefined) {
      const message = `Cannot generate group ${JSON.stringify(group)}: ${bad}`;
      return Promise.resolve({ kind: "failed", message, issues: [] });
    }
    if (this.#closing.signal.aborted) {
      return Promise.resolve({ kind: "unavailable", message: this.#message("the source was closed") });
    }
    if (this.#failure === undefined) return new Promise((resolve) => this.#generations.changed(group, ids, resolve));
    if (this.#opening) this.#generations.changed(group, ids);
    return Promise.resolve({ kind: "unavailable", message: this.#failure.message });
  }

  has(group: string): boolean {
    return this.#layer.groups.has(group);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#unwatch();
    this.#cancelRestart();
    this.#generations.halt(this.#message("the source was closed"), undefined);
    this.#loaded.resolve();
    await Promise.all([this.#turns, this.#session?.stop()]);
  }

  async #load(): Promise<Layer> {
    if (this.#options.signal.aborted) await this.close();
    else {
      this.#unwatch = this.#options.watch?.(() => void this.#renew()) ?? (() => {});
      void this.#inTurn(() => this.#start());
    }
    await this.#loaded.promise;
    return this.#current();
  }

  #current(): Layer {
    if (this.#closing.signal.aborted) throw new Error(`Cannot load "${this.#options.name}": the source was closed`);
    return this.#layer;
  }

  #message(why: string): string {
    return `Cannot run "${this.#options.name}": ${why}`;
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    return this.#turns = this.#turns.then(async () => {
      if (this.#closing.signal.aborted) return;
      try {
        await act();
      } catch (error) {
        // A bug, here or in a listener. The layer stays what it was.
        const message = trace(error);
        this.#options.log.error(`Cannot follow "${this.#options.name}": ${message}`);
      }
    });
  }

  async #start(): Promise<void> {
    if (this.#session !== undefined) return;
    this.#opening = true;
    try {
      const ready = await this.#open(this.#heard((group, ids) => this.#generations.changed(group, ids)), true);
      if (typeof ready === "string") this.#down(ready, 0);
      else if (this.#closing.signal.aborted) await ready.session.stop();
      else this.#adopt(ready);
    } finally {
      this.#opening = false;
    }
    this.#told = true;
    this.#loaded.resolve();
  }

  /** A process that generated everything, or why there is none. Without suspects, if they are to be left out. */
  async #open(heard: Heard, leaveOut: boolean): Promise<Ready | string> {
    const { start, timeoutMs = TIMEOUT_MS } = this.#options;
    const { signal } = this.#closing;
    let session: Session;
    try {
      session = await Session.open({ start, heard, timeoutMs }, signal);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const onAbort = () => void session.stop();
    signal.addEventListener("abort", onAbort, { once: true });
    const suspects = leaveOut ? this.#generations.suspects : new Set<string>();
    const generated = await generateAll(session, session.groups.filter((group) => !suspects.has(group)));
    signal.removeEventListener("abort", onAbort);
    const cut = [...generated].filter(([, each]) => each.kind === "failed" && each.fault !== "failed");
    if (session.why === undefined && cut.length === 0) return { session, generated };
    const why = await session.over;
    await session.stop();
    if (leaveOut && !signal.aborted) this.#suspect(session, why, cut.map(([group]) => group));
    return why;
  }

  #adopt({ session, generated }: Ready): void {
    const suspects = this.#generations.suspects;
    const groups = new Groups(this.#groupsOptions, this.#groups);
    const failed = new Set<string>();
    for (const group of session.groups) {
      const each = generated.get(group);
      if (each === undefined) groups.carry(group);
      else if (each.kind === "failed") groups.fail(group, each.message);
      const changed = each?.kind === "result" ? groups.take(group, each.result) : undefined;
      const bad = changed === undefined ? true : changed.kind === "failed";
      if (bad || suspects.has(group)) failed.add(group);
    }
    this.#run(session, groups);
    this.#generations.begin(session, failed);
  }

  /** From now on it is this process that is asked, and this that it generated. */
  #run(session: Session, groups: Groups): void {
    const { name, log } = this.#options;
    const since = this.#clock.now();
    this.#session = session;
    groups.settle();
    this.#groups = groups;
    this.#failure = undefined;
    this.#warn();
    void session.over.then((why) => this.#lost(session, why, since));
    this.#publish();
    log.info("An adapter is running", { adapter: name, groups: session.groups.length });
  }

  /** Says what is to be said of all groups: of the process that runs, and of the one that could not take over. */
  #warn(...more: readonly string[]): void {
    const { name } = this.#options;
    const warnings = this.#session?.warnings.map((why) => `Cannot serve all of "${name}": ${why}`) ?? [];
    this.#common = commonOf(name, [...warnings, ...more], this.#common);
  }

  #lost(session: Session, why: string, since: number): void {
    if (this.#session !== session || this.#closing.signal.aborted) return;
    this.#session = undefined;
    this.#failure = adapterError(this.#options.name, this.#message(why));
    if (session.culprit !== undefined) this.#suspect(session, why, []);
    this.#generations.halt(this.#failure.message, session.hung ? undefined : ended(why));
    void this.#inTurn(async () => {
      await session.stop();
    });
    this.#down(why, this.#clock.now() - since);
  }

  #suspect({ hung, culprit }: Session, why: string, groups: readonly string[]): void {
    if (culprit !== undefined) this.#generations.suspect(culprit.group, culprit.why);
    if (!hung) { for (const group of groups) this.#generations.suspect(group, ended(why)); }
  }

  #down(why: string, livedMs: number): void {
    if (this.#closing.signal.aborted) return;
    const { name, log, random } = this.#options;
    this.#restarts = livedMs >= LIVED_MS ? 1 : this.#restarts + 1;
    this.#failure = adapterError(name, this.#message(why));
    // Who waits since before the start is told; what changed is in what the next start generates.
    this.#generations.halt(this.#failure.message, undefined);
    this.#publish();
    const ms = backoffMs(RESTART, this.#restarts, random());
    log.info("An adapter is started again", { adapter: name, in: `${(ms / 1_000).toFixed(1)}s`, reason: why });
    this.#cancelRestart();
    this.#cancelRestart = this.#clock.after(ms, () => void this.#inTurn(() => this.#start()));
  }

  /** Starts a process beside the one that runs. Resolves when it took over, or failed. */
  #renew(): Promise<void> {
    return this.#renewal ??= this.#inTurn(async () => {
      // What changes from now on is seen by the next one.
      this.#renewal = undefined;
      this.#cancelRestart();
      if (this.#session === undefined) return await this.#start();
      const { name } = this.#options;
      const backlog = new Backlog((group, ids) => this.#generations.changed(group, ids));
      const ready = await this.#open(this.#heard((group, ids) => backlog.add(group, ids)), false);
      const next = typeof ready === "string" ? this.#message(ready) : this.#next(ready);
      if (this.#closing.signal.aborted) {
        if (typeof ready !== "string") await ready.session.stop();
      } else if (typeof next !== "string" && typeof ready !== "string") {
        const old = this.#session;
        this.#generations.release();
        this.#cancelRestart();
        this.#run(ready.session, next);
        this.#generations.begin(ready.session);
        backlog.open();
        await old?.stop();
      } else {
        this.#warn(`Cannot take the new "${name}", the one from before stays: ${next}`);
        this.#publish();
        if (typeof ready !== "string") await ready.session.stop();
      }
    });
  }

  /** What a new process generated, if all of it can be used; else why not. */
  #next({ generated }: Ready): Groups | string {
    const groups = new Groups(this.#groupsOptions, this.#groups);
    for (const [group, each] of generated) {
      const changed = each.kind === "result" ? groups.take(group, each.result) : groups.fail(group, each.message);
      if (changed.kind === "failed") return changed.message;
    }
    const emptied = sizeOf(groups.parts()) === 0 && sizeOf(this.#layer.groups) > 0 && !this.#options.allowEmpty;
    return emptied ? "it generates no resources" : groups;
  }

  #heard(changed: (group: string, ids: readonly string[] | undefined) => void): Heard {
    const { name, log } = this.#options;
    let warned = false;
    return {
      changed: (group, ids) => {
        if (this.#closing.signal.aborted) return;
        const bad = badGroupName(group);
        if (bad === undefined) return changed(group, ids);
        if (!warned) {
          log.warn(`Cannot generate group ${JSON.stringify(group.slice(0, 200))}: ${bad}`, { adapter: name });
        }
        warned = true;
      },
      log: (level, message) => log[level](message, { adapter: name }),
    };
  }

  #published(changed: Changed): Changed {
    this.#publish();
    return changed;
  }

  #publish(): void {
    if (this.#closing.signal.aborted) return;
    const { name, allowEmpty = false } = this.#options;
    const said = { name, allowEmpty, failure: this.#failure, common: this.#common, groups: this.#groups };
    const next = nextLayer(this.#layer, said);
    if (sameLayer(this.#layer, next)) return;
    this.#layer = next;
    if (!this.#told) return;
    try {
      this.#options.onChange?.(next);
    } catch (error) {
      // A bug in the listener, and no reason to stop listening to the adapter.
      const message = trace(error);
      this.#options.log.error(`Cannot publish what "${this.#options.name}" says: ${message}`);
    }
  }
}

function ended(why: string): string {
  return `the adapter ended meanwhile: ${why}`;
}
