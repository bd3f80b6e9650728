/**
 * A server as the clients of the tables see it. The tables run against anything that is one.
 *
 * @module
 */
import type { Request } from "../../lib/xds/messages.ts";
import type { Config, Mode } from "./script.ts";

/** One resource of a response. */
export interface ReceivedResource {
  /** Type URL of the `Any`. */
  readonly type: string;
  readonly name: string;
  /** The number that the configuration gives to the content. */
  readonly content: number;
  /** Delta: `Resource.version`. */
  readonly version: string;
}

/** A response as a client reads it. */
export interface Received {
  readonly type: string;
  readonly nonce: string;
  /** `version_info` or `system_version_info`. */
  readonly version: string;
  readonly resources: readonly ReceivedResource[];
  readonly removed: readonly string[];
}

/** One stream. */
export interface Connection {
  send(request: Request): Promise<void>;
  /** The next response; undefined when there is none and the server has nothing more to say. */
  receive(): Promise<Received | undefined>;
  /** The status that the server ended the stream with; undefined while it is open. */
  ended(): Promise<string | undefined>;
  /** Whether the client takes bytes from its socket. */
  reading(reads: boolean): void;
  close(): Promise<void>;
}

/** A server with one configuration for each node. */
export interface Server {
  connect(mode: Mode, node: string): Promise<Connection>;
  /** All nodes get this, except those that were moved. */
  serve(config: Config): Promise<void>;
  /** One node gets this. */
  move(node: string, config: Config): Promise<void>;
  /** Time passes, in milliseconds. */
  pass(ms: number): Promise<void>;
}
