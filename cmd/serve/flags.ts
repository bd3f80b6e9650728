/**
 * The flags of `xcp serve`.
 *
 * @module
 */
import { ADAPTER_FLAGS } from "../adapter_flags.ts";
import type { Flag } from "../flags.ts";
import { secretFlags } from "../secrets.ts";
import { IDENTITY } from "../sources.ts";

const FLAGS: readonly Flag[] = [
  {
    name: "listen",
    value: "ADDR",
    repeat: true,
    env: true,
    fallback: "127.0.0.1:18000",
    help: "xDS over gRPC: host:port or unix:/path",
  },
  {
    name: "admin",
    value: "ADDR",
    env: true,
    fallback: "127.0.0.1:18001",
    help: "health, metrics, API, status page: host:port, unix:/path or none",
  },
  {
    name: "metrics",
    value: "ADDR",
    env: true,
    fallback: "none",
    help: "only /healthz, /readyz and /metrics, for scrapers elsewhere: host:port, unix:/path or none",
  },
  {
    name: "rest",
    value: "ADDR",
    env: true,
    fallback: "none",
    help: "xDS over REST-JSON: host:port, unix:/path or none",
  },
  {
    name: "accept-writes",
    env: true,
    help: "take configuration over HTTP, at the admin address, as the topmost layer",
  },
  {
    name: "state-dir",
    value: "DIR",
    env: true,
    help:
      "where what is written over HTTP and a local copy of what was accepted are kept; without it $STATE_DIRECTORY, " +
      "$XDG_STATE_HOME/xcp, ~/.local/state/xcp",
  },
  {
    name: "store",
    value: "STORE",
    env: true,
    help:
      "keep what clients accepted there, s3://bucket/prefix or file:///path, and start from it when the sources fail",
  },
  ...secretFlags("--store"),
  IDENTITY,
  {
    name: "settle",
    value: "TIME",
    env: true,
    fallback: "5s",
    help: "how long clients must have had a configuration without rejecting it before it counts as accepted",
  },
  {
    name: "rollout",
    value: "POLICY",
    env: true,
    fallback: "all-at-once",
    help: "who gets a change first; this version has only all-at-once",
  },
  {
    name: "tls-cert",
    value: "FILE",
    env: true,
    help: "certificate chain, PEM: for xDS, and for the admin address beyond loopback",
  },
  { name: "tls-key", value: "FILE", env: true, help: "its key" },
  {
    name: "tls-client-ca",
    value: "FILE",
    env: true,
    help: "authority of the clients' certificates, PEM: xDS over mutual TLS",
  },
  { name: "insecure-xds", env: true, help: "allow an xDS address beyond loopback without mutual TLS" },
  { name: "insecure-admin", env: true, help: "allow an admin address beyond loopback without a token" },
  {
    name: "api-token-file",
    value: "FILE",
    env: true,
    help: "file with the bearer token that the admin address asks for beyond loopback",
  },
  { name: "allow-empty", env: true, help: "serve a source that was emptied, instead of taking that for a failure" },
  {
    name: "poll",
    value: "TIME",
    env: true,
    fallback: "1s",
    help: "how often to look for changes that the file system did not tell of, and into a store that is served",
  },
  ...ADAPTER_FLAGS,
  {
    name: "watch",
    env: true,
    help: "start an adapter anew when its files change; the old one stays if the new one fails",
  },
  {
    name: "descriptors",
    value: "FILE",
    repeat: true,
    env: true,
    help: "types beside those of Envoy's API: a descriptor set, as protoc --descriptor_set_out makes it",
  },
  {
    name: "order-timeout",
    value: "TIME",
    env: true,
    fallback: "10s",
    help: "how long a client may take to acknowledge a type before the next one is sent all the same",
  },
  {
    name: "validate",
    value: "MODE",
    choices: ["off", "warn", "enforce"],
    env: true,
    fallback: "enforce",
    help: "what Envoy would reject is not looked for, said and served, or holds the group back",
  },
  {
    name: "log-format",
    value: "FORMAT",
    choices: ["text", "json"],
    env: true,
    fallback: "text",
    help: "form of the log on stderr",
  },
  {
    name: "log-level",
    value: "LEVEL",
    choices: ["error", "warn", "info", "debug"],
    env: true,
    fallback: "info",
    help: "least level that is logged",
  },
];

/** The sources, where there are no words to name them: in the environment and in a settings file. */
export const SOURCES: Flag = { name: "source", value: "SOURCE", repeat: true, env: true, help: "what to serve" };

const CONFIG: Flag = { name: "config", value: "FILE", env: true, help: "these settings in YAML, and source: a list" };

/** What may be typed. */
export const TYPED: readonly Flag[] = [...FLAGS, CONFIG];

/** What a settings file may hold. */
export const SETTINGS: readonly Flag[] = [...FLAGS, SOURCES];
