/**
 * A resource: one named Envoy message, as the bytes that go on the wire.
 *
 * @module
 */
import { createHash, hash } from "node:crypto";
import type { Position } from "./issue.ts";
import { canonicalName } from "./names.ts";

/** Where a resource came from: a place in a file, and the layer (source) that the file belongs to. */
export interface Origin extends Position {
  /** The source as the user named it: a directory, a file, `http`. */
  readonly layer: string;
}

/** A name inside a resource that must be the name of another resource. */
export interface Reference {
  /** Type URL of the resource that is named. */
  readonly type: string;
  readonly name: string;
  /** Path of the naming field inside the resource, in proto names. */
  readonly path: string;
  /**
   * `true` when the client resolves the name through this server (an ADS or self config source) or cannot use the
   * resource without it (a route's cluster); `false` when the target may also be in the client's own bootstrap file.
   */
  readonly required: boolean;
  /** The client looks for the name in its own bootstrap file and nowhere else: a target here does not help it. */
  readonly bootstrap?: true;
  /** Envoy refuses the resource that names it as long as the target is not there. */
  readonly strict?: true;
  /** Strict, and the target is needed before the client has any other: a cluster whose endpoints come from elsewhere is none. */
  readonly primary?: true;
  readonly at?: Position;
}

/**
 * What a resource says that others may contradict: it takes the address of a listener for itself, or uses a cache of one
 * name with its settings.
 */
export interface Claim {
  /**
   * `address`: two with equal keys exclude each other. The others are for `lib/validate/agreement.ts`: `dns-cache`,
   * `local-cluster`, `load-reports`, `priority`, `endpoint-statistics`, `local-cluster-limit`.
   */
  readonly kind: string;
  /** What is claimed. */
  readonly key: string;
  /** Path of the claiming field inside the resource, in proto names. */
  readonly path: string;
  readonly at?: Position;
}

/** An immutable resource. Equal content gives equal `bytes` and an equal `version` in every process. */
export interface Resource {
  /** Type URL: `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
  readonly type: string;
  readonly name: string;
  /** Canonical binary encoding of the message (not of the `Any` around it). */
  readonly bytes: Uint8Array;
  /** Content hash: 12 characters of base64url. Never an operator's label. */
  readonly version: string;
  readonly references: readonly Reference[];
  readonly claims: readonly Claim[];
  readonly origin: Origin | undefined;
  /** Milliseconds that a client may use the resource without hearing of it again; undefined: for ever. */
  readonly ttl: number | undefined;
  /** Other names that the resource answers to (VHDS): `<route configuration>/<domain>`. Part of the content. */
  readonly aliases: readonly string[];
}

/** What a resource is made of. */
export type ResourceParts =
  & Pick<Resource, "type" | "name" | "bytes" | "references" | "origin">
  & Partial<Pick<Resource, "claims" | "ttl" | "aliases">>;

/** Makes a resource and computes its version; its name is brought into canonical form. */
export function createResource(parts: ResourceParts): Resource {
  const { type, bytes, references, claims = NO_CLAIMS, origin, ttl, aliases = NO_ALIASES } = parts;
  const version = ttl === undefined && aliases.length === 0
    ? contentHash(bytes)
    : contentHash(bytes, JSON.stringify([ttl ?? null, aliases]));
  return { type, name: canonicalName(parts.name), bytes, version, references, claims, origin, ttl, aliases };
}

const NO_CLAIMS: readonly Claim[] = [];
const NO_ALIASES: readonly string[] = [];

/**
 * 72 bits of SHA-256 as 12 characters: short, because a reconnecting delta client sends one for each resource it holds,
 * and long enough that two contents of one name never meet.
 */
export function contentHash(...parts: readonly [Uint8Array | string, ...(Uint8Array | string)[]]): string {
  const [first, ...rest] = parts;
  if (rest.length === 0) return hash("sha256", first, "base64url").slice(0, 12);
  const hashing = createHash("sha256");
  for (const part of parts) hashing.update(part);
  return hashing.digest("base64url").slice(0, 12);
}
