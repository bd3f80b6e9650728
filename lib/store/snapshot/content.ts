/**
 * What goes into a snapshot and comes out of it.
 *
 * @module
 */
import type { GroupRule } from "../../model/layer.ts";
import type { Resource } from "../../model/resource.ts";
import type { LeftOut } from "./format.ts";

/** The configuration of all groups at one moment. */
export interface Content {
  /** What the clients of each group get, merged; names of groups in order. */
  readonly groups: ReadonlyMap<string, readonly Resource[]>;
  /** Which node belongs to which group. */
  readonly rules: readonly GroupRule[];
  /** What it lacks because it was stored without secrets, or cannot be decrypted here. */
  readonly leftOut: readonly LeftOut[];
}

/** What becomes of resources that hold secrets. */
export type Secrets =
  /** A push of any fails. */
  | { readonly mode: "refuse" }
  /** They are left out, and the manifest says which. */
  | { readonly mode: "without" }
  /** They are encrypted to the recipients (age public keys, one at least). */
  | { readonly mode: "encrypt"; readonly recipients: readonly string[] };
