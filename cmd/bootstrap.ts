/**
 * `xcp bootstrap`: the file that starts an Envoy, or a gRPC program, that follows xcp.
 *
 * @module
 */
import { access, constants, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import type { Address } from "../lib/address.ts";
import { reason } from "../lib/system_error.ts";
import { envoyBootstrap } from "./bootstrap/envoy.ts";
import { grpcBootstrap, type GrpcBootstrapOptions, type GrpcTls } from "./bootstrap/proxyless.ts";
import type { SecretFile, TlsOptions } from "./bootstrap/tls.ts";
import type { Command, Context } from "./command.ts";
import { CommandError, EXIT, usageError } from "./exit.ts";
import type { Parsed } from "./flags.ts";
import { formatted, formOf, outputFlag, toJsonText, toYamlText } from "./output.ts";
import { addressOf, localityOf } from "./values.ts";

export const bootstrap: Command = {
  name: "bootstrap",
  summary: "print an Envoy or gRPC bootstrap file that points at xcp",
  usage: "--node-id ID --cluster NAME [FLAGS]",
  examples: [
    {
      does: "an Envoy of the group edge, beside xcp",
      line: "xcp bootstrap --node-id edge-1 --cluster edge > envoy.yaml",
    },
    {
      does: "delta, two servers in order of preference",
      line: "xcp bootstrap --node-id edge-1 --cluster edge --delta --xds xcp-a:18000 --xds xcp-b:18000",
    },
    {
      does: "mutual TLS with certificates that rotate",
      line: "xcp bootstrap --node-id edge-1 --cluster edge --xds xcp:18000 \\\n" +
        "    --tls-ca /etc/envoy/ca.pem --tls-cert /etc/envoy/tls.pem --tls-key /etc/envoy/key.pem",
    },
    {
      does: "a program that speaks gRPC with xcp itself",
      line: "xcp bootstrap --grpc --node-id shop-1 --cluster shop > xds.json && GRPC_XDS_BOOTSTRAP=xds.json ./shop",
    },
  ],
  flags: [
    { name: "node-id", value: "ID", env: true, help: "name of this Envoy or program" },
    { name: "cluster", value: "NAME", env: true, help: "its group, unless a rule in groups.yaml says otherwise" },
    { name: "locality", value: "REGION[/ZONE[/SUB_ZONE]]", help: "where it is" },
    { name: "grpc", help: "print the bootstrap file of a gRPC program instead: JSON" },
    {
      name: "xds",
      value: "ADDR",
      repeat: true,
      env: true,
      fallback: "127.0.0.1:18000",
      help: "address of xcp, host:port or unix:/path; several are priorities, the first is preferred",
    },
    { name: "delta", help: "ask for changes only" },
    { name: "sotw", help: "ask for the whole state on every change; this is the default" },
    { name: "tls-ca", value: "FILE", help: "authority that signed xcp's certificate; turns TLS on" },
    { name: "tls-cert", value: "FILE", help: "certificate of this Envoy, for mutual TLS" },
    { name: "tls-key", value: "FILE", help: "its key" },
    { name: "tls-server-name", value: "NAME", help: "name in xcp's certificate, when it is not the host of --xds" },
    {
      name: "sds-dir",
      value: "DIR",
      fallback: "the folder of the certificate",
      help: "where the small files are written through which Envoy follows the certificates; none: it reads them once",
    },
    { name: "admin-port", value: "PORT", help: "port of Envoy's own admin page, on 127.0.0.1" },
    { ...outputFlag("yaml", "json"), fallback: "yaml, with --grpc json" },
  ],
  notes: [
    "Envoy reloads certificates only when it learnt of them through SDS, so with TLS the bootstrap refers to files in " +
    "--sds-dir. They hold paths, no secrets, and Envoy must find them and the certificates under the same names.",
    "With --grpc the certificates are for the connection to xcp, and for those among the programs under the name " +
    `"default" of a certificate_provider_instance; without --tls-ca the authorities of the machine are trusted. A gRPC ` +
    'server asks for the listener "grpc/server?xds.resource.listening_address=ADDRESS".',
  ],
  async run(parsed, context) {
    if (parsed.on("grpc")) {
      const options = grpcOptions(parsed);
      if (options.tls !== undefined) await warnOfMissing(options.tls, context);
      context.stdout.write(toJsonText(grpcBootstrap(options)));
      return EXIT.ok;
    }
    const tls = tlsOptions(parsed);
    const { bootstrap, files } = envoyBootstrap({
      nodeId: required(parsed, "node-id"),
      cluster: required(parsed, "cluster"),
      locality: localityOf(parsed),
      xds: envoyServers(parsed),
      delta: isDelta(parsed),
      tls,
      adminPort: adminPort(parsed),
    });
    if (tls !== undefined) await warnOfMissing(tls, context);
    for (const file of files) await writeSecret(file, context);
    context.stdout.write(await formatted(formOf(parsed, ["yaml", "json"]), bootstrap));
    return EXIT.ok;
  },
};

function required(parsed: Parsed, name: string): string {
  const value = parsed.one(name);
  if (value !== undefined && value !== "") return value;
  throw usageError(`Cannot print a bootstrap: --${name} is missing`, { hint: `"xcp help bootstrap" has examples` });
}

function servers(parsed: Parsed, who: string): readonly Address[] {
  const texts = parsed.all("xds");
  return (texts.length === 0 ? ["127.0.0.1:18000"] : texts).map((text) => {
    const address = addressOf(parsed, "xds", text);
    if (address.kind === "unix") return { ...address, path: resolve(address.path) };
    if (address.host !== "" && address.port !== 0) return address;
    throw usageError(`Cannot take ${parsed.from("xds")} "${text}": ${who} needs a host and a port to connect to`);
  });
}

function envoyServers(parsed: Parsed): readonly Address[] {
  const addresses = servers(parsed, "Envoy");
  if (new Set(addresses.map(({ kind }) => kind)).size > 1) {
    throw usageError(`Cannot take ${parsed.from("xds")}: Envoy does not mix sockets and hosts in one cluster`);
  }
  return addresses;
}

function isDelta(parsed: Parsed): boolean {
  if (parsed.on("delta") && parsed.on("sotw")) throw usageError(`Cannot take --delta and --sotw: choose one`);
  return parsed.on("delta");
}

function adminPort(parsed: Parsed): number | undefined {
  const text = parsed.one("admin-port");
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65535) return Number(text);
  throw usageError(`Cannot take --admin-port "${text}": it is a number up to 65535`);
}

/** What makes no sense in a bootstrap of gRPC, and why. */
const NOT_GRPC: readonly (readonly [flag: string, why: string])[] = [
  ["delta", "gRPC asks for the state of the world only"],
  ["admin-port", "a gRPC program has no admin page"],
  ["sds-dir", "gRPC follows the certificates themselves"],
  [
    "tls-server-name",
    "gRPC checks the host of --xds in xcp's certificate, and its bootstrap has no field for another name",
  ],
];

function grpcOptions(parsed: Parsed): GrpcBootstrapOptions {
  for (const [flag, why] of NOT_GRPC) {
    if (parsed.one(flag) !== undefined && parsed.one(flag) !== "false") {
      throw usageError(`Cannot take --${flag} with --grpc: ${why}`);
    }
  }
  if (parsed.one("output") === "yaml") throw usageError(`Cannot take -o yaml with --grpc: gRPC reads JSON only`);
  const { ca, pair } = certificatePaths(parsed);
  return {
    nodeId: required(parsed, "node-id"),
    cluster: required(parsed, "cluster"),
    locality: localityOf(parsed),
    xds: servers(parsed, "gRPC"),
    tls: ca === undefined && pair === undefined ? undefined : { ca, pair },
  };
}

function absolute(parsed: Parsed, name: string): string | undefined {
  const value = parsed.one(name);
  return value === undefined ? undefined : resolve(value);
}

function certificatePaths(parsed: Parsed) {
  const [ca, cert, key] = ["tls-ca", "tls-cert", "tls-key"].map((name) => absolute(parsed, name));
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError(`Cannot take ${cert === undefined ? "--tls-key" : "--tls-cert"} alone: a pair has both`);
  }
  return { ca, pair: cert === undefined || key === undefined ? undefined : { cert, key } };
}

function tlsOptions(parsed: Parsed): TlsOptions | undefined {
  const { ca, pair } = certificatePaths(parsed);
  if (ca === undefined) {
    const alone = ["tls-cert", "tls-server-name", "sds-dir"].find((name) => parsed.one(name) !== undefined);
    if (alone === undefined) return undefined;
    throw usageError(`Cannot take --${alone} without --tls-ca: Envoy could not tell xcp from a stranger`);
  }
  const beside = dirname(pair?.cert ?? ca);
  const sdsDir = parsed.one("sds-dir") === "none" ? undefined : absolute(parsed, "sds-dir") ?? beside;
  return { ca, pair, sdsDir, serverName: parsed.one("tls-server-name") };
}

/** The bootstrap may be for another machine: what is not here is worth a word, not a refusal. */
async function warnOfMissing({ ca, pair }: GrpcTls, { stderr }: Context): Promise<void> {
  for (const path of [...(ca === undefined ? [] : [ca]), ...(pair === undefined ? [] : [pair.cert, pair.key])]) {
    try {
      await access(path, constants.R_OK);
    } catch (error) {
      stderr.write(`xcp: warning: Cannot read "${path}": ${reason(error)}\n`);
    }
  }
}

async function writeSecret({ path, content }: SecretFile, { stderr }: Context): Promise<void> {
  const text = await toYamlText(content);
  try {
    if (await readFile(path, "utf8").catch(() => undefined) === text) return;
    // Envoy may be reading the old one.
    await writeFile(`${path}.${process.pid}`, text);
    await rename(`${path}.${process.pid}`, path);
  } catch (error) {
    throw new CommandError("unwritable", `Cannot write "${path}": ${reason(error)}`, {
      hint: "Name a folder with --sds-dir, or take --sds-dir none: then Envoy reads the certificates only at its start",
      cause: error,
    });
  }
  stderr.write(`xcp: wrote ${path}, through which Envoy follows the certificates\n`);
}
