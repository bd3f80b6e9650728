/**
 * What the hub and a transport say to each other about one stream. The transport moves bytes and knows sockets; the
 * hub knows nodes, groups and the protocol. Neither waits for the other.
 *
 * @module
 */

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
  /** A stream was opened. Returns an {@link Ending} instead when it is refused (not ready, too many streams). */
  open(mode: Mode, outlet: Outlet): Inlet | Ending;
}

/** Tells an {@link Ending} from an {@link Inlet}. */
export function isEnding(answer: Inlet | Ending): answer is Ending {
  return "code" in answer;
}
