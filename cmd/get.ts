/**
 * `xcp get`: an xDS client that prints what any server answers.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { outputFlag } from "./output.ts";

export const get: Command = {
  name: "get",
  summary: "ask any xDS server and print what it answers, or what changes",
  usage: "TYPE [NAME...] [FLAGS]",
  examples: [
    { does: "the clusters that an Envoy of the group edge gets", line: "xcp get clusters --cluster edge" },
    { does: "one route configuration, by name", line: "xcp get route rainbow" },
    { does: "what changes, from now on", line: "xcp get endpoints --watch" },
    {
      does: "another server, with mutual TLS and the older protocol",
      line: "xcp get listeners --xds istiod.example:15012 --sotw --node-id edge-1 \\\n" +
        "    --tls-ca ca.pem --tls-cert tls.pem --tls-key key.pem",
    },
    { does: "the names alone", line: "xcp get clusters -o names" },
  ],
  flags: [
    {
      name: "xds",
      value: "ADDR",
      env: true,
      fallback: "127.0.0.1:18000",
      help: "address of the server, host:port or unix:/path",
    },
    { name: "node-id", value: "ID", env: true, fallback: "xcp-get", help: "node.id to ask as" },
    { name: "cluster", value: "NAME", env: true, help: "node.cluster to ask as; it says the group" },
    { name: "node-metadata", value: "KEY=TEXT", repeat: true, help: "node.metadata to ask with" },
    { name: "locality", value: "REGION[/ZONE[/SUB_ZONE]]", help: "node.locality to ask with" },
    { name: "delta", help: "ask for changes only; this is the default" },
    { name: "sotw", help: "ask for the state of the world, for servers without delta" },
    { name: "per-type", help: "ask the type's own service (CDS, EDS, …) instead of the aggregated one" },
    { name: "watch", short: "w", help: "print changes as they come, until the end of the stream" },
    { name: "timeout", value: "TIME", fallback: "15s", help: "how long the server has to answer" },
    { name: "tls-ca", value: "FILE", help: "authority that signed the server's certificate; turns TLS on" },
    { name: "tls-cert", value: "FILE", help: "certificate to show, for mutual TLS" },
    { name: "tls-key", value: "FILE", help: "its key" },
    { name: "tls-server-name", value: "NAME", help: "name in the server's certificate, when it is not the host" },
    { name: "show-secrets", help: "print private keys, passwords and tokens instead of [redacted]" },
    outputFlag("yaml", "json", "names"),
  ],
  words: { most: Number.POSITIVE_INFINITY },
  notes: [
    "TYPE is listeners, clusters, endpoints, routes, scoped-routes, virtual-hosts, secrets, runtime, extension-configs or " +
    "locality-endpoints, singular or plural, the name of the service (cds), or any type URL. Without a NAME everything " +
    "is asked for, and the first answer is taken for everything.",
    "-o yaml is a file that xcp serve takes, as long as nothing in it is redacted; -o json is one object, with --watch " +
    "one for each change and line. Only resources and changes go to stdout.",
    "TLS without --tls-ca trusts the authorities that browsers trust.",
    "Exits 1 when a name is not there, 65 when a resource cannot be used, 69 when the server cannot be asked or ends the " +
    "stream, 64 for a wrong call, 66 when a file cannot be read.",
  ],
  async run(parsed, context) {
    const { getOptions } = await import("./get/options.ts");
    const options = await getOptions(parsed);
    const { runGet } = await import("./get/run.ts");
    return await runGet(options, context);
  },
};
