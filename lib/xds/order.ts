/**
 * Make before break: what waits for what, on one stream.
 *
 * A change that moves traffic from one cluster to another must reach Envoy in an order in which no route ever names a
 * cluster that is not there: first the new clusters with their endpoints and secrets, then the listeners and routes that
 * use them, and only then the removal of what nothing uses any more. The table says it for each type:
 *
 * - **Rows are in the order of sending** when one event makes several types due.
 * - `after`: additions and changes of this type wait until the client has acknowledged these types. Endpoints and secrets
 *   wait for nothing: Envoy withholds the ACK of CDS while a cluster warms, and warming needs them.
 * - `removedAfter`: removals of this type wait until the client has acknowledged these types, removals included. Until
 *   then the type's target is the {@link union} of what the client holds and what it shall hold.
 * - `warms`: after this type was sent, resources of that type which it refers to are sent again, even unchanged and
 *   unasked: a changed cluster warms until its endpoints come (15 s if they do not). A route configuration with virtual
 *   hosts on demand waits for a word of them as well.
 * - `letsGo`: a client that names what it uses (gRPC) goes on using it after it acknowledged the routes that do not, until it
 *   has what takes its place; then it unsubscribes. Removals of this type wait for that too, for the order timeout at most.
 *
 * Runtime layers and types that an operator added are not in the table: they wait for nothing.
 *
 * Only types that are subscribed on the same stream count; there is no order across streams. What a wait may cost:
 *
 * | the awaited type is | additions | removals |
 * |---|---|---|
 * | in flight, the client silent | go after the order timeout | go after the order timeout |
 * | rejected | go after the order timeout | wait until it is accepted: the client still uses what it kept |
 * | nothing to do with it | go at once | go at once |
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#eventual-consistency-considerations
 * @module
 */
import {
  CLUSTER,
  ENDPOINTS,
  EXTENSION_CONFIG,
  LISTENER,
  LOCALITY_ENDPOINTS,
  ROUTES,
  SCOPED_ROUTES,
  SECRET,
  VIRTUAL_HOST,
} from "../model/types.ts";

/** One row of the table; all types are URLs. */
export interface Order {
  readonly type: string;
  readonly after: readonly string[];
  readonly removedAfter: readonly string[];
  readonly warms?: string;
  readonly letsGo?: true;
}

const CDS = CLUSTER.url;
const EDS = ENDPOINTS.url;
const LEDS = LOCALITY_ENDPOINTS.url;
const SDS = SECRET.url;
const LDS = LISTENER.url;
const ECDS = EXTENSION_CONFIG.url;
const SRDS = SCOPED_ROUTES.url;
const RDS = ROUTES.url;
const VHDS = VIRTUAL_HOST.url;

/** In the order of sending. */
export const ORDER: readonly Order[] = [
  { type: CDS, after: [], removedAfter: [LDS, ECDS, SRDS, RDS, VHDS], warms: EDS, letsGo: true },
  { type: EDS, after: [], removedAfter: [CDS] },
  { type: LEDS, after: [], removedAfter: [EDS] },
  { type: SDS, after: [], removedAfter: [CDS, LDS, ECDS] },
  { type: LDS, after: [CDS], removedAfter: [] },
  { type: ECDS, after: [CDS], removedAfter: [LDS] },
  { type: SRDS, after: [CDS], removedAfter: [LDS] },
  { type: RDS, after: [CDS], removedAfter: [LDS, SRDS], warms: VHDS },
  { type: VHDS, after: [CDS], removedAfter: [RDS] },
];

const BY_TYPE: ReadonlyMap<string, Order> = new Map(ORDER.map((row) => [row.type, row]));
const RANK: ReadonlyMap<string, number> = new Map(ORDER.map((row, rank) => [row.type, rank]));

/** The row of a type; a type that is not in the table waits for nothing. */
export function orderOf(type: string): Order {
  return BY_TYPE.get(type) ?? { type, after: [], removedAfter: [] };
}

/** Compares two types by their place in the table; those that are not in it come last. */
export function byRank(a: string, b: string): number {
  return (RANK.get(a) ?? ORDER.length) - (RANK.get(b) ?? ORDER.length);
}
