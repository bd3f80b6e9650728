/**
 * What goes in and out of the protocol machine: plain data. Reading it from bytes and writing it as bytes is the
 * business of `wire/`.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import type { Snapshot } from "../model/snapshot.ts";

/** A `DiscoveryRequest` (state-of-the-world). */
export interface SotwRequest {
  readonly mode: "sotw";
  /** Type URL; "" when the client left it out. */
  readonly type: string;
  /** `version_info`: what the client accepted last, on this stream or an earlier one. */
  readonly version: string;
  readonly nonce: string;
  /** Message of `error_detail`; its presence makes the request a NACK. */
  readonly error: string | undefined;
  /** The complete subscription: `resource_names`, and the names of `resource_locators`. */
  readonly names: readonly string[];
}

/** A `DeltaDiscoveryRequest`. */
export interface DeltaRequest {
  readonly mode: "delta";
  readonly type: string;
  readonly nonce: string;
  readonly error: string | undefined;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** `initial_resource_versions`: what the client holds from an earlier stream, name to version. */
  readonly held: Held;
}

/** Versions by name: a map, or what can be read as one and may count a name twice. */
export type Held = Pick<ReadonlyMap<string, string>, "size" | "has" | "keys" | typeof Symbol.iterator>;

export type Request = SotwRequest | DeltaRequest;

/** A response before it is bytes. */
export interface Response {
  readonly mode: "sotw" | "delta";
  readonly type: string;
  /** `version_info` or `system_version_info`: the version of the set that the response leads to. */
  readonly version: string;
  readonly resources: Iterable<Resource>;
  /** Delta only: `removed_resources`. */
  readonly removed: readonly string[];
  /** Names that the client asked for and that are not there: `resource_errors`, NOT_FOUND. */
  readonly missing: readonly string[];
  /** Delta: the resources go without their bodies; the client has them, and they live on. */
  readonly heartbeat: boolean;
  /** The client is told of times to live; in state-of-the-world those resources stand in a `Resource` then. */
  readonly ttl: boolean;
  /** On-demand types: what the client asked for, of the resources that answer to it, and of none of them (""). */
  readonly asked: ReadonlyMap<string, readonly string[]> | undefined;
  /** The set that the response leads to; what is built from it need not outlive it. */
  readonly target: ResourceSet;
  /** Responses of one mode, target and {@link ttl} with the same key have the same content: an object, or a string. */
  readonly key: object | string;
}

/** A response as bytes, shared by every stream that is sent the same. */
export interface Body {
  /** Unique in the process, and greater than that of every body built before it. */
  readonly nonce: number;
}

/** What the machine asks of its surroundings; all of it deterministic, none of it waiting. */
export interface Surroundings<B extends Body> {
  /**
   * The bytes of a response. A shared body will do if its nonce is greater than `after`; otherwise a new one is built: on
   * one stream a nonce must never come twice, or a crossing request would acknowledge the wrong response.
   */
  build(response: Response, after: number): B;
  /** The set that once had this version, if it is still known. Never answers to a label. */
  recall(type: string, version: string): ResourceSet | undefined;
  /** Names of a type whose state at this client is unknown since an earlier stream ({@link Doubt}). */
  doubts(type: string): Iterable<string>;
}

/** What happens to a stream. `now` is in milliseconds, from any origin that stays the same. */
export type Event =
  | { readonly kind: "request"; readonly request: Request; readonly now: number }
  /** The node's group has another snapshot, or the node another group. `undefined`: the group never had content. */
  | { readonly kind: "snapshot"; readonly snapshot: Snapshot | undefined; readonly now: number }
  /** The time asked for with {@link Wake} has come. `drained`: everything that was sent has left for the socket. */
  | { readonly kind: "wake"; readonly drained: boolean; readonly now: number }
  | { readonly kind: "closed" };

/** What a stream wants done. */
export type Effect<B extends Body = Body> = Send<B> | Verdict | Doubt | Wake | End;

/** Send a response. */
export interface Send<B extends Body = Body> {
  readonly kind: "send";
  readonly type: string;
  /** What the client is told: a label, or the content version. */
  readonly version: string;
  /** The set that the response leads to; undefined for a heartbeat, which leads nowhere and gets no verdict. */
  readonly target: ResourceSet | undefined;
  readonly body: B;
}

/** The client answered a response for the first time. */
export interface Verdict {
  readonly kind: "verdict";
  readonly type: string;
  /** Version of the response. */
  readonly version: string;
  /** The set that the response leads to. */
  readonly target: ResourceSet;
  /** The client's words when it rejected; undefined for an ACK. */
  readonly error: string | undefined;
}

/**
 * The client's state of these names is unknown: it may have applied a part of what it rejected or never answered. It
 * must be told again also on its next stream. Empty: everything is certain again.
 */
export interface Doubt {
  readonly kind: "doubt";
  readonly type: string;
  readonly names: ReadonlySet<string>;
}

/** Bring a `wake` event at this time. A later Wake replaces an earlier one. */
export interface Wake {
  readonly kind: "wake";
  readonly at: number;
}

/** End the stream with a gRPC status. */
export interface End {
  readonly kind: "end";
  readonly code: "INVALID_ARGUMENT" | "RESOURCE_EXHAUSTED" | "DEADLINE_EXCEEDED";
  readonly message: string;
}
