/**
 * `xcp bootstrap`: the file that starts an Envoy that follows xcp.
 *
 * @module
 */
import { access, constants, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import type { Address } from "../lib/address.ts";
import { reason } from "../lib/system_error.ts";
import { envoyBootstrap } from "./bootstrap/envoy.ts";
import type { SecretFile, TlsOptions } from "./bootstrap/tls.ts";
import type { Command, Context } from "./command.ts";
import { CommandError, EXIT, usageError } from "./exit.ts";
import type { Parsed } from "./flags.ts";
import { formatted, formOf, outputFlag, toYamlText } from "./output.ts";
import { addressOf } from "./values.ts";

export const bootstrap: Command = {
  name: "bootstrap",
  summary: "print an Envoy bootstrap file that points at xcp",
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
  ],
  flags: [
    { name: "node-id", value: "ID", env: true, help: "name of this Envoy" },
    { name: "cluster", value: "NAME", env: true, help: "its group, unless a rule in groups.yaml says otherwise" },
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
    outputFlag("yaml", "json"),
  ],
  notes: [
    "Envoy reloads certificates only when it learnt of them through SDS, so with TLS the bootstrap refers to files in " +
    "--sds-dir. They hold paths, no secrets, and Envoy must find them and the certificates under the same names.",
  ],
  async run(parsed, context) {
    const tls = tlsOptions(parsed);
    const { bootstrap, files } = envoyBootstrap({
      nodeId: required(parsed, "node-id"),
      cluster: required(parsed, "cluster"),
      xds: servers(parsed),
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

function servers(parsed: Parsed): readonly Address[] {
  const texts = parsed.all("xds");
  const addresses = (texts.length === 0 ? ["127.0.0.1:18000"] : texts).map((text) => {
    const address = addressOf(parsed, "xds", text);
    if (address.kind === "unix") return { ...address, path: resolve(address.path) };
    if (address.host !== "" && address.port !== 0) return address;
    throw usageError(`Cannot take ${parsed.from("xds")} "${text}": Envoy needs a host and a port to connect to`);
  });
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

function tlsOptions(parsed: Parsed): TlsOptions | undefined {
  const path = (name: string) => {
    const value = parsed.one(name);
    return value === undefined ? undefined : resolve(value);
  };
  const [ca, cert, key] = [path("tls-ca"), path("tls-cert"), path("tls-key")];
  if ((cert === undefined) !== (key === undefined)) {
    throw usageError(`Cannot take ${cert === undefined ? "--tls-key" : "--tls-cert"} alone: a pair has both`);
  }
  if (ca === undefined) {
    const alone = ["tls-cert", "tls-server-name", "sds-dir"].find((name) => parsed.one(name) !== undefined);
    if (alone === undefined) return undefined;
    throw usageError(`Cannot take --${alone} without --tls-ca: Envoy could not tell xcp from a stranger`);
  }
  const sdsDir = parsed.one("sds-dir") === "none" ? undefined : path("sds-dir") ?? dirname(cert ?? ca);
  const pair = cert === undefined || key === undefined ? undefined : { cert, key };
  return { ca, pair, sdsDir, serverName: parsed.one("tls-server-name") };
}

/** The bootstrap may be for another machine: what is not here is worth a word, not a refusal. */
async function warnOfMissing({ ca, pair }: TlsOptions, { stderr }: Context): Promise<void> {
  for (const path of [ca, ...(pair === undefined ? [] : [pair.cert, pair.key])]) {
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
