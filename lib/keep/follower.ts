/**
 * A store as a source: a layer that follows a pointer, which any number of servers can do at once. They do not know of
 * each other; what they serve is equal because the snapshot is, and so are its versions.
 *
 * What was read once is served until something better can be read: a store that is away, or damaged, changes nothing but
 * what `failures` say.
 *
 * @module
 */
import type { Log } from "../log.ts";
import type { Api } from "../model/api.ts";
import type { Issue } from "../model/issue.ts";
import { EMPTY_PART, type Layer, type Part, sameLayer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { type Blobs, StoreError } from "../store/blobs.ts";
import { SnapshotError } from "../store/snapshot/error.ts";
import { RefError } from "../store/snapshot/refs.ts";
import { isDamage, Manifests } from "./manifests.ts";
import type { StoreHealth } from "./port.ts";
import type { Reading } from "./reading.ts";
import { damageIssue, insteadIssues, take, takeInstead, type Taken } from "./taking.ts";
import { Ticker } from "./ticker.ts";
import { type Followed, followedOf, guessWanted, NothingWanted, Pointers, type Wanted } from "./wanted.ts";
import { uncapitalized, withoutCredentials } from "./words.ts";
import { trace } from "../system_error.ts";

export interface FollowerOptions {
  /** The store, without the reference. */
  readonly url: string;
  /**
   * Without one, or `latest`: the newest snapshot, whenever it is another. `accepted`: of each group what its clients
   * accepted, the newest for the others. A number, label or hash: that one, for ever.
   */
  readonly ref: string | undefined;
  /** Called until it succeeds, and never again. */
  readonly open: () => Promise<Blobs>;
  readonly api: Api;
  /** The layer's name. */
  readonly name: string;
  /** age identities, for what is encrypted. */
  readonly identities: readonly string[];
  readonly log: Log;
  /** Closes the source. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds between two looks at the pointer, more or less: many servers must not ask at the same moment. */
  readonly pollMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Take a snapshot without any resources for what is meant, instead of for a failure. */
  readonly allowEmpty?: boolean;
  /** Gets each layer after the first that differs from the one before. Without it nothing is followed. */
  readonly onChange?: (layer: Layer) => void;
}

export interface StoreSource {
  /**
   * The first layer. A store that cannot be read is a layer with `failures`, which heals later; the promise rejects only
   * when the source is closed meanwhile.
   */
  load(): Promise<Layer>;
  /** Looks now, whether the pointer moved or not. Resolves with the layer as it is then. */
  reload(): Promise<Layer>;
  /** Resolves when nothing is under way any more; `onChange` is not called after the call. */
  close(): Promise<void>;
  health(): StoreHealth;
}

/** Makes a source. Nothing is touched before `load`. */
export function followStore(options: FollowerOptions): StoreSource {
  return new Follower(options);
}

/**
 * Polls in a row that may fail before it is said: in a bucket that is a copy of one in another region, the pointer may
 * arrive before what it points to, and an outage of a moment is none.
 */
const GRACE_POLLS = 3;

/** What is served, and what it was to be. */
interface Held {
  readonly taken: Taken;
  /** Undefined when a pointer was damaged. */
  readonly wanted: Wanted | undefined;
  /** Something else than what is wanted is served, because that is damaged. */
  readonly instead: boolean;
  /** As long as nothing fails. */
  readonly layer: Layer;
}

class Follower implements StoreSource {
  readonly #options: FollowerOptions;
  readonly #followed: Followed;
  readonly #closing = new AbortController();
  readonly #pointers: Pointers;
  readonly #ticker: Ticker;
  readonly #cache = new Map<string, readonly Resource[]>();
  #blobs: Blobs | undefined;
  #held: Held | undefined;
  /** What was wanted at the last look. */
  #tried: Wanted | undefined;
  #layer: Layer | undefined;
  #first: Promise<Layer> | undefined;
  /** Polls in a row that failed. */
  #failed = 0;
  #failure: string | undefined;
  #succeeded: number | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#followed = followedOf(options.ref);
    this.#pointers = new Pointers(this.#followed, this.#closing.signal);
    this.#ticker = new Ticker((fresh) => this.#poll(fresh), options);
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  readonly #onAbort = () => void this.close();

  load(): Promise<Layer> {
    return this.#first ??= this.#load();
  }

  async reload(): Promise<Layer> {
    await this.load();
    await this.#ticker.now();
    return this.#current();
  }

  async close(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#closing.abort();
    await this.#ticker.close();
    const blobs = this.#blobs;
    this.#blobs = undefined;
    await blobs?.close();
  }

  health(): StoreHealth {
    return {
      url: this.#blobs?.url ?? withoutCredentials(this.#options.url),
      role: "source",
      failure: this.#failure,
      succeeded: this.#succeeded,
      snapshot: this.#held?.taken.newest,
    };
  }

  async #load(): Promise<Layer> {
    if (this.#options.signal.aborted) await this.close();
    await this.#ticker.now();
    const layer = this.#current();
    if (this.#options.onChange !== undefined) this.#ticker.start();
    return layer;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  #current(): Layer {
    const state = this.#closed ? "the source was closed" : "an error in xcp, which the log has";
    if (this.#closed || this.#layer === undefined) throw new Error(`Cannot follow "${this.#name}": ${state}`);
    return this.#layer;
  }

  /** As errors name it. */
  get #name(): string {
    const { url } = this.health();
    return typeof this.#followed === "object" || this.#followed === "accepted" ? `${url}@${this.#options.ref}` : url;
  }

  /** Never rejects. Resolves to whether there is nothing more to look for, or how many times it failed in a row. */
  async #poll(fresh: boolean): Promise<{ readonly rest: boolean; readonly slow: number }> {
    let layer: Layer | undefined;
    try {
      layer = await this.#look(fresh);
    } catch (error) {
      layer = this.#closed ? undefined : this.#fail(error);
    }
    if (!this.#closed && layer !== undefined) this.#publish(layer);
    const pinned = typeof this.#followed === "object";
    // What a name means, where it means nothing yet, is looked for in all of the store.
    return { rest: pinned && this.#failed === 0, slow: pinned ? this.#failed : 0 };
  }

  /** The layer of what can be had now. */
  async #look(fresh: boolean): Promise<Layer> {
    const blobs = this.#blobs ??= await this.#options.open();
    const held = this.#held;
    let wanted: Wanted | undefined;
    try {
      wanted = await this.#pointers.look(blobs, fresh);
      // What was read for something that is wanted no more is of no use.
      if (wanted !== this.#tried) this.#forget();
      this.#tried = wanted;
      if (held === undefined || held.instead || held.wanted !== wanted) {
        this.#hold(await take(wanted, this.#reading(blobs)), wanted);
      }
    } catch (error) {
      // Whoever named one snapshot wants no other; and what was wanted and is served stays.
      const pinned = typeof this.#followed === "object";
      if (!isDamage(error) || pinned || (held !== undefined && !held.instead)) throw error;
      if (held === undefined || held.wanted !== wanted) await this.#holdInstead(blobs, wanted, error);
      this.#failed = 0;
      this.#failure = error.message;
      return this.#now();
    }
    this.#failed = 0;
    this.#failure = undefined;
    this.#succeeded = this.#options.now();
    return this.#now();
  }

  #now(): Layer {
    if (this.#held === undefined) throw new Error("nothing is held after a look that succeeded");
    return this.#held.layer;
  }

  #reading(blobs: Blobs): Reading {
    const { api, identities } = this.#options;
    const { signal } = this.#closing;
    const known = this.#held?.taken.groups ?? new Map();
    return { manifests: new Manifests(blobs, { signal }), api, identities, signal, cache: this.#cache, known };
  }

  /** What is served until what is wanted can be read. */
  async #holdInstead(blobs: Blobs, wanted: Wanted | undefined, error: Error): Promise<void> {
    const followed = this.#followed === "accepted" ? "accepted" : "latest";
    const guessed = wanted === undefined ? await guessWanted(blobs, followed, this.#closing.signal) : undefined;
    let taken: Taken;
    try {
      taken = await takeInstead(wanted ?? guessed?.wanted ?? NOTHING, this.#reading(blobs));
    } catch (worse) {
      throw worse instanceof NothingWanted ? error : worse;
    }
    // What is served is better than what is older still.
    if (this.#held !== undefined && taken.newest < this.#held.taken.newest) throw error;
    const pointers = guessed?.damage.map((damage) => damageIssue(`${damage}; snapshot ${taken.newest} is served`));
    this.#hold(taken, wanted, [...pointers ?? [], ...insteadIssues(taken)]);
  }

  #hold(taken: Taken, wanted: Wanted | undefined, failures?: readonly Issue[]): void {
    const before = this.#held;
    const groups = new Map<string, Part>();
    for (const [group, { resources, lacks }] of taken.groups) {
      const part = before?.layer.groups.get(group);
      const same = part?.resources === resources && before?.taken.groups.get(group)?.lacks === lacks;
      groups.set(group, part !== undefined && same ? part : { resources, issues: lacks });
    }
    for (const [group, damage] of taken.lost) {
      const message = `${damage}; group ${JSON.stringify(group)} has no earlier snapshot that can be read`;
      groups.set(group, { resources: [], issues: [damageIssue(message, "error")] });
    }
    if (before !== undefined && size(before.layer.groups) > 0 && size(groups) === 0 && !this.#options.allowEmpty) {
      throw new NothingWanted(
        `snapshot ${taken.newest} has no resources any more (--allow-empty takes that for what is meant)`,
      );
    }
    const rules = before !== undefined && JSON.stringify(before.taken.rules) === JSON.stringify(taken.rules)
      ? before.layer.rules
      : taken.rules;
    const layer = { name: this.#options.name, common: EMPTY_PART, groups, rules, failures: failures ?? [] };
    this.#held = { taken, wanted, instead: failures !== undefined, layer };
    this.#forget();
  }

  /** Lets go of all chunks but those of what is served. */
  #forget(): void {
    const needed = new Set([...this.#held?.taken.groups.values() ?? []].flatMap(({ chunks }) => chunks));
    for (const sha256 of this.#cache.keys()) if (!needed.has(sha256)) this.#cache.delete(sha256);
  }

  /** The layer of a look that failed; undefined as long as that is nothing to speak of. */
  #fail(error: unknown): Layer | undefined {
    const expected = error instanceof StoreError || error instanceof SnapshotError || error instanceof RefError ||
      error instanceof NothingWanted;
    const said = error instanceof Error ? error.message : String(error);
    const state = error instanceof NothingWanted ? said : expected ? uncapitalized(said) : `an error in xcp: ${said}`;
    const message = `Cannot follow "${this.#name}": ${state}`;
    const times = ++this.#failed;
    this.#failure = message;
    if (!expected) {
      this.#options.log.error(`${message}${error instanceof Error ? `\n${error.stack}` : ""}`);
    } else if (this.#held !== undefined && mayPass(error) && times < GRACE_POLLS) {
      this.#options.log.debug(message, { times });
      return undefined;
    }
    const failure: Issue = { path: "", rule: ruleOf(error), severity: "error", message };
    const { name } = this.#options;
    const kept = this.#held?.layer ?? { name, common: EMPTY_PART, groups: new Map(), rules: [], failures: [] };
    return { ...kept, failures: [failure, ...kept.failures] };
  }

  #publish(layer: Layer): void {
    const before = this.#layer;
    if (before !== undefined && sameLayer(before, layer)) return;
    this.#layer = layer;
    if (before === undefined) return;
    try {
      this.#options.onChange?.(layer);
    } catch (error) {
      const message = trace(error);
      this.#options.log.error(`Cannot take changes of "${this.#name}": ${message}`);
    }
  }
}

const NOTHING: Wanted = { groups: new Map(), latest: undefined };

/** What heals by itself more often than not. */
function mayPass(error: unknown): boolean {
  return error instanceof SnapshotError ? error.fault === "absent" : error instanceof StoreError && !isDamage(error);
}

function ruleOf(error: unknown): string {
  if (error instanceof SnapshotError && error.fault === "absent") return "snapshot-absent";
  if (isDamage(error)) return "snapshot-damaged";
  if (error instanceof StoreError) return "store-unreadable";
  if (error instanceof RefError) return "snapshot-unknown";
  return error instanceof NothingWanted ? "store-empty" : "internal";
}

function size(groups: ReadonlyMap<string, Part>): number {
  let total = 0;
  for (const { resources } of groups.values()) total += resources.length;
  return total;
}
