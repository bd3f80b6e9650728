/**
 * Everything a stream remembers of one resource type.
 *
 * @module
 */
import { typeByUrl } from "../model/types.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import { Holdings } from "./holdings.ts";
import type { Leads } from "./on_demand.ts";
import { type Order, orderOf } from "./order.ts";
import type { Content } from "./plan.ts";
import { Subscription } from "./subscription.ts";

/** A response that the client has not answered yet. There is at most one for each type. */
export interface Flight {
  readonly nonce: number;
  readonly version: string;
  readonly content: Content;
  /** As {@link Content.complete}; false also when the subscription has grown to everything since. */
  complete: boolean;
  /** A newer response may go: this one has been unanswered for too long. Its verdict still counts until one does. */
  overdue: boolean;
  /** When it was sent, in milliseconds. */
  readonly since: number;
}

/** Mutable; changed by `step` alone. */
export class TypeState {
  /** Type URL. */
  readonly type: string;
  readonly order: Order;
  /** State-of-the-world responses are complete, and an empty first request means everything. */
  readonly fullState: boolean;
  /** See `ResourceType.onDemand`. */
  readonly onDemand: boolean;
  readonly subscription: Subscription;
  readonly holdings: Holdings;

  /**
   * Names that must be answered whether they changed or not. In state-of-the-world one that is not there stays until it
   * appears, or until a response goes without it.
   */
  readonly owed = new Set<string>();
  /** The wildcard must be answered, even if with nothing: Envoy's start-up waits for it. */
  owedAll = false;

  flight: Flight | undefined;
  /** Nonce of the last response; 0 before the first. */
  nonce = 0;
  /**
   * The content that the client rejected last, while any name of it is in doubt: until it acknowledges something complete,
   * gives up a doubtful name, or the content goes away.
   */
  refused: ResourceSet | undefined;

  /** The surroundings were told of doubts that have not been taken back. */
  doubted = false;

  /** On demand: what came of looking at all names. */
  leads: Leads | undefined;

  /** When the client came with state from an earlier stream: it may use what other types have not yet asked for. */
  resumedAt: number | undefined;
  /** Since when something has been due and waiting for other types. */
  waitingSince: number | undefined;
  /** Since when responses have gone without any answer; a newer response does not start it again. */
  silentSince: number | undefined;
  /** Since when a removal has waited for a client that names what it uses to let go. */
  letsGoSince: number | undefined;
  /** When a response was last acknowledged. */
  tookAt: number | undefined;
  /** When resources with a time to live must be heard of again. */
  beatAt: number | undefined;

  constructor(type: string) {
    this.type = type;
    this.order = orderOf(type);
    const row = typeByUrl(type);
    this.fullState = row?.fullState ?? false;
    this.onDemand = row?.onDemand ?? false;
    this.subscription = new Subscription(this.fullState, this.onDemand);
    this.holdings = new Holdings(type);
  }
}
