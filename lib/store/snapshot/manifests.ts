/**
 * Pointers and manifests as a store has them now, read and checked one by one.
 *
 * @module
 */
import { hash } from "node:crypto";
import type { Blobs } from "../blobs.ts";
import {
  ACCEPTED,
  type AcceptedPointer,
  LATEST,
  type LatestPointer,
  LIMITS,
  type Manifest,
  manifestKey,
} from "./format.ts";

export class DamageError extends Error {
  readonly key: string;
  readonly why: string;
  constructor(key: string, why: string) {
    super(`Cannot read "${key}": ${why}`);
    this.key = key;
    this.why = why;
  }
}

interface Options {
  readonly signal?: AbortSignal;
}

export async function readLatest(blobs: Blobs, options: Options = {}) {
  const blob = await blobs.get(LATEST, { limit: LIMITS.manifest, ...options });
  return blob && { pointer: parse(LATEST, blob.bytes) as LatestPointer, version: blob.version };
}

export async function readAccepted(blobs: Blobs, options: Options = {}) {
  const blob = await blobs.get(ACCEPTED, { limit: LIMITS.manifest, ...options });
  return blob && { pointer: parse(ACCEPTED, blob.bytes) as AcceptedPointer, version: blob.version };
}

export async function readManifest(blobs: Blobs, number: number, options: Options = {}) {
  const key = manifestKey(number);
  const blob = await blobs.get(key, { limit: LIMITS.manifest, ...options });
  if (blob === undefined) return undefined;
  return {
    manifest: parse(key, blob.bytes) as Manifest,
    hash: hash("sha256", blob.bytes, "hex"),
    size: blob.bytes.length,
  };
}

function parse(key: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new DamageError(key, "no JSON");
  }
}
