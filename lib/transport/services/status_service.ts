/**
 * The client status discovery service (CSDS): what each client has, and what it rejected and why.
 *
 * **Who may ask.** An answer shows the configuration of other nodes, and clients are only trusted with their own. So an
 * address that only this machine reaches (loopback, a Unix socket) answers about every client, as the admin API does
 * there; beyond that, an asker whom mutual TLS has identified is told of the streams that share one of its identities (a
 * SAN of the certificate), and one without an identity is refused. Secrets are redacted for everybody.
 *
 * **What is one client.** The streams of one node (cluster and id) are one `ClientConfig`, for its per-type streams are
 * the parts of one client. Where two of them are for the same type, they are two clients of one name, and get a
 * `ClientConfig` each. `client_scope` is something that xDS clients fill in, and stays empty.
 *
 * **How much.** An answer is one message, as tools expect it, of a bounded size; one that would be larger is
 * RESOURCE_EXHAUSTED, with the advice to ask for fewer. While a long one is put together, everything else goes on.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Server } from "@grpc/grpc-js";
import { type Address, isLocal } from "../../address.ts";
import type { ClientStatus, HubView } from "../../hub/status.ts";
import type { Log } from "../../log.ts";
import type { Resource } from "../../model/resource.ts";
import type { Node } from "../../xds/wire/node.ts";
import { peerOf } from "../peer.ts";
import {
  answerEach,
  type BidiCall,
  containedLater,
  type Done,
  type Failure,
  finish,
  method,
  OpenCalls,
  type UnaryCall,
} from "./calls.ts";
import { type CompileRegex, loadRegex } from "./match_string.ts";
import { readStatusRequest, type StatusQuestion, writeConfig, writeNode } from "./status_messages.ts";
import { MessageWriter } from "./writer.ts";

export const STATUS_SERVICE = "envoy.service.status.v3.ClientStatusDiscoveryService";

/** Bytes of a request. */
const LONGEST_REQUEST = 256 * 1024;
/** Milliseconds of work before others get their turn. */
const TURN_MS = 5;
/** Fetches at a time; more are refused. */
const MOST_FETCHES = 16;

export interface StatusServiceOptions {
  readonly hub: Pick<HubView, "clients" | "node" | "resources">;
  /** The bytes of a resource without its secrets; undefined when it must not be shown. */
  readonly redact: (resource: Resource) => Uint8Array | undefined;
  readonly log: Log;
  /** Streams at a time. */
  readonly maxStreams: number;
  /** Bytes of one answer. */
  readonly maxAnswerBytes: number;
  /** Milliseconds from an origin that stays the same. */
  readonly clock?: () => number;
}

/** Whose clients an asker may see. */
type Scope = "all" | ReadonlySet<string>;

/** The streams that are one client. */
interface Together {
  readonly node: Node;
  readonly streams: ClientStatus[];
  readonly types: Set<string>;
}

/** Mutable: who asks. */
export class StatusService {
  readonly #options: StatusServiceOptions;
  readonly #calls: OpenCalls;
  readonly #clock: () => number;
  /** Redacted once; gone when the resource is. */
  readonly #redacted = new WeakMap<Resource, Uint8Array>();
  #regex: Promise<CompileRegex> | undefined;
  #fetches = 0;

  constructor(options: StatusServiceOptions) {
    this.#options = options;
    this.#calls = new OpenCalls(options.maxStreams, "client status");
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Adds the service to a server that listens at `address`. */
  add(server: Server, address: Address): void {
    const scope = (call: UnaryCall | BidiCall): Scope => {
      return isLocal(address) ? "all" : new Set(peerOf(call, address).identities);
    };
    server.addService({
      StreamClientStatus: method(`/${STATUS_SERVICE}/StreamClientStatus`, "bidi"),
      FetchClientStatus: method(`/${STATUS_SERVICE}/FetchClientStatus`),
    }, {
      StreamClientStatus: (call: BidiCall) => this.#serve(call, scope(call)),
      FetchClientStatus: (call: UnaryCall, done: Done) => this.#fetch(call, done, scope(call)),
    });
  }

  /** Ends the streams after a delay in milliseconds; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[] {
    return this.#calls.drain(delay);
  }

  #serve(call: BidiCall, scope: Scope): void {
    const open = this.#calls.open(call);
    if (open === undefined) return;
    if (isNobody(scope)) return open.end(REFUSED);
    answerEach(call, open, (body) => this.#answer(body, scope, () => open.over));
  }

  async #fetch(call: UnaryCall, done: Done, scope: Scope): Promise<void> {
    if (isNobody(scope)) return finish(done, REFUSED);
    if (this.#fetches >= MOST_FETCHES) {
      const message = `the server answers ${MOST_FETCHES} such questions at a time`;
      return finish(done, { code: "RESOURCE_EXHAUSTED", message });
    }
    this.#fetches++;
    // grpc-js says it once for every call that is over: until then its answer takes memory.
    call.once("cancelled", () => this.#fetches--);
    finish(done, await this.#answer(call.request, scope, () => call.cancelled));
  }

  #answer(body: Uint8Array, scope: Scope, over: () => boolean): Promise<Buffer | Failure> {
    return containedLater(this.#options.log, "A question about clients", async (): Promise<Buffer | Failure> => {
      if (body.length > LONGEST_REQUEST) {
        const message = `Cannot read the request: it has more than ${LONGEST_REQUEST} bytes`;
        return { code: "INVALID_ARGUMENT", message };
      }
      this.#regex ??= loadRegex();
      return await this.#write(readStatusRequest(body, await this.#regex), scope, over);
    });
  }

  async #write(question: StatusQuestion, scope: Scope, over: () => boolean): Promise<Buffer | Failure> {
    const { hub, maxAnswerBytes } = this.#options;
    const writer = new MessageWriter();
    let turn = this.#clock();
    for (const { node, streams } of this.#select(question, scope)) {
      const start = writer.begin(1);
      writeNode(writer, node);
      for (const client of streams) {
        // The stream may have ended since.
        for (const status of hub.resources(client.stream) ?? []) {
          writeConfig(writer, status, client, question.withoutContents ? undefined : this.#redact(status.resource));
          if (writer.length > maxAnswerBytes) return tooMuch(maxAnswerBytes);
          if (this.#clock() - turn < TURN_MS) continue;
          await new Promise((resolve) => setImmediate(resolve));
          if (over()) return writer.finish();
          turn = this.#clock();
        }
      }
      writer.end(start);
    }
    return writer.finish();
  }

  /** The clients that are meant, in the order of their first streams. */
  #select({ matches }: StatusQuestion, scope: Scope): Together[] {
    const { hub } = this.#options;
    const clients: Together[] = [];
    const byNode = new Map<string, Together[]>();
    for (const stream of hub.clients()) {
      if (scope !== "all" && !stream.identities.some((identity) => scope.has(identity))) continue;
      const node = hub.node(stream.stream);
      if (node === undefined || !matches(node)) continue;
      const key = `${node.cluster}\n${node.id}`;
      const same = byNode.get(key) ?? [];
      const types = stream.subscriptions.map(({ type }) => type);
      const joined = same.find((client) => types.every((type) => !client.types.has(type)));
      if (joined === undefined) {
        const client: Together = { node, streams: [stream], types: new Set(types) };
        clients.push(client);
        byNode.set(key, [...same, client]);
      } else {
        joined.streams.push(stream);
        for (const type of types) joined.types.add(type);
      }
    }
    return clients;
  }

  #redact(resource: Resource | undefined): Uint8Array | undefined {
    if (resource === undefined) return undefined;
    const known = this.#redacted.get(resource);
    if (known !== undefined) return known;
    const redacted = this.#options.redact(resource);
    if (redacted !== undefined) this.#redacted.set(resource, redacted);
    return redacted;
  }
}

function isNobody(scope: Scope): boolean {
  return scope !== "all" && scope.size === 0;
}

const REFUSED: Failure = {
  code: "PERMISSION_DENIED",
  message: "Cannot show clients here: ask on a loopback address or a Unix socket, or with a client certificate that " +
    "mutual TLS verifies",
};

function tooMuch(bytes: number): Failure {
  const message = `Cannot answer in ${bytes} bytes: ask for fewer clients with node_matchers, or set ` +
    "exclude_resource_contents";
  return { code: "RESOURCE_EXHAUSTED", message };
}
