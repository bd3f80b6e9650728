/**
 * Whether secrets are the ones that a snapshot has, told without a key and without help for whoever guesses; see
 * `Encryption` in `format.ts`.
 *
 * @module
 */
import { createHmac, scrypt } from "node:crypto";
import type { Resource } from "../../model/resource.ts";
import { sha256 } from "./pack.ts";

/** A resource that holds a secret, and the group that has it. */
export interface Held {
  readonly group: string;
  readonly resource: Resource;
}

export interface Seal {
  /** Equal for equal secrets and salt. */
  readonly check: string;
  /** Hides what would tell of the secrets: 12 characters, equal for equal texts and secrets. */
  hide(version: string): string;
}

/** 32 MB and a tenth of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const HALF = 32;

/** `salt` is in hex. Everything that a version does not cover is of no account here either. */
export async function seal(secrets: readonly Held[], salt: string): Promise<Seal> {
  const lines = secrets.map(({ group, resource: { type, name, version } }) =>
    JSON.stringify([group, type, name, version])
  );
  const text = new TextEncoder().encode(lines.sort().join("\n"));
  const made = await new Promise<Uint8Array>((resolve, reject) => {
    scrypt(sha256(text), salt, 2 * HALF, COST, (error, key) => error ? reject(error) : resolve(key));
  });
  const key = made.subarray(HALF);
  return {
    check: Array.from(made.subarray(0, HALF), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    hide: (version) => createHmac("sha256", key).update(version).digest("base64url").slice(0, 12),
  };
}
