/**
 * The stores of a server: what each is to it and how it does.
 *
 * @module
 */
import { json } from "./answer.ts";
import { storeJson } from "./json.ts";
import { operation } from "./operation.ts";
import type { Register } from "./router.ts";
import { STORES } from "./schemas/store.ts";

/** How a store does. Whoever keeps the stores tells it; this room does not know them. */
export interface StoreStatus {
  /** Without credentials. */
  readonly url: string;
  /** `store`: what clients accepted goes there; `source`: it is followed; `copy`: the local one. */
  readonly role: "store" | "source" | "copy";
  /** Why the last attempt failed, while that stands. */
  readonly failure: string | undefined;
  /** When it was last read or written with success; milliseconds since the epoch. */
  readonly succeeded: number | undefined;
  /** Number of the snapshot that was stored or is followed. */
  readonly snapshot: number | undefined;
}

/** The stores as they are when it is asked. */
export type Stores = () => readonly StoreStatus[];

/** Of a server without any. */
export const NO_STORES: Stores = () => [];

export function storeRoutes(register: Register, stores: Stores): void {
  register("/v1/stores", {
    get: operation({
      id: "listStores",
      summary: "The stores that the server uses: what each is to it, since when it fails and why",
      answers: { 200: { description: "None for a server without a store", schema: STORES } },
    }, () => json({ stores: stores().map(storeJson) })),
  });
}
