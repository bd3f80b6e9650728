/**
 * What a store holds, format 1:
 *
 * ```
 * chunks/<sha256>          resources, gzipped; the name is the SHA-256 of what is in it before compression, or of the
 *                          bytes as they are if they are encrypted. Written once, never changed.
 * snapshots/<number>.json  a {@link Manifest}: 1, 2, … Created once, never changed.
 * latest.json              a {@link LatestPointer}, moved by compare-and-swap
 * accepted.json            an {@link AcceptedPointer}, the same
 * ```
 *
 * A later xcp reads every earlier format. A manifest of a later format is refused with a word about it.
 *
 * @module
 */
import type { GroupRule } from "../../model/layer.ts";

export const FORMAT = 1;

export const LATEST = "latest.json";
export const ACCEPTED = "accepted.json";
export const CHUNKS = "chunks/";
export const SNAPSHOTS = "snapshots/";

/** Bytes before compression that a chunk is meant to have; one resource may have more. */
export const CHUNK_TARGET = 256 * 1024;

/** More than this is not read: of a pointer, of a manifest, of a chunk as it is stored, of a chunk when it is decompressed. */
export const LIMITS = {
  pointer: 16 * 1024 * 1024,
  manifest: 64 * 1024 * 1024,
  stored: 128 * 1024 * 1024,
  chunk: 256 * 1024 * 1024,
} as const;

/** Bytes before compression of all different chunks of a snapshot: more is refused before anything is read. */
export const MOST_CONTENT = 4 * 1024 * 1024 * 1024;

/** Key of a chunk. */
export function chunkKey(sha256: string): string {
  return CHUNKS + sha256;
}

/** Key of a manifest. */
export function manifestKey(number: number): string {
  return `${SNAPSHOTS}${number}.json`;
}

/** Some resources of one group and type, or where they came from. */
export interface ChunkEntry {
  /** Hex; see the key of a chunk. */
  readonly sha256: string;
  /** How many are in it; 0 of origins. */
  readonly resources: number;
  /** Bytes before compression. */
  readonly bytes: number;
  /** Bytes as they are stored. */
  readonly stored: number;
  /** It is encrypted with age, to the recipients of the manifest. */
  readonly encrypted?: true;
  /** Of an encrypted one: the names of its resources, which are no secret, and tell what is lacking without an identity. */
  readonly names?: readonly string[];
  /** It holds no resources, but where those of the other chunks were read from. */
  readonly origins?: true;
}

/** The resources of one type that a group has. */
export interface TypeEntry {
  /**
   * Version of the set, as a snapshot in memory computes it: replicas speak equal versions. Of a type that has encrypted
   * resources it is a keyed hash of that version, see {@link Encryption}: good for comparing snapshots of one store.
   */
  readonly version: string;
  readonly resources: number;
  readonly chunks: readonly ChunkEntry[];
}

/** What the clients of one group get. */
export interface GroupEntry {
  /** `Snapshot.revision` of all of it; keyed like a version, where it has encrypted resources. */
  readonly revision: string;
  /** By type URL, in order. */
  readonly types: Readonly<Record<string, TypeEntry>>;
}

/**
 * How the secrets of a snapshot are encrypted. Each chunk is an age file of its own, different every time it is made; so
 * that secrets that did not change are not sent again, a push has to tell that they are the same without a key. A hash in
 * clear would tell whether a guessed password is right. So the hash of all secrets together is put through scrypt, with
 * this salt: the first half of what comes out is `check`, the other is written nowhere, and keys the versions.
 */
export interface Encryption {
  /** age public keys, in order. */
  readonly recipients: readonly string[];
  /** 16 random bytes, in hex. */
  readonly salt: string;
  /** 32 bytes, in hex. */
  readonly check: string;
}

/** A resource that was not stored because it holds a secret. */
export interface LeftOut {
  readonly group: string;
  readonly type: string;
  readonly name: string;
}

/** Where a snapshot came from. */
export interface Provenance {
  /** User and host, as far as they are known: `ana@build-7`. */
  readonly who: string;
  /** The source as it was named, without credentials. */
  readonly from: string;
  /** Version of xcp. */
  readonly xcp: string;
  /** Release of Envoy whose API it had. */
  readonly envoyApi: string;
  /** The number that it repeats, of a rollback. */
  readonly rollbackOf?: number;
}

/** One snapshot. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly number: number;
  /** The snapshot that `latest` named before, with the SHA-256 of its manifest; null for the first. */
  readonly parent: { readonly number: number; readonly hash: string } | null;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** An operator's name for it: a git commit. */
  readonly label: string | null;
  readonly provenance: Provenance;
  readonly rules: readonly GroupRule[];
  /** By name, in order. */
  readonly groups: Readonly<Record<string, GroupEntry>>;
  readonly leftOut: readonly LeftOut[];
  /** Null when nothing is encrypted. */
  readonly encryption: Encryption | null;
  /** Unique, so that no two manifests are equal. */
  readonly nonce: string;
}

/** The newest snapshot. */
export interface LatestPointer {
  readonly format: typeof FORMAT;
  readonly number: number;
  /** SHA-256 of the manifest's bytes, in hex: the hash of the snapshot. */
  readonly hash: string;
  readonly nonce: string;
}

/** The snapshot that the clients of each group accepted last. */
export interface AcceptedPointer {
  readonly format: typeof FORMAT;
  readonly groups: Readonly<Record<string, { readonly number: number; readonly hash: string }>>;
  readonly nonce: string;
}
