/**
 * From what was typed to what the server needs, checked.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { type Address, isLocal } from "../../lib/address.ts";
import { checkStoreUrl, isStoreUrl, splitRef } from "../../lib/store/open.ts";
import type { Secrets } from "../../lib/store/snapshot/content.ts";
import type { Level, LogFormat } from "../../lib/log.ts";
import { stateDirPath } from "../../lib/state_dir.ts";
import { TransportError } from "../../lib/transport/error.ts";
import { checkExposure } from "../../lib/transport/exposure.ts";
import { type Containment, containmentOf } from "../adapter_flags.ts";
import type { Context } from "../command.ts";
import { usageError } from "../exit.ts";
import { type Parsed, parseFlags } from "../flags.ts";
import { printable } from "../printable.ts";
import { secretsOf } from "../secrets.ts";
import { loadSettings } from "../settings_file.ts";
import { identitiesOf, isServerWord } from "../sources.ts";
import { storeFailure } from "../store.ts";
import { addressOf, durationOf } from "../values.ts";
import { SETTINGS, SOURCES } from "./flags.ts";

/** What `serve` was asked to do. Times in milliseconds. */
export interface ServeSettings {
  /** Directories, files, stores and adapters; later ones win. At least one, unless writes are accepted. */
  readonly sources: readonly string[];
  /** At least one. */
  readonly listen: readonly Address[];
  readonly admin: Address | undefined;
  readonly metrics: Address | undefined;
  /** xDS over REST-JSON. */
  readonly rest: Address | undefined;
  /** Take configuration over HTTP. */
  readonly acceptWrites: boolean;
  /** Undefined when nothing says where it could be. */
  readonly stateDir: string | undefined;
  /** Somebody said where it is, so that it is this server's alone; else it is the one of all that a user starts. */
  readonly ownState: boolean;
  /** Keep a copy of what clients accepted in the state directory. */
  readonly localCopy: boolean;
  readonly store: StoreSettings | undefined;
  /** How long a configuration must have stood before it counts as accepted. */
  readonly settleMs: number;
  /** age identities: they read what is encrypted in a store. */
  readonly identities: readonly string[];
  readonly adapter: Containment;
  /** Follow the files of adapters. */
  readonly watch: boolean;
  /** Files of descriptor sets. */
  readonly descriptors: readonly string[];
  readonly tls: TlsFiles | undefined;
  readonly insecureXds: boolean;
  readonly insecureAdmin: boolean;
  readonly apiTokenFile: string | undefined;
  readonly allowEmpty: boolean;
  readonly pollMs: number;
  readonly orderTimeoutMs: number;
  readonly validate: "off" | "warn" | "enforce";
  readonly logFormat: LogFormat;
  readonly logLevel: Level;
}

/** Where accepted snapshots are kept. */
export interface StoreSettings {
  readonly url: string;
  readonly secrets: Secrets;
}

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string | undefined;
}

/** What is served when nobody says what. */
const SYSTEM_SOURCE = "/etc/xcp/config";

/**
 * @throws {CommandError} `usage`; `unreadable` and `invalid` for `--config`
 */
export async function serveSettings(typed: Parsed, env: Context["env"]): Promise<ServeSettings> {
  const config = typed.one("config");
  const parsed = config === undefined ? typed : typed.over(await loadSettings(config, SETTINGS));
  const stateDir = parsed.one("state-dir");
  const store = await storeSettings(parsed);
  const named = await sources(parsed, env);
  const ownState = stateDir !== undefined || (env["STATE_DIRECTORY"] ?? "") !== "";
  const settings: ServeSettings = {
    sources: named,
    listen: listenAddresses(parsed),
    admin: addressOrNone(parsed, "admin", "127.0.0.1:18001"),
    metrics: addressOrNone(parsed, "metrics", "none"),
    rest: addressOrNone(parsed, "rest", "none"),
    acceptWrites: parsed.on("accept-writes"),
    stateDir: stateDirPath(stateDir, env),
    ownState,
    localCopy: (ownState || store !== undefined) && named.length > 0,
    store,
    settleMs: durationOf(parsed, "settle", 5_000),
    identities: await identitiesOf(parsed),
    adapter: containmentOf(parsed),
    watch: parsed.on("watch"),
    descriptors: parsed.all("descriptors"),
    tls: tlsFiles(parsed),
    insecureXds: parsed.on("insecure-xds"),
    insecureAdmin: parsed.on("insecure-admin"),
    apiTokenFile: parsed.one("api-token-file"),
    allowEmpty: parsed.on("allow-empty"),
    pollMs: durationOf(parsed, "poll", 1_000),
    orderTimeoutMs: durationOf(parsed, "order-timeout", 10_000),
    validate: choice(parsed, "validate", ["enforce", "warn", "off"]),
    logFormat: choice(parsed, "log-format", ["text", "json"]),
    logLevel: choice(parsed, "log-level", ["info", "error", "warn", "debug"]),
  };
  checkStore(settings, parsed);
  checkListen(settings);
  checkAdmin(settings, parsed);
  checkRollout(parsed);
  return settings;
}

async function sources(parsed: Parsed, env: Context["env"]): Promise<readonly string[]> {
  const fromEnv = parseFlags([SOURCES], [], env).all("source");
  const named = [parsed.words, fromEnv, parsed.all("source")].find((list) => list.length > 0);
  for (const source of named ?? []) await checkSource(source);
  if (named !== undefined) return named;
  if (await exists(SYSTEM_SOURCE)) return [SYSTEM_SOURCE];
  if (parsed.on("accept-writes")) return [];
  throw usageError(`Cannot serve: no source is named, and there is no ${SYSTEM_SOURCE}`, {
    hint:
      'Name a directory of Envoy YAML: "xcp serve ./config", or set XCP_SOURCE; with --accept-writes there need be ' +
      'none. "xcp help serve" has examples',
  });
}

/** Sources that cannot be followed are refused by name, and not looked for on the disk. */
async function checkSource(source: string): Promise<void> {
  if (isStoreUrl(source)) return await checkUrl(splitRef(source).url);
  const kind = isServerWord(source) ? "other servers" : source === "-" ? "standard input" : undefined;
  if (kind === undefined) return;
  throw usageError(`Cannot serve "${source}": xcp serves directories, files, stores and adapters, not ${kind}`);
}

/** @throws {CommandError} `usage`, `unreadable`, `invalid` */
async function storeSettings(parsed: Parsed): Promise<StoreSettings | undefined> {
  const word = parsed.one("store");
  if (word === undefined) {
    const idle = ["with-secrets", "without-secrets"].find((name) =>
      parsed.from(name) === `--${name}` && (parsed.on(name) || parsed.all(name).length > 0)
    );
    if (idle === undefined) return undefined;
    throw usageError(`Cannot take --${idle}: it is about the snapshots of --store, and there is none`);
  }
  if (!isStoreUrl(word)) {
    throw usageError(`Cannot take ${parsed.from("store")} "${word}": a store is s3://bucket/prefix or file:///path`);
  }
  const { url, ref } = splitRef(word);
  if (ref !== undefined) {
    throw usageError(
      `Cannot take ${parsed.from("store")} "${word}": it is about all snapshots of the store, not "${ref}"`,
    );
  }
  await checkUrl(url);
  return { url, secrets: await secretsOf(parsed) };
}

/** A URL that no store can have is a slip of the pen, and never heals. */
async function checkUrl(url: string): Promise<void> {
  try {
    await checkStoreUrl(url);
  } catch (error) {
    throw storeFailure(error);
  }
}

/**
 * Whoever follows a store has each push a while before its clients took it: to store what they took of the one before would
 * undo it.
 */
function checkStore({ sources, store }: ServeSettings, parsed: Parsed): void {
  if (store === undefined) return;
  const place = placeOf(store.url);
  const same = sources.find((source) => isStoreUrl(source) && placeOf(splitRef(source).url) === place);
  if (same === undefined) return;
  throw usageError(`Cannot take ${parsed.from("store")} "${printable(store.url)}": it is served as well`, {
    hint:
      "A server that follows a store keeps nothing in it: what its clients took last would undo what was pushed since",
  });
}

/** Where a store is, however it is written. */
function placeOf(url: string): string {
  const { protocol, host, pathname, searchParams } = new URL(url);
  const path = pathname.split("/").filter((part) => part !== "").join("/");
  return JSON.stringify([protocol, host, path, searchParams.get("endpoint")]);
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

function listenAddresses(parsed: Parsed): readonly Address[] {
  const texts = parsed.all("listen");
  return (texts.length === 0 ? ["127.0.0.1:18000"] : texts).map((text) => addressOf(parsed, "listen", text));
}

function addressOrNone(parsed: Parsed, name: string, fallback: string): Address | undefined {
  const text = parsed.one(name) ?? fallback;
  return text === "none" ? undefined : addressOf(parsed, name, text);
}

/** An address that strangers would reach is refused here, before anything is read. */
function checkListen({ listen, rest, tls, insecureXds }: ServeSettings): void {
  try {
    for (const address of rest === undefined ? listen : [...listen, rest]) {
      checkExposure(address, tls?.clientCa !== undefined, insecureXds);
    }
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw usageError(error.message, { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

function tlsFiles(parsed: Parsed): TlsFiles | undefined {
  const [cert, key, clientCa] = [parsed.one("tls-cert"), parsed.one("tls-key"), parsed.one("tls-client-ca")];
  if (cert !== undefined && key !== undefined) return { cert, key, clientCa };
  const alone = ["tls-cert", "tls-key", "tls-client-ca"].find((name) => parsed.one(name) !== undefined);
  if (alone === undefined) return undefined;
  throw usageError(`Cannot take ${parsed.from(alone)} alone: TLS needs --tls-cert and --tls-key`);
}

function checkAdmin({ admin, insecureAdmin, apiTokenFile, acceptWrites }: ServeSettings, parsed: Parsed): void {
  if (admin === undefined && acceptWrites) {
    const state = "writes are taken at the admin address, and it is off";
    throw usageError(`Cannot take ${parsed.from("accept-writes")}: ${state}`);
  }
  if (admin === undefined || isLocal(admin) || insecureAdmin || apiTokenFile !== undefined) return;
  throw usageError(`Cannot take ${parsed.from("admin")} "${parsed.one("admin")}": others could read the API there`, {
    hint: "Give it a token with --api-token-file, or allow it with --insecure-admin",
  });
}

/** A policy that is not there yet must not be taken for one that protects. */
function checkRollout(parsed: Parsed): void {
  const policy = parsed.one("rollout") ?? "all-at-once";
  if (policy === "all-at-once") return;
  const state = policy === "canary"
    ? "this version has no canaries yet, only all-at-once"
    : "it is all-at-once, the only policy of this version";
  throw usageError(`Cannot take ${parsed.from("rollout")} "${policy}": ${state}`);
}

/** One of the choices, which the flag has checked; the first is the default. */
function choice<C extends string>(parsed: Parsed, name: string, [first, ...others]: readonly [C, ...C[]]): C {
  return others.find((choice) => choice === parsed.one(name)) ?? first;
}
