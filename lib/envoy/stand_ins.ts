/**
 * Local files that a configuration names and that this machine does not have: they are no defect, so something takes
 * their place. And files that Envoy would write to, even when it only validates.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Pair } from "./certificate.ts";
import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** What stands in, and for whom. */
export interface StandInOptions {
  /** Whether this user can read a file or folder. */
  readonly exists: (path: string) => boolean;
  /** Made when it is first needed. */
  readonly pair: () => Pair;
  /** Paths of a file of configuration without content, and of a folder. */
  readonly emptyFile: string;
  readonly emptyFolder: string;
}

export interface Replaced<T> {
  readonly json: T;
  /** Files that are not here. */
  readonly missing: readonly string[];
  /** One of them for which nothing is sure to be as good: then a rejection says nothing. */
  readonly unsure: string | undefined;
}

/** Where Envoy writes: it opens these when it validates, too. */
const LOGS: ReadonlySet<string> = new Set(["access_log_path", "event_log_path"]);
const FILE_LOG = "envoy.extensions.access_loggers.file.v3.FileAccessLog";

/** A certificate with its key, which is in two files or in one. */
const PAIRED = ["certificate_chain", "private_key", "pkcs12"] as const;

const LUA = "function envoy_on_request(handle) end";
/** The password of nobody. */
const HTPASSWD = "nobody:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

/** Fields whose content Envoy takes as it comes, or that have a form of their own. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ...["body", "password", "response", "secret", "text_format_source"].map((name) => [name, "stand-in"] as const),
  ...["default_source_code", "source_code"].map((name) => [name, LUA] as const),
  ["users", HTPASSWD],
]);

/** Replaces in the JSON of a message, by the names of its fields: they are those of the API. */
export function standIn(json: JsonObject, options: StandInOptions): Replaced<JsonObject> {
  const missing: string[] = [];
  let unsure: string | undefined;

  function lacks(value: JsonValue | undefined): boolean {
    if (!isObject(value) || typeof value.filename !== "string" || "@type" in value) return false;
    if (options.exists(value.filename)) return false;
    missing.push(value.filename);
    return true;
  }

  function object(map: JsonObject): JsonObject {
    const result: JsonObject = {};
    for (const [key, value] of Object.entries(map)) {
      const replaced = field(key, value, map);
      if (replaced !== undefined) result[key] = replaced;
    }
    if (PAIRED.some((key) => lacks(map[key]))) {
      // The two belong together, so neither stays.
      const { certificate, key } = options.pair();
      result.certificate_chain = { inline_string: certificate };
      result.private_key = { inline_string: key };
      for (const other of ["password", "private_key_provider", "ocsp_staple"]) delete result[other];
    }
    return result;
  }

  function field(key: string, value: JsonValue, parent: JsonObject): JsonValue | undefined {
    if (typeof value === "string") return path(key, value, parent);
    if (Array.isArray(value)) {
      return value.map((item) => field(key, item, parent)).filter((item) => item !== undefined);
    }
    if (!isObject(value)) return value;
    if ((key === "path_config_source" || key === "watched_directory") && typeof value.path === "string") {
      return source(value, value.path, key === "watched_directory" ? options.emptyFolder : options.emptyFile);
    }
    return lacks(value) ? content(key) : object(value);
  }

  function source(value: JsonObject, named: string, instead: string): JsonObject {
    if (options.exists(named)) return object(value);
    missing.push(named);
    return { ...object(value), path: instead };
  }

  function content(key: string): JsonValue | undefined {
    switch (key) {
      case "trusted_ca":
      case "trust_bundle":
      case "root_certs":
      case "cert_chain":
        return { inline_string: options.pair().certificate };
      case "certificate_chain":
      case "private_key":
      case "pkcs12":
      case "crl":
      case "ocsp_staple":
      case "signed_certificate_timestamp":
        return undefined;
      case "keys":
        return { inline_bytes: Buffer.alloc(80, 1).toString("base64") };
    }
    const text = TEXTS.get(key);
    if (text === undefined) unsure ??= missing.at(-1);
    return { inline_string: text ?? "stand-in" };
  }

  function path(key: string, value: string, parent: JsonObject): string {
    const type = parent["@type"];
    const log = LOGS.has(key) || key === "path" && typeof type === "string" && type.endsWith(`/${FILE_LOG}`);
    return log && value !== "" && !value.startsWith("/dev/") ? "/dev/null" : value;
  }

  const replaced = object(json);
  return { json: replaced, missing: [...new Set(missing)], unsure };
}
