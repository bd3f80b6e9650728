/**
 * What the HTTP API needs of whoever keeps the layer that is written through it.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";

/** What was written for one group. */
export interface Written {
  readonly resources: readonly Resource[];
  /** The label of the last write, if it had one. */
  readonly label: string | undefined;
}

/** The whole layer of a group. */
export interface Replacement {
  readonly label: string | undefined;
  readonly resources: readonly Resource[];
}

/** A part of it. */
export interface Amendment {
  readonly label: string | undefined;
  readonly upsert: readonly Resource[];
  /** Type URL and canonical name. What was never there is removed already. */
  readonly remove: readonly { readonly type: string; readonly name: string }[];
}

/** A change of the layer of a group; `undefined` drops it. */
export type Change =
  | { readonly kind: "put"; readonly content: Replacement }
  | { readonly kind: "patch"; readonly content: Amendment }
  | { readonly kind: "delete" };

/** How a write ended. */
export type WriteResult =
  /** It is on disk, and what the group serves. */
  | { readonly kind: "done" }
  /** Somebody else wrote since; nothing changed. */
  | { readonly kind: "conflict" }
  /** The group would be invalid with it, or it removes what a lower layer has; nothing changed. */
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] }
  /** It cannot be kept (no state directory, disk full), or has nothing to be deleted; nothing changed. */
  | { readonly kind: "unavailable" | "absent"; readonly message: string };

/** The layer that is written over HTTP. Writes happen one after another. */
export interface Writes {
  /** Undefined when nothing was ever written to the group, or it was deleted. */
  get(group: string): Written | undefined;
  /** Why what was written to a group cannot be read; undefined when it can. */
  unreadable(group: string): string | undefined;
  /** The entity tag of a group (with its quotes): of what it serves and of what was written. Undefined without a group. */
  etag(group: string): string | undefined;
  /**
   * `condition`: entity tags that allow the write, as in `If-Match` (`*`: any that exists); undefined: always.
   * `absent`: only when the group has no entity tag (`If-None-Match: *`).
   */
  write(group: string, change: Change, condition?: readonly string[], absent?: boolean): Promise<WriteResult>;
}
