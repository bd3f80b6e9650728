/**
 * Why a server cannot be asked, in words.
 *
 * @module
 */
import { status } from "@grpc/grpc-js";
import { reason } from "../system_error.ts";

/**
 * - `unreachable`: no connection, or no gRPC behind it
 * - `closed`: it closes connections before a word is said
 * - `tls`: it does not speak TLS
 * - `identity`: it does not take the client's certificate, or wants one
 * - `untrusted`, `misnamed`: its own certificate is not what it should be
 * - `unimplemented`: a gRPC server without this method
 * - `silent`: connected, and no answer in time
 * - `ended`: the server ended the stream
 * - `garbled`: what it sent is no xDS
 */
export type ClientFailure =
  | "unreachable"
  | "closed"
  | "tls"
  | "identity"
  | "untrusted"
  | "misnamed"
  | "unimplemented"
  | "silent"
  | "ended"
  | "garbled";

/** A stream is over before its time. The message is the state alone, as it follows a colon. */
export class ClientError extends Error {
  override readonly name = "ClientError";

  constructor(readonly failure: ClientFailure, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** `NOT_FOUND` of 5; the number itself of a code that gRPC does not have. */
export function statusName(code: number): string {
  return status[code] ?? String(code);
}

/** What a stream ended with, as grpc-js tells it. */
export interface Ending {
  readonly code: status;
  readonly details: string;
}

/** What is known of a stream when it ends. */
export interface Ended {
  /** `/package.Service/Method` */
  readonly method: string;
  /** Whether there ever was a connection. */
  readonly connected: boolean;
}

/** An end that nobody asked for. */
export function endingError({ code, details }: Ending, { method, connected }: Ended): ClientError {
  const [, http] = /^Received HTTP status code (\d+)/.exec(details) ?? [];
  if (http !== undefined) return new ClientError("unreachable", `it is no gRPC server: it answers with HTTP ${http}`);
  if (code === status.UNIMPLEMENTED) {
    return new ClientError("unimplemented", `it does not implement ${method.slice(1)}`);
  }
  if (code === status.UNAVAILABLE && !connected) return connectionError(details);
  if (code === status.OK) return new ClientError("ended", "it ended the stream");
  const said = details === "" ? "" : `: ${details}`;
  return new ClientError("ended", `it ended the stream with ${statusName(code)}${said}`);
}

/** `No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.7:1 (a date). Resolution note: ` */
const CONNECTION = /^No connection established\. Last error: (.*?)\.?\s*Resolution note:.*$/s;
const WRAPPING = /^(?:[A-Z][A-Za-z]*)?Error(?: \[\w+\])?: | \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/g;

/** What grpc-js, the runtimes and their TLS libraries say, and what it means. The first that matches counts. */
const WORDS: readonly (readonly [said: RegExp, failure: ClientFailure, state: string])[] = [
  [/^Name resolution failed/, "unreachable", "no such host"],
  [/^Protocol error/, "unreachable", "it does not speak HTTP/2"],
  [
    /^Failed to connect|\bEPIPE\b|^socket hang up|disconnected before secure/,
    "closed",
    "it closed the connection at once",
  ],
  [/WRONG_VERSION_NUMBER|wrong version number|packet length too long/i, "tls", "it does not speak TLS"],
  [/ALERT_CERTIFICATE_REQUIRED|alert certificate required/i, "identity", "it wants a certificate"],
  [/ALERT_(UNKNOWN_CA|BAD_CERT)|alert (unknown ca|bad certificate)/i, "identity", "it does not trust the certificate"],
  [
    /self.signed certificate|unable to (verify|get)|UNABLE_TO_/i,
    "untrusted",
    "its certificate is signed by an authority that is not trusted",
  ],
];

function connectionError(details: string): ClientError {
  const [, last = details] = CONNECTION.exec(details) ?? [];
  const said = last.replaceAll(WRAPPING, "");
  for (const [pattern, failure, state] of WORDS) if (pattern.test(said)) return new ClientError(failure, state);
  const [, names] = /does not match certificate's altnames: (.*)$/.exec(said) ?? [];
  if (names !== undefined) return new ClientError("misnamed", `its certificate is for another name: ${names.trim()}`);
  const [, code] = /\b(?:connect|read|write) (E[A-Z]+)\b/.exec(said) ?? [];
  return new ClientError("unreachable", code === undefined ? said : reason(Object.assign(new Error(said), { code })));
}
