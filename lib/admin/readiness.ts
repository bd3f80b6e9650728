/**
 * What `/readyz` says. It is open to everybody who can reach it, so it says less than the API, which has a guard: of a
 * store its role, and not where it is.
 *
 * @module
 */
import type * as v from "valibot";
import type { GroupStatus, HubView } from "../hub/status.ts";
import { ageSeconds } from "./json.ts";
import type { READINESS } from "./schemas/readiness.ts";
import type { Stores, StoreStatus } from "./stores.ts";

export type ReadinessJson = v.InferOutput<typeof READINESS>;

export interface ReadinessOptions {
  readonly hub: Pick<HubView, "readiness" | "groups">;
  readonly stores: Stores;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function readinessJson({ hub, stores, now }: ReadinessOptions): ReadinessJson {
  const { ready, reasons } = hub.readiness();
  const used = stores();
  const age = (since: number | undefined) => since === undefined ? null : ageSeconds(since, now());
  return {
    ready,
    reasons: reasons.map((reason) => withoutStores(reason, used)),
    groups: hub.groups().map((group) => {
      const { name, restored, stale, since } = group;
      return { name, source: sourceOf(group, used), restored, stale, age: age(since) };
    }),
    stores: used.map(({ role, failure, succeeded }) => ({ role, failing: failure !== undefined, age: age(succeeded) })),
  };
}

/** The kind of what a group serves; its name may be one that the API guards. */
function sourceOf(
  { revision, restored, source }: GroupStatus,
  stores: readonly StoreStatus[],
): ReadinessJson["groups"][number]["source"] {
  if (revision === undefined) return null;
  if (!restored) return "sources";
  const copies = ["local copy", ...stores.filter(({ role }) => role === "copy").map(({ url }) => url)];
  return source.some((name) => copies.some((copy) => name.startsWith(copy))) ? "copy" : "store";
}

const STORE_URL = /\b(?:s3|file):\/\//i;

/** Behind the name of a store stands what its server says, which may name a bucket, an endpoint or an account. */
function withoutStores(reason: string, stores: readonly StoreStatus[]): string {
  const named = [STORE_URL.exec(reason)?.index ?? -1, ...stores.map(({ url }) => reason.indexOf(url))];
  const told = stores.map(({ failure }) => failure === undefined ? -1 : reason.indexOf(failure));
  const at = Math.min(...[...named, ...told].filter((index) => index >= 0));
  if (at === Infinity) return reason;
  return `${reason.slice(0, at).replace(/["'`(\s]+$/, "")} a store; /v1/stores says why`;
}
