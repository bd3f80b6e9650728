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
  /** The number that the configuration gives to the content; undefined for a resource without a body. */
  readonly content: number | undefined;
  /** Delta: `Resource.version`. */
  readonly version: string;
  /** `Resource.aliases`. */
  readonly aliases: readonly string[];
  /** Milliseconds; undefined when the client is told of none. */
  readonly ttl: number | undefined;
}

/** A response as a client reads it. */
export interface Received {
  readonly type: string;
  readonly nonce: string;
  /** `version_info` or `system_version_info`. */
  readonly version: string;
  readonly resources: readonly ReceivedResource[];
  readonly removed: readonly string[];
  /** `resource_errors`: names that were not found. */
  readonly missing: readonly string[];
}

/** One stream. */
export interface Connection {
  send(request: Request): Promise<void>;
  /**
   * The next response; undefined when there is none and the server has nothing more to say. `expected`: there must be one,
   * so that where real time passes it is worth to wait a little for it.
   */
  receive(expected: boolean): Promise<Received | undefined>;
  /** The status that the server ended the stream with; undefined while it is open. */
  ended(): Promise<string | undefined>;
  /** Whether the client takes bytes from its socket. */
  reading(reads: boolean): Promise<void>;
  close(): Promise<void>;
}

/** A server with one configuration for each node. */
export interface Server {
  connect(mode: Mode, node: string): Promise<Connection>;
  /** All nodes get this, except those that were moved. `label`: the operator's name for what is new with it. */
  serve(config: Config, label: string | undefined): Promise<void>;
  /** One node gets this. */
  move(node: string, config: Config): Promise<void>;
  /** Time passes, in milliseconds. */
  pass(ms: number): Promise<void>;
}
