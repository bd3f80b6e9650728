/**
 * `xcp serve`: what `help` says of it. The server itself is loaded when it is to run.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { TYPED } from "./serve/flags.ts";

export const serve: Command = {
  name: "serve",
  summary: "serve xDS from files, adapters and stores, and what is written over HTTP",
  usage: "[SOURCE...] [FLAGS]",
  examples: [
    { does: "a directory, followed as it changes", line: "xcp serve ./config" },
    { does: "two layers: what the second has wins", line: "xcp serve ./common ./site" },
    { does: "what an adapter generates, and anew when its code changes", line: "xcp serve --watch ./adapter.ts" },
    { does: "keep what clients accepted, and start from it", line: "xcp serve ./config --store s3://bucket/edge" },
    { does: "a replica: follow what is in a store", line: "xcp serve s3://bucket/edge" },
    {
      does: "no files: what programs write over HTTP, kept in the state directory",
      line: "xcp serve --accept-writes --state-dir ./state",
    },
    {
      does: "for other machines, with mutual TLS",
      line: "xcp serve ./config --listen :18000 --tls-cert tls.pem --tls-key key.pem --tls-client-ca ca.pem",
    },
    {
      does: "on a socket, without the admin address",
      line: "xcp serve ./config --listen unix:/run/xcp/xds.sock --admin none",
    },
  ],
  flags: TYPED,
  words: { most: Number.POSITIVE_INFINITY },
  notes: [
    "SOURCE is a directory, a file, an adapter (./adapter.ts, exec:./program), or a store (s3://bucket/prefix, " +
    "file:///path) with an optional @REF; of several, what later ones say wins. Without one $XCP_SOURCE is served " +
    "(several are separated by commas), else the sources of --config, else /etc/xcp/config if it is there; with " +
    "--accept-writes there need be none. A flag wins over the environment, the environment over --config.",
    'With --accept-writes, PUT /v1/groups/GROUP/resources at the admin address takes {"version": LABEL, "resources": ' +
    "[...]} in JSON or YAML, by Content-Type; GET /openapi.json describes that and the rest. What is written wins over " +
    "every source. It is on disk before the write is answered, and is served again after a restart with --accept-writes.",
    "SIGHUP reads sources, certificates and token again. SIGTERM and SIGINT end the streams, spread over a moment; a second " +
    "one exits at once.",
    "Exits 0 after a signal, 64 for a wrong call, 65 when --config, a certificate, the token or a key is no good, 66 when one " +
    "of them cannot be read, 69 when an address is not to be had, 75 when another xcp has the state directory. A " +
    "source that is bad is no reason to exit: xcp is not ready, says why, and heals.",
  ],
  async run(parsed, context) {
    (await import("./serve/engine.ts")).tuneEngine();
    const { serveSettings } = await import("./serve/settings.ts");
    const settings = await serveSettings(parsed, context.env);
    const { runServer } = await import("./serve/run.ts");
    return await runServer(settings, context);
  },
};
