/**
 * From what was typed to what the client needs, checked.
 *
 * @module
 */
import { resolve } from "node:path";
import type { Address } from "../../lib/address.ts";
import type { Query } from "../../lib/client/messages.ts";
import { RESOURCE_TYPES, typeByName, typeByUrl } from "../../lib/model/types.ts";
import { usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf } from "../output.ts";
import { addressOf, durationOf, localityOf } from "../values.ts";
import { versionInfo } from "../version.ts";
import { type TlsFiles, tlsFiles } from "./tls.ts";

/** What `get` was asked to do. Times in milliseconds. */
export interface GetOptions {
  readonly address: Address;
  readonly query: Query;
  readonly tls: TlsFiles | undefined;
  readonly watch: boolean;
  readonly timeoutMs: number;
  readonly form: "yaml" | "json" | "names";
  readonly showSecrets: boolean;
}

/**
 * @throws {CommandError} `usage`
 */
export function getOptions(parsed: Parsed): GetOptions {
  const [word, ...names] = parsed.words;
  const type = typeOf(word);
  if (parsed.on("delta") && parsed.on("sotw")) throw usageError("Cannot take --delta and --sotw: choose one");
  if (names.includes("")) throw usageError('Cannot ask for "": a name has at least one character');
  const mode = parsed.on("sotw") ? "sotw" : "delta";
  const perType = parsed.on("per-type");
  checkService(type, mode, perType);
  return {
    address: serverOf(parsed),
    query: {
      type,
      names: [...new Set(names)],
      mode,
      perType,
      node: {
        id: parsed.one("node-id") ?? "xcp-get",
        cluster: parsed.one("cluster") ?? "",
        metadata: metadataOf(parsed),
        locality: localityOf(parsed),
        version: versionInfo().version,
      },
    },
    tls: tlsFiles(parsed),
    watch: parsed.on("watch"),
    timeoutMs: durationOf(parsed, "timeout", 15_000),
    form: formOf(parsed, ["yaml", "json", "names"]),
    showSecrets: parsed.on("show-secrets"),
  };
}

const KNOWN = RESOURCE_TYPES.flatMap(({ short, plural, service }) => [plural, short, service.toLowerCase()]);
const TYPES = `A type is ${RESOURCE_TYPES.map(({ plural }) => plural).join(", ")}, or a type URL`;

function typeOf(word: string | undefined): string {
  if (word === undefined) throw usageError("Cannot get: no type is named", { hint: TYPES });
  const known = typeByName(word);
  if (known !== undefined) return known.url;
  // A message's name has a package, and a type URL a slash.
  if (/^[\w.-]+(\/[\w.-]+)*\/[\w.]+$/.test(word)) return word;
  if (/^\w+(\.\w+)+$/.test(word)) return `type.googleapis.com/${word}`;
  throw usageError(`Cannot get "${word}": there is no such type`, {
    unknown: { given: word.toLowerCase(), known: KNOWN },
    hint: TYPES,
  });
}

function checkService(type: string, mode: Query["mode"], perType: boolean): void {
  const row = typeByUrl(type);
  if (perType && row === undefined) {
    throw usageError(`Cannot take --per-type: "${type}" has no service of its own that xcp knows`);
  }
  if (row !== undefined && row.discovery.stream === undefined && mode === "sotw") {
    throw usageError(`Cannot take --sotw: ${row.plural} (${row.service}) are there in delta only`);
  }
}

function serverOf(parsed: Parsed): Address {
  const text = parsed.one("xds") ?? "127.0.0.1:18000";
  const address = addressOf(parsed, "xds", text);
  if (address.kind === "unix") return { ...address, path: resolve(address.path) };
  if (address.port === 0) throw usageError(`Cannot take ${parsed.from("xds")} "${text}": nobody answers on port 0`);
  // `:18000` is how `serve` writes every interface.
  return address.host === "" ? { ...address, host: "localhost" } : address;
}

function metadataOf(parsed: Parsed): Record<string, string> {
  const entries = parsed.all("node-metadata").map((text): [string, string] => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw usageError(`Cannot take ${parsed.from("node-metadata")} "${text}": it is KEY=TEXT`);
  });
  return Object.fromEntries(entries);
}
