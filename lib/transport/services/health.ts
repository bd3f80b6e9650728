/**
 * gRPC health checking: the server is one thing, so every service of it is as well as the whole (the empty name).
 * Serving is what `/readyz` calls ready; a server that is on its way out is not serving.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 * @see https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Server } from "@grpc/grpc-js";
import type { HubEvent } from "../../hub/status.ts";
import type { Log } from "../../log.ts";
import { FieldReader } from "../../xds/wire/reader.ts";
import {
  contained,
  type Done,
  type Failure,
  finish,
  isFailure,
  method,
  type OpenCall,
  OpenCalls,
  type UnaryCall,
  type WatchCall,
} from "./calls.ts";
import { MessageWriter } from "./writer.ts";

export const HEALTH_SERVICE = "grpc.health.v1.Health";

/** `HealthCheckResponse.ServingStatus`. */
const SERVING = 1;
const NOT_SERVING = 2;
/** Said by `Watch` alone. */
const SERVICE_UNKNOWN = 3;
/** No name of a service is longer; a request has nothing else in it. */
const LONGEST_REQUEST = 1024;

export interface HealthOptions {
  /** Whether the server serves. */
  readonly ready: () => boolean;
  /** Full names of the services that can be asked about. */
  readonly services: readonly string[];
  readonly log: Log;
  /** Watching calls at a time. */
  readonly maxWatches: number;
}

interface Watcher {
  readonly call: OpenCall;
  readonly known: boolean;
  said: number | undefined;
  /** It is told how things are when there is room again. */
  waiting: boolean;
}

/** Mutable: who watches, and whether it is over. */
export class Health {
  readonly #options: HealthOptions;
  readonly #names: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  readonly #calls: OpenCalls;
  #draining = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#names = new Set(["", ...options.services]);
    this.#calls = new OpenCalls(options.maxWatches, "health watches");
  }

  /** Adds the service to a server. */
  add(server: Server): void {
    const { log } = this.#options;
    const answer = (act: (call: UnaryCall) => Buffer | Failure) => (call: UnaryCall, done: Done) =>
      finish(done, contained(log, "A health check", () => act(call)));
    server.addService({
      Check: method(`/${HEALTH_SERVICE}/Check`),
      List: method(`/${HEALTH_SERVICE}/List`),
      Watch: method(`/${HEALTH_SERVICE}/Watch`, "watch"),
    }, {
      Check: answer(({ request }) => this.#check(request)),
      List: answer(() => this.#list()),
      Watch: (call: WatchCall) => this.#watch(call),
    });
  }

  /** What happens in the hub may change the answer. */
  observe(event: HubEvent): void {
    if (event.kind === "reloaded") this.#tell();
  }

  /** Says NOT_SERVING from now on, and ends the watches after a delay in milliseconds; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[] {
    this.#draining = true;
    this.#tell();
    return this.#calls.drain(delay);
  }

  #status(): number {
    return !this.#draining && this.#options.ready() ? SERVING : NOT_SERVING;
  }

  #check(request: Uint8Array): Buffer | Failure {
    const name = readName(request);
    if (isFailure(name)) return name;
    if (this.#names.has(name)) return statusMessage(this.#status());
    return { code: "NOT_FOUND", message: `Cannot tell the health of "${name}": there is no such service` };
  }

  #list(): Buffer {
    const status = statusMessage(this.#status());
    const writer = new MessageWriter();
    for (const name of this.#names) {
      writer.message(1, () => {
        writer.string(1, name);
        writer.bytes(2, status);
      });
    }
    return writer.finish();
  }

  #watch(call: WatchCall): void {
    const open = this.#calls.open(call);
    if (open === undefined) return;
    const name = contained(this.#options.log, "A health watch", () => readName(call.request));
    if (isFailure(name)) return open.end(name);
    const watcher: Watcher = { call: open, known: this.#names.has(name), said: undefined, waiting: false };
    this.#watchers.add(watcher);
    open.onGone(() => this.#watchers.delete(watcher));
    this.#say(watcher, this.#status());
  }

  #tell(): void {
    if (this.#watchers.size === 0) return;
    const status = this.#status();
    for (const watcher of this.#watchers) this.#say(watcher, status);
  }

  /** One message for each change, and none for those that a slow client missed: it is told how things are in the end. */
  #say(watcher: Watcher, serving: number): void {
    const status = watcher.known ? serving : SERVICE_UNKNOWN;
    if (watcher.said === status || watcher.waiting) return;
    if (watcher.call.full) {
      watcher.waiting = true;
      void watcher.call.drained().then(() => {
        watcher.waiting = false;
        this.#say(watcher, this.#status());
      });
      return;
    }
    watcher.said = status;
    watcher.call.send(statusMessage(status));
  }
}

/** `HealthCheckRequest.service`. */
function readName(request: Uint8Array): string | Failure {
  if (request.length > LONGEST_REQUEST) {
    return { code: "INVALID_ARGUMENT", message: `Cannot read the request: it has more than ${LONGEST_REQUEST} bytes` };
  }
  let name = "";
  const reader = new FieldReader(request);
  while (reader.next()) if (reader.field === 1) name = reader.string();
  return name;
}

/** `HealthCheckResponse`. */
function statusMessage(status: number): Buffer {
  const writer = new MessageWriter();
  writer.uint(1, status);
  return writer.finish();
}
