/**
 * Values of flags that are more than text. Each reader throws a `CommandError` that says where the value came from.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { type Address, parseAddress } from "../lib/address.ts";
import { reason } from "../lib/system_error.ts";
import { parseDuration } from "./duration.ts";
import { CommandError, usageError } from "./exit.ts";
import type { Parsed } from "./flags.ts";

/**
 * The address that `text`, a value of the flag `name`, says.
 *
 * @throws {CommandError} `usage`
 */
export function addressOf(parsed: Parsed, name: string, text: string): Address {
  const address = parseAddress(text);
  if (address.kind !== "none") return address;
  throw usageError(`Cannot take ${parsed.from(name)} "${text}": ${address.why}`, {
    hint: "Write 127.0.0.1:18000, [::1]:18000 or unix:/run/xcp/xds.sock",
  });
}

/**
 * The time of a flag, in milliseconds; never 0.
 *
 * @throws {CommandError} `usage`
 */
export function durationOf(parsed: Parsed, name: string, fallbackMs: number): number {
  const text = parsed.one(name);
  if (text === undefined) return fallbackMs;
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw usageError(`Cannot take ${parsed.from(name)} "${text}": it is a time like 500ms, 1s or 2m`);
}

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, KB: 1e3, MB: 1e6, GB: 1e9 };

/**
 * The size of a flag, in bytes; undefined for `none`.
 *
 * @throws {CommandError} `usage`
 */
export function sizeOf(parsed: Parsed, name: string, fallback: number): number | undefined {
  const text = parsed.one(name);
  if (text === undefined) return fallback;
  if (text === "none") return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMG]i?B)$/.exec(text) ?? [];
  const bytes = Number(number) * (UNITS[unit ?? ""] ?? 0);
  if (bytes > 0) return Math.round(bytes);
  throw usageError(`Cannot take ${parsed.from(name)} "${text}": it is a size like 512MiB or 2GiB, or none`);
}

/** Where a node is. */
export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

/**
 * `--locality eu/eu-1/a`.
 *
 * @throws {CommandError} `usage`
 */
export function localityOf(parsed: Parsed): Locality | undefined {
  const text = parsed.one("locality");
  if (text === undefined) return undefined;
  const [region = "", zone = "", subZone = "", ...more] = text.split("/");
  if (region !== "" && more.length === 0) return { region, zone, subZone };
  throw usageError(
    `Cannot take ${parsed.from("locality")} "${text}": it is REGION, REGION/ZONE or REGION/ZONE/SUB_ZONE`,
  );
}

/** As `node.locality` stands in a bootstrap, of gRPC and of Envoy; what is not said is not there. */
export function localityJson({ region, zone, subZone }: Locality) {
  return { region, ...(zone === "" ? {} : { zone }), ...(subZone === "" ? {} : { sub_zone: subZone }) };
}

/**
 * The text of a file that was named.
 *
 * @throws {CommandError} `unreadable`
 */
export async function readNamed(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new CommandError("unreadable", `Cannot read "${path}": ${reason(error)}`, { cause: error });
  }
}

/**
 * The bytes of a file that was named.
 *
 * @throws {CommandError} `unreadable`
 */
export async function readNamedBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError("unreadable", `Cannot read "${path}": ${reason(error)}`, { cause: error });
  }
}

/**
 * The bearer token in a file: one word, white space around it does not count.
 *
 * @throws {CommandError} `unreadable`, `invalid`
 */
export async function readToken(path: string): Promise<string> {
  const text = (await readNamed(path)).trim();
  if (/^\S+$/.test(text)) return text;
  const state = text === "" ? "it is empty" : "it is not one word";
  throw new CommandError("invalid", `Cannot use the token in "${path}": ${state}`);
}
