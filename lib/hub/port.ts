/**
 * What the hub and a transport say to each other about one stream. The transport moves bytes and knows sockets; the
 * hub knows nodes, groups and the protocol. Neither waits for the other.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import type { Node } from "../xds/wire/node.ts";

/** The two variants of the protocol. */
export type Mode = "sotw" | "delta";

/** Who is at the other end, as far as the connection tells. */
export interface Peer {
  /** `10.0.0.7:51234`, or `unix:/run/xcp.sock`. */
  readonly address: string;
  /** Subject alternative names of the verified client certificate, `URI:spiffe://…` and `DNS:…`; empty without mutual TLS. */
  readonly identities: readonly string[];
}

/** How a stream ends when the server ends it: a gRPC status. */
export interface Ending {
  /** gRPC status code, by name. */
  readonly code: "OK" | "INVALID_ARGUMENT" | "RESOURCE_EXHAUSTED" | "UNAVAILABLE" | "DEADLINE_EXCEEDED" | "INTERNAL";
  /** One sentence for the client's log. */
  readonly message: string;
}

/** The hub's end of a stream: what it asks of the transport. */
export interface Outlet {
  readonly peer: Peer;
  /**
   * Sends one message. `frame` is a length-prefixed gRPC message (5 bytes of header, then the body), is shared by many
   * streams and must not be changed.
   */
  send(frame: Uint8Array): void;
  /** Whether everything that was sent has left for the socket. False while a slow reader holds bytes back. */
  drained(): boolean;
  /** Ends the stream. Nothing is sent after it. */
  end(ending: Ending): void;
}

/** The transport's end of a stream: what it tells the hub. */
export interface Inlet {
  /** A request arrived: the body of one gRPC message, not yet looked at. */
  receive(body: Uint8Array): void;
  /** The stream is gone, whoever ended it. Nothing may be sent any more. Called exactly once. */
  closed(): void;
}

/** What a transport needs of the hub. */
export interface StreamHost {
  /**
   * A stream was opened. `type` is the type URL of a per-type service; undefined for an aggregated stream. Returns an
   * {@link Ending} instead when it is refused (not ready, too many streams).
   */
  open(mode: Mode, outlet: Outlet, type?: string): Inlet | Ending;
  /** One question and one answer, without a stream: REST and the `Fetch` methods. */
  fetch(question: Question): Answer | Ending;
}

/** A `DiscoveryRequest` that nothing follows. */
export interface Question {
  readonly node: Node;
  /** Type URL. */
  readonly type: string;
  /** No name is the wildcard for the types that have the legacy one, and nothing for the others. */
  readonly names: readonly string[];
  /** `version_info` of the last answer that the client took; "" for none. */
  readonly version: string;
  /** Message of `error_detail`: the client rejected the last answer. */
  readonly error: string | undefined;
  readonly peer: Peer;
}

/** What these names have now. */
export interface Answer {
  /** Content version of exactly these names: a label says nothing about them. */
  readonly version: string;
  /** The client has this version and did not reject it: REST answers 304. */
  readonly unchanged: boolean;
  readonly resources: readonly Resource[];
  /** `control_plane.identifier`. */
  readonly identifier: string;
}

/** Tells an {@link Ending} from what was wanted. */
export function isEnding<T extends object>(answer: T | Ending): answer is Ending {
  return "code" in answer;
}
