/**
 * What a client understands beyond the base of the protocol, as far as its node says.
 *
 * @module
 */

/** How a client is spoken to. */
export interface Capabilities {
  /** Knows times to live, and in state-of-the-world the `Resource` that they stand in. */
  readonly ttl: boolean;
  /**
   * State-of-the-world: a response may bring nothing but the news that a name is not there (`resource_errors`). To
   * Envoy an answer without the endpoints that it asked for ends the warming of a cluster, so Envoy is not told.
   */
  readonly absence: boolean;
}

/** Of a client that has not said who it is. */
export const BASE: Capabilities = { ttl: false, absence: false };

const TTL = "xds.config.supports-resource-ttl";
const WRAPPED = ["xds.config.supports-resource-in-sotw", "xds.config.resource-in-sotw"];

/** Stock Envoy lists no feature and honours times to live in both modes. */
export function capabilitiesOf(
  mode: "sotw" | "delta",
  { userAgent, features }: { readonly userAgent: string; readonly features: readonly string[] },
): Capabilities {
  const envoy = /^envoy\b/i.test(userAgent);
  const wrapped = mode === "delta" || WRAPPED.some((feature) => features.includes(feature));
  return { ttl: envoy || features.includes(TTL) && wrapped, absence: !envoy };
}
