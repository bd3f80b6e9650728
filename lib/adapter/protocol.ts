/**
 * What xcp and an adapter say to each other, version 1: JSON values, one a line, UTF-8, over the standard input and
 * output of the adapter's process. What it writes to standard error goes to the log.
 *
 * xcp calls, and gives each call a number; the adapter answers with it, in any order. Calls for one group come one after
 * the other, calls for several groups may overlap. The first call is `init`, `list` comes after it, `generate` after that;
 * `close` is the last. An adapter whose standard input ends has to end as well.
 *
 * ```
 * > {"id":1,"call":"init","protocol":1}
 * < {"id":1,"result":{}}
 * > {"id":2,"call":"list"}
 * < {"id":2,"items":[{"group":"edge","id":"orders"}]}
 * < {"id":2,"result":null}
 * > {"id":3,"call":"generate","group":"edge","changes":"all"}
 * < {"id":3,"result":[{"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster","name":"orders"}]}
 * < {"changed":{"group":"edge","ids":["orders"]}}
 * < {"log":{"level":"info","message":"orders moved"}}
 * ```
 *
 * @module
 */

/** The version of the protocol that xcp speaks. */
export const PROTOCOL = 1;

/** A definition that an adapter knows: which group it belongs to, and its name there. */
export interface Definition {
  readonly group: string;
  readonly id: string;
}

/** Which definitions of a group changed; `all` at the start, and when it is not known. */
export type Changes = "all" | { readonly ids: readonly string[] };

/** From xcp to the adapter. */
export type Call =
  /** Answered with an object, in which `ping: true` says that `ping` is answered as well. */
  | { readonly call: "init"; readonly protocol: typeof PROTOCOL }
  /** Answered with any number of `items`, then with `null`. */
  | { readonly call: "list" }
  /** Answered with all resources of the group as proto-JSON with `@type`, or with `null`: the group is no more. */
  | { readonly call: "generate"; readonly group: string; readonly changes: Changes }
  /** Answered with `null` at once: whoever does not is hanging. */
  | { readonly call: "ping" }
  /** Answered with `null`; then the process ends. */
  | { readonly call: "close" };

/** A call with its number, as it is sent. */
export type Numbered = { readonly id: number } & Call;

/** From the adapter to xcp. */
export type Said =
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "items"; readonly id: number; readonly items: readonly Definition[] }
  /** The call failed; the adapter lives on. */
  | { readonly kind: "error"; readonly id: number; readonly message: string }
  /** Definitions changed; without ids the whole group. */
  | { readonly kind: "changed"; readonly group: string; readonly ids: readonly string[] | undefined }
  | { readonly kind: "log"; readonly level: "debug" | "info" | "warn" | "error"; readonly message: string };

/** A call that did not come to its end. The message is what people read after a colon. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** `failed`: the adapter says so, and lives on. `late`: no answer in time. `ended`: its process is gone. */
  readonly fault: "failed" | "late" | "ended";

  constructor(fault: CallError["fault"], message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A running process of an adapter. */
export interface Program {
  /**
   * Sends a call and resolves with its result; what `list` answers with comes to `items`. A process that does not answer
   * in time is not stopped here.
   *
   * @throws {CallError}
   */
  call(call: Call, options: {
    readonly timeoutMs: number;
    readonly items?: (items: readonly Definition[]) => void;
  }): Promise<unknown>;
  /** Resolves when the process is gone, with why: `it exited with 3`, `it used more than 512 MiB`. */
  readonly ended: Promise<string>;
  /** Closes it: `close`, then SIGTERM, then SIGKILL, for the whole process group. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/** What a program says that is no answer. */
export interface Heard {
  changed(group: string, ids: readonly string[] | undefined): void;
  log(level: "debug" | "info" | "warn" | "error", message: string): void;
}
