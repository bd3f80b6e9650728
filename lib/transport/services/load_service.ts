/**
 * The load reporting service (LRS): clients say what load they put on clusters, and are told which clusters to report,
 * and how often.
 *
 * Whoever may have configuration may report: nothing is decided by a report, and what is kept of it is bounded.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/load_stats/v3/lrs.proto
 * @module
 */
import type { Server } from "@grpc/grpc-js";
import type { Address } from "../../address.ts";
import type { LoadClient, Loads, Reporter } from "../../hub/loads.ts";
import { tooLarge } from "../../hub/node_limits.ts";
import type { HubEvent, HubView } from "../../hub/status.ts";
import type { Log } from "../../log.ts";
import { CLUSTER } from "../../model/types.ts";
import { type Node, readNode, sameNode } from "../../xds/wire/node.ts";
import { peerOf } from "../peer.ts";
import { type BidiCall, contained, type Failure, method, type OpenCall, OpenCalls } from "./calls.ts";
import { type LoadReport, readLoadReport, writeLoadAnswer } from "./load_messages.ts";

export const LOAD_SERVICE = "envoy.service.load_stats.v3.LoadReportingService";

/** Envoy's reporter and gRPC list it: they report every cluster that they have, and need no list. */
export const SENDS_ALL = "envoy.lrs.supports_send_all_clusters";
/** What Envoy's own examples use. */
const INTERVAL_SECONDS = 10;
/** Clusters that one client is asked about: those of its group, and those that it reports itself. */
const MOST_CLUSTERS = 20_000;
/** Bytes of one report. */
const LONGEST_REPORT = 16 * 1024 * 1024;

export interface LoadServiceOptions {
  readonly hub: Pick<HubView, "effective">;
  /** The name of the group that a node belongs to. */
  readonly groupOf: (node: Node) => string;
  readonly loads: Loads;
  readonly log: Log;
  /** Streams at a time. */
  readonly maxStreams: number;
  /** Between two reports. */
  readonly intervalSeconds?: number;
}

/** Mutable: who reports. */
export class LoadService {
  readonly #options: LoadServiceOptions;
  readonly #calls: OpenCalls;
  readonly #streams = new Set<LoadStream>();

  constructor(options: LoadServiceOptions) {
    this.#options = options;
    this.#calls = new OpenCalls(options.maxStreams, "load reports");
  }

  /** Adds the service to a server that listens at `address`. */
  add(server: Server, address: Address): void {
    server.addService({ StreamLoadStats: method(`/${LOAD_SERVICE}/StreamLoadStats`, "bidi") }, {
      StreamLoadStats: (call: BidiCall) => this.#serve(call, peerOf(call, address).address),
    });
  }

  /** A group may have got other clusters. */
  observe(event: HubEvent): void {
    if (event.kind !== "reloaded") return;
    const changed = new Set(event.changed);
    for (const stream of this.#streams) stream.refresh(changed);
  }

  /** Ends the streams after a delay in milliseconds; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[] {
    return this.#calls.drain(delay);
  }

  #serve(call: BidiCall, address: string): void {
    const { log } = this.#options;
    const open = this.#calls.open(call);
    if (open === undefined) return;
    const stream = new LoadStream(open, address, this.#options);
    this.#streams.add(stream);
    open.onGone(() => {
      this.#streams.delete(stream);
      stream.close();
    });
    call.on("data", (body: Uint8Array) => {
      if (open.over) return;
      const failure = body.length > LONGEST_REPORT
        ? TOO_LONG
        : contained(log, "A load report", () => stream.receive(readLoadReport(body)));
      if (failure !== undefined) open.end(failure);
    });
    call.on("end", () => open.end({ code: "OK", message: "the client ended its side" }));
  }
}

const TOO_LONG: Failure = {
  code: "RESOURCE_EXHAUSTED",
  message: `Cannot take the report: it has more than ${LONGEST_REPORT} bytes`,
};

/** Mutable: one client. */
class LoadStream {
  readonly #call: OpenCall;
  readonly #address: string;
  readonly #options: LoadServiceOptions;
  #client: LoadClient | undefined;
  #node: Node | undefined;
  #group = "";
  /** The client needs a list of the clusters that it is to report. */
  #listed = false;
  /** What the client was asked for; undefined while it was asked for nothing. */
  #asked: string | undefined;
  /** Clusters that the client named itself. */
  readonly #named = new Set<string>();

  constructor(call: OpenCall, address: string, options: LoadServiceOptions) {
    this.#call = call;
    this.#address = address;
    this.#options = options;
  }

  receive({ node, clusters }: LoadReport): Failure | undefined {
    const first = this.#client === undefined;
    // Envoy repeats its node (61 KB) in every report.
    const failure = node === undefined && !first ? undefined : this.#identify(node ?? new Uint8Array());
    if (failure !== undefined) return failure;
    if (first) {
      const { intervalSeconds = INTERVAL_SECONDS } = this.#options;
      this.#listed = this.#node?.features.includes(SENDS_ALL) !== true;
      if (!this.#listed) this.#call.send(writeLoadAnswer("all", intervalSeconds));
    }
    if (clusters.length > 0) this.#client?.report(clusters);
    if (this.#listed) {
      for (const { cluster } of clusters) if (this.#named.size < MOST_CLUSTERS) this.#named.add(cluster);
      this.#ask();
    }
    return undefined;
  }

  /** Groups that have other content now. */
  refresh(changed: ReadonlySet<string>): void {
    if (this.#node === undefined) return;
    const group = this.#options.groupOf(this.#node);
    if (group === this.#group && !changed.has(group)) return;
    this.#move(this.#node);
    if (this.#listed) this.#ask();
  }

  close(): void {
    this.#client?.close();
  }

  #identify(bytes: Uint8Array): Failure | undefined {
    const node = readNode(bytes);
    if (this.#node !== undefined && sameNode(node, this.#node)) return;
    const why = tooLarge(node);
    if (why !== undefined) return { code: "INVALID_ARGUMENT", message: `Cannot take the node: ${why}` };
    if (this.#client !== undefined) return void this.#move(node);
    this.#client = this.#options.loads.open(this.#reporter(node));
    if (this.#client === undefined) return { code: "RESOURCE_EXHAUSTED", message: "Too many clients report load" };
  }

  #move(node: Node): void {
    this.#client?.move(this.#reporter(node));
  }

  #reporter(node: Node): Reporter {
    const { id, cluster, userAgent, locality: { region, zone, subZone } } = node;
    this.#node = node;
    this.#group = this.#options.groupOf(node);
    const locality = [region, zone, subZone].filter((part) => part !== "").join("/");
    return { node: { id, cluster, locality, userAgent }, group: this.#group, address: this.#address };
  }

  /** A list of nothing is no list (`clusters` has `min_items: 1`): then there is nothing to say yet. */
  #ask(): void {
    const { hub, intervalSeconds = INTERVAL_SECONDS } = this.#options;
    const own = hub.effective(this.#group, CLUSTER.url)?.map(({ name }) => name) ?? [];
    const clusters = [...new Set([...own, ...this.#named])].sort().slice(0, MOST_CLUSTERS);
    const asked = clusters.join("\n");
    if (clusters.length === 0 || asked === this.#asked) return;
    this.#asked = asked;
    this.#call.send(writeLoadAnswer(clusters, intervalSeconds));
  }
}
