/**
 * What is to be stored of each group: what its clients accepted last, or what it serves when it has none.
 *
 * An ACK says that a client took a configuration, not that it works with it: Envoy warms later, and may still reject what
 * depends on it. So what the clients took counts when it stood for a while.
 *
 * @module
 */
import type { Snapshot } from "../model/snapshot.ts";
import type { Standings } from "../hub/status.ts";
import type { KeptGroup, KeptHub } from "./port.ts";
import { type After, after } from "./timers.ts";

export interface AcceptanceOptions {
  readonly hub: KeptHub;
  /** How long a snapshot has to stand well; milliseconds. */
  readonly settleMs: number;
  /** Milliseconds from an origin that stays the same. */
  readonly clock: () => number;
  /** {@link Acceptance.state} or {@link Acceptance.gone} is another. */
  readonly onChange: () => void;
  readonly after?: After;
}

/** A group's standings are asked for once in so many milliseconds: each answer of each of its streams may change them. */
const LOOK_MS = 100;
/** Groups that are remembered to be gone. */
const MOST_GONE = 10_000;
/** Revisions of a group that are remembered to be rejected. */
const MOST_REFUSED = 100;

/** What is known of a group. */
interface Watched {
  /** What it served when it was last looked at. */
  snapshot: Snapshot;
  /** `taken`: its clients took it, `alone`: there are none. Undefined while some have not answered, or rejected it. */
  mood: "taken" | "alone" | undefined;
  /** Since when, on the clock. */
  since: number;
  /** Somebody was connected while it was served. */
  met: boolean;
  /** Revisions that clients rejected. Only clients can clear them of that: that they left says nothing for them. */
  readonly refused: Set<string>;
  /** When to look again although nothing happens, on the clock. */
  due: number | undefined;
  kept: KeptGroup | undefined;
  /** What its clients took last. */
  taken: KeptGroup | undefined;
}

/** Watches a hub until it is closed. */
export class Acceptance {
  readonly #options: AcceptanceOptions;
  readonly #after: After;
  readonly #watched = new Map<string, Watched>();
  readonly #dirty = new Set<string>();
  readonly #unlisten: () => void;
  #state: ReadonlyMap<string, KeptGroup> = new Map();
  #gone: ReadonlySet<string> = new Set();
  #cancelLook: (() => void) | undefined;
  #cancelDue: (() => void) | undefined;
  #closed = false;

  constructor(options: AcceptanceOptions) {
    this.#options = options;
    this.#after = options.after ?? after;
    this.#unlisten = options.hub.onStanding((group) => this.#touch(group));
    for (const group of options.hub.kept) this.#touch(group);
  }

  /** By name, in order. Never changed: what is to be stored later is another map. */
  state(): ReadonlyMap<string, KeptGroup> {
    return this.#state;
  }

  /** Groups that were there and are no more; never changed either. */
  gone(): ReadonlySet<string> {
    return this.#gone;
  }

  /**
   * For the end of a server: what stands well now counts without the rest of the wait. What nobody is left of the clients
   * to speak for does not.
   */
  settleNow(): void {
    if (!this.#closed) this.#look([...new Set([...this.#watched.keys(), ...this.#dirty])], true);
  }

  /** What there is stays. */
  close(): void {
    this.#closed = true;
    this.#unlisten();
    this.#cancelLook?.();
    this.#cancelDue?.();
  }

  /** Called for every answer of every stream. */
  #touch(group: string): void {
    if (this.#closed) return;
    this.#dirty.add(group);
    this.#cancelLook ??= this.#after(LOOK_MS, () => this.#look([...this.#dirty], false));
  }

  #look(groups: Iterable<string>, last: boolean): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    this.#dirty.clear();
    const gone = new Set(this.#gone);
    for (const group of groups) {
      const standings = this.#options.hub.standings(group);
      if (standings?.snapshot !== undefined) {
        gone.delete(group);
        this.#watch(group, standings.snapshot, standings, last);
      } else if (this.#watched.delete(group)) remember(gone, group, MOST_GONE);
    }
    this.#waitForDue();
    this.#publish(gone);
  }

  #watch(group: string, snapshot: Snapshot, { restored, clients, open, refused }: Standings, last: boolean): void {
    const { clock, settleMs } = this.#options;
    const now = clock();
    let watched = this.#watched.get(group);
    if (watched === undefined) {
      watched = {
        snapshot,
        mood: undefined,
        since: now,
        met: false,
        refused: new Set(),
        due: undefined,
        kept: undefined,
        taken: undefined,
      };
      this.#watched.set(group, watched);
    }
    // The same content once more is another start: in between was something else.
    if (watched.snapshot !== snapshot) Object.assign(watched, { snapshot, mood: undefined, met: false });
    watched.due = undefined;
    if (clients > 0) watched.met = true;
    if (refused > 0) {
      remember(watched.refused, snapshot.revision, MOST_REFUSED);
      // It may still be on its way to the store, from the time when nobody was there to reject it.
      const { kept } = watched;
      const untaken = kept !== undefined && !kept.accepted && kept.snapshot.revision === snapshot.revision;
      if (untaken) watched.kept = watched.taken;
    }
    if (restored) {
      watched.mood = undefined;
      watched.kept = sameOr(watched.kept, { snapshot, accepted: false, restored });
      return;
    }
    const mood = this.#moodOf(watched, { clients, open, refused });
    if (mood !== watched.mood) Object.assign(watched, { mood, since: now });
    // Somebody who has just come may still reject it; when he answers there is another look.
    if (mood === undefined || open > 0) return;
    const stood = now - watched.since >= settleMs;
    if (mood === "taken" && (stood || last)) {
      watched.refused.delete(snapshot.revision);
      watched.kept = watched.taken = sameOr(watched.kept, { snapshot, accepted: true, restored });
    } else if (mood === "alone" && (stood || (last && !watched.met))) {
      const { kept } = watched;
      // Clients that left take nothing back.
      const same = kept !== undefined && !kept.restored && kept.snapshot.revision === snapshot.revision;
      if (!same) watched.kept = { snapshot, accepted: false, restored };
    } else watched.due = watched.since + settleMs;
  }

  #moodOf(
    { mood, snapshot, refused }: Watched,
    standings: Pick<Standings, "clients" | "open" | "refused">,
  ): Watched["mood"] {
    if (standings.refused > 0) return undefined;
    if (standings.clients === 0) return refused.has(snapshot.revision) ? undefined : "alone";
    if (standings.open === 0) return "taken";
    // Among many clients there is always one that has just come: that must not put the others off for ever.
    return mood === "taken" ? mood : undefined;
  }

  #waitForDue(): void {
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    let first = Infinity;
    for (const { due } of this.#watched.values()) if (due !== undefined) first = Math.min(first, due);
    if (first === Infinity || this.#closed) return;
    this.#cancelDue = this.#after(Math.max(0, first - this.#options.clock()), () => {
      const now = this.#options.clock();
      const ripe = [...this.#watched].filter(([, { due }]) => due !== undefined && due <= now);
      this.#look([...ripe.map(([group]) => group), ...this.#dirty], false);
    });
  }

  #publish(gone: ReadonlySet<string>): void {
    const entries = [...this.#watched].flatMap(([group, { kept }]) =>
      kept === undefined ? [] : [[group, kept] as const]
    );
    const state = new Map(entries.sort(([a], [b]) => a < b ? -1 : 1));
    const sameState = state.size === this.#state.size &&
      [...state].every(([group, kept]) => this.#state.get(group) === kept);
    const sameGone = gone.size === this.#gone.size && [...gone].every((group) => this.#gone.has(group));
    if (sameState && sameGone) return;
    if (!sameState) this.#state = state;
    if (!sameGone) this.#gone = gone;
    this.#options.onChange();
  }
}

/** What was kept, when the other says nothing else. */
function sameOr(kept: KeptGroup | undefined, other: KeptGroup): KeptGroup {
  const same = kept !== undefined && kept.snapshot.revision === other.snapshot.revision &&
    kept.accepted === other.accepted && kept.restored === other.restored;
  return same ? kept : other;
}

/** Adds to a set that forgets the oldest. */
function remember(set: Set<string>, one: string, most: number): void {
  set.delete(one);
  set.add(one);
  for (const oldest of set) {
    if (set.size <= most) break;
    set.delete(oldest);
  }
}
