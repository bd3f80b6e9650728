// Made by `deno task generate`; do not edit.
/** The release of Envoy whose API is in `proto/envoy.binpb`. Here, so that nobody must read the set to say it. */
export const ENVOY_API_VERSION = "1.40.0";

/** The releases of which `history.ts` says what is newer, the oldest first. */
export const ENVOY_RELEASES: readonly string[] = ["1.36", "1.37", "1.38", "1.39", "1.40"];
