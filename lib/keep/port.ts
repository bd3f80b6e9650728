/**
 * What this room says to a hub and hears from it, and what it tells people about a store.
 *
 * @module
 */
import type { GroupRule } from "../model/layer.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Standings } from "../hub/status.ts";

/** What is asked of a hub. */
export interface KeptHub {
  /** Names of the groups that have a snapshot, in order. */
  readonly kept: readonly string[];
  /** What a group serves and where its clients stand with it; undefined for a group that is not there. */
  standings(group: string): Standings | undefined;
  /** Which node belongs to which group. */
  rules(): readonly GroupRule[];
  /** Calls back with a group whenever its standings may be others. Returns how to stop. */
  onStanding(listener: (group: string) => void): () => void;
}

/** What is to be stored of one group. */
export interface KeptGroup {
  readonly snapshot: Snapshot;
  /** Its clients took it and none rejected it. Else nobody was there to ask. */
  readonly accepted: boolean;
  /** It came from a store: what is stored of the group stays as it is, and where there is nothing this is stored. */
  readonly restored: boolean;
}

/** How a store does, for people. */
export interface StoreHealth {
  /** Without credentials. */
  readonly url: string;
  /** What it is to this server. */
  readonly role: "store" | "source" | "copy";
  /** Why the last attempt failed, while that stands. */
  readonly failure: string | undefined;
  /** When it was last read or written with success; milliseconds since the epoch. */
  readonly succeeded: number | undefined;
  /** Number of the snapshot that was stored or is followed. */
  readonly snapshot: number | undefined;
}
