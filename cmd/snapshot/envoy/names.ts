/**
 * Names of the files that an Envoy reads.
 *
 * @module
 */
export const CLUSTERS_FILE = "cds.json";
export const LISTENERS_FILE = "lds.json";
export const SECRETS_FOLDER = "secrets";
/** The bootstrap. */
export const BOOTSTRAP_FILE = "envoy.yaml";
