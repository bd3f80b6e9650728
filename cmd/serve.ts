/**
 * `xcp serve`: its flags and its help. The server itself is loaded when it is to run.
 *
 * @module
 */
import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";

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
    help: "only /healthz, /readyz and /metrics, for scrapers elsewhere",
  },
  { name: "tls-cert", value: "FILE", env: true, help: "certificate chain for xDS, PEM" },
  { name: "tls-key", value: "FILE", env: true, help: "its key" },
  { name: "tls-client-ca", value: "FILE", env: true, help: "authority of the clients' certificates: mutual TLS" },
  {
    name: "insecure-xds",
    env: true,
    help: "allow an xDS address that is neither loopback nor a socket without mutual TLS",
  },
  { name: "insecure-admin", env: true, help: "allow an admin address beyond loopback without a token" },
  {
    name: "api-token-file",
    value: "FILE",
    env: true,
    help: "bearer token that the admin address asks for beyond loopback",
  },
  { name: "allow-empty", env: true, help: "take an emptied source for what is meant" },
  {
    name: "poll",
    value: "TIME",
    env: true,
    fallback: "1s",
    help: "how often to look for changes that the file system did not tell of",
  },
  {
    name: "order-timeout",
    value: "TIME",
    env: true,
    fallback: "15s",
    help: "how long a client may take to acknowledge a type before the next one is sent all the same",
  },
  {
    name: "validate",
    value: "MODE",
    choices: ["off", "warn", "enforce"],
    env: true,
    fallback: "enforce",
    help: "what a reference to a resource that is not there does: nothing, a warning, or it holds the group back",
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

/** Only where there is no command line to put them on. */
export const SOURCES: Flag = { name: "source", value: "SOURCE", repeat: true, env: true, help: "what to serve" };
const CONFIG: Flag = { name: "config", value: "FILE", env: true, help: "these settings in YAML, and source: a list" };

/** What a settings file may hold. */
export const SETTINGS: readonly Flag[] = [...FLAGS, SOURCES];

export const serve: Command = {
  name: "serve",
  summary: "serve xDS from directories and files of Envoy YAML",
  usage: "[SOURCE...] [FLAGS]",
  examples: [
    { does: "a directory, followed as it changes", line: "xcp serve ./config" },
    { does: "two layers: what the second has wins", line: "xcp serve ./common ./site" },
    {
      does: "for other machines, with mutual TLS",
      line: "xcp serve ./config --listen 0.0.0.0:18000 --tls-cert tls.pem --tls-key key.pem --tls-client-ca ca.pem",
    },
    {
      does: "on a socket, without the admin address",
      line: "xcp serve ./config --listen unix:/run/xcp/xds.sock --admin none",
    },
  ],
  flags: [...FLAGS, CONFIG],
  words: { most: Number.POSITIVE_INFINITY },
  notes: [
    "SOURCE is a directory or a file; without one $XCP_SOURCE is served (several are separated by commas), else the " +
    "sources of --config, else /etc/xcp/config if it is there. A flag wins over the environment, the environment over " +
    "--config.",
    "SIGHUP reads sources and certificates again. SIGTERM and SIGINT end the streams, spread over a moment; a second " +
    "one exits at once.",
  ],
  async run(parsed, context) {
    const { serveSettings } = await import("./serve/settings.ts");
    const settings = await serveSettings(parsed, context.env);
    const { runServer } = await import("./serve/run.ts");
    return await runServer(settings, context);
  },
};
