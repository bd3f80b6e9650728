// Made by `deno task generate`; do not edit.
/** The release of Envoy whose API is in `proto/envoy.binpb`. Here, so that nobody must read the set to say it. */
export const ENVOY_API_VERSION = "1.40.0";
