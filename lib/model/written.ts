/**
 * What a write over HTTP asks for, and how it ends: between the API that takes it and whoever keeps it.
 *
 * @module
 */
import type { Issue } from "./issue.ts";
import type { Resource } from "./resource.ts";

/** What was written for one group. */
export interface Written {
  readonly resources: readonly Resource[];
  /** The label of the last write, if it had one. */
  readonly label: string | undefined;
}

/** A resource by type URL and canonical name. */
export interface Key {
  readonly type: string;
  readonly name: string;
}

/** A part of a layer: what it gets or what replaces what it has, and what goes. */
export interface Amendment<Item extends Key = Resource> {
  readonly label: string | undefined;
  readonly upsert: readonly Item[];
  readonly remove: readonly Key[];
}

/** A change of the layer of a group. */
export type Change =
  | { readonly kind: "put"; readonly content: Written }
  | { readonly kind: "patch"; readonly content: Amendment }
  | { readonly kind: "delete" };

/** How a write ended; nothing changed unless it is `done`. */
export type WriteResult =
  /** It is on disk, and what the group serves. */
  | { readonly kind: "done" }
  /** The entity tag is not one of those that the write asked for. */
  | { readonly kind: "conflict" }
  /** The group would be invalid with it, or it removes what only a lower layer has. */
  | { readonly kind: "invalid"; readonly issues: readonly Issue[] }
  /** It cannot be kept (`unavailable`), or there is nothing to delete (`absent`). */
  | { readonly kind: "unavailable" | "absent"; readonly message: string };
