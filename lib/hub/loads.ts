/**
 * What clients report of the load they put on clusters (LRS): kept for people and for metrics, in bounded memory. Pure:
 * the time is asked for, and what is old goes when somebody comes by.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/endpoint/v3/load_report.proto
 * @module
 */
import { Keyed, LoadTally } from "./load_tally.ts";
import type { NodeSummary } from "./status.ts";

/** One `ClusterStats` of a report: what happened since the report before. */
export interface ClusterLoad {
  readonly cluster: string;
  /** The name that the cluster's endpoints are asked by; "" when it is the cluster's. */
  readonly service: string;
  /** Milliseconds that the report is about. */
  readonly interval: number;
  /** Requests that the client dropped itself: by `drop_overloads` or a circuit breaker. */
  readonly dropped: number;
  /** Those of them that a `drop_overloads` category has the name of. */
  readonly categories: ReadonlyMap<string, number>;
  readonly localities: readonly LocalityLoad[];
}

/** One `UpstreamLocalityStats` of a report. */
export interface LocalityLoad {
  /** `region/zone/sub_zone`, empty parts left out. */
  readonly locality: string;
  readonly priority: number;
  /** Requests begun since the report before. */
  readonly issued: number;
  readonly success: number;
  readonly error: number;
  /** Requests that are not finished, at the time of the report. */
  readonly active: number;
  /** What the endpoints say of themselves (ORCA), by name; names as in the report. */
  readonly metrics: readonly LoadMetric[];
}

/** A custom load metric of a report. */
export interface LoadMetric {
  readonly name: string;
  /** Requests that came with it. */
  readonly requests: number;
  /** Sum of its values over these requests. */
  readonly sum: number;
}

/** Who reports. */
export interface Reporter {
  readonly node: NodeSummary;
  readonly group: string;
  readonly address: string;
}

/** A number that grows: since the client was first heard of, and in its last report. */
export interface Amount {
  readonly total: number;
  readonly last: number;
}

/** One client, as `GET /v1/loads` shows it. */
export interface ClientLoadStatus extends Reporter {
  /** Number of the load reporting stream, unique while the process lives; not one of `GET /v1/clients`. */
  readonly stream: string;
  /** Milliseconds since the epoch, as the two that follow. */
  readonly connected: number;
  /** The last report; undefined before the first. */
  readonly reported: number | undefined;
  /** When the stream ended; undefined while it is open. A client is forgotten some time later. */
  readonly gone: number | undefined;
  readonly clusters: readonly ClusterLoadStatus[];
}

/** The load of one client on one cluster. */
export interface ClusterLoadStatus {
  readonly cluster: string;
  readonly service: string;
  /** Milliseconds that its last report was about. */
  readonly interval: number;
  /** When it was last reported; milliseconds since the epoch. */
  readonly reported: number;
  readonly dropped: Amount;
  readonly categories: Readonly<Record<string, Amount>>;
  readonly localities: readonly LocalityLoadStatus[];
}

export interface LocalityLoadStatus {
  readonly locality: string;
  readonly priority: number;
  readonly issued: Amount;
  readonly success: Amount;
  readonly error: Amount;
  readonly active: number;
  /** By name: how many requests had it, and the sum of its values. */
  readonly metrics: Readonly<Record<string, { readonly requests: Amount; readonly sum: Amount }>>;
}

/** All clients of a group together, cluster by cluster, since the process began. */
export interface LoadSeries {
  readonly group: string;
  /** `other` for all that are more than fit. */
  readonly cluster: string;
  readonly issued: number;
  readonly success: number;
  readonly error: number;
  readonly dropped: number;
  /** Requests that are not finished, of the clients that are connected. */
  readonly active: number;
}

/** Bounds on what is kept. */
export interface LoadLimits {
  /** Those that are gone and not forgotten are among them. */
  readonly clients: number;
  /** Of one client. The one that was reported longest ago makes room. */
  readonly clusters: number;
  /** Of one cluster; categories and metrics have the same bound. What is more is not kept. */
  readonly localities: number;
  /** Clusters, localities, categories and metrics of all clients. */
  readonly records: number;
  /** Pairs of group and cluster in {@link Loads.series}. */
  readonly series: number;
  /** Characters of a name. */
  readonly name: number;
  /** Milliseconds that a client without a stream is remembered. */
  readonly remember: number;
}

export const LOAD_LIMITS: LoadLimits = {
  clients: 20_000,
  clusters: 2_000,
  localities: 64,
  records: 200_000,
  series: 2_000,
  name: 256,
  remember: 5 * 60_000,
};

/** The end of one stream that the transport holds. */
export interface LoadClient {
  report(clusters: readonly ClusterLoad[]): void;
  /** The client belongs to another group, or says something else of itself. */
  move(reporter: Reporter): void;
  /** The stream is gone. */
  close(): void;
}

interface Client {
  readonly stream: string;
  reporter: Reporter;
  readonly connected: number;
  reported: number | undefined;
  gone: number | undefined;
  tally: LoadTally;
}

interface Series {
  readonly group: string;
  readonly cluster: string;
  issued: number;
  success: number;
  error: number;
  dropped: number;
}

/** Mutable. */
export class Loads {
  readonly #now: () => number;
  readonly #limits: LoadLimits;
  readonly #clients = new Map<string, Client>();
  /** Clients without a stream by stream number, the one that went first at the front. */
  readonly #gone = new Map<string, Client>();
  /** The same by node. */
  readonly #goneByNode = new Map<string, Set<Client>>();
  readonly #series = new Keyed<Series>();
  #opened = 0;
  #records = 0;
  #omitted = 0;

  /** `now` in milliseconds since the epoch. */
  constructor(now: () => number, limits: Partial<LoadLimits> = {}) {
    this.#now = now;
    this.#limits = { ...LOAD_LIMITS, ...limits };
  }

  /** Reports, or parts of them, that did not fit and were not kept. */
  get omitted(): number {
    return this.#omitted;
  }

  /**
   * A client begins to report. A node that comes back goes on with the totals that it had. undefined when there are too
   * many clients.
   */
  open(reporter: Reporter): LoadClient | undefined {
    this.#prune();
    const before = this.#returning(reporter);
    if (before !== undefined) this.#drop(before, true);
    else if (this.#clients.size >= this.#limits.clients) {
      const [oldest] = this.#gone.values();
      if (oldest === undefined) return undefined;
      this.#drop(oldest);
    }
    const client: Client = {
      stream: String(++this.#opened),
      reporter,
      connected: this.#now(),
      reported: before?.reported,
      gone: undefined,
      tally: before?.tally ?? new LoadTally(this.#limits),
    };
    this.#clients.set(client.stream, client);
    return {
      report: (clusters) => this.#report(client, clusters),
      move: (reporter) => {
        if (client.gone === undefined) client.reporter = reporter;
      },
      close: () => {
        if (client.gone !== undefined) return;
        client.gone = this.#now();
        // One that never said anything leaves nothing behind.
        if (client.reported === undefined) this.#drop(client);
        else this.#leave(client);
        this.#prune();
      },
    };
  }

  /** What is known of each client, the one that came first at the front; `cluster` leaves the other clusters out. */
  list(
    filter: { readonly group?: string; readonly node?: string; readonly cluster?: string } = {},
  ): ClientLoadStatus[] {
    this.#prune();
    const found: ClientLoadStatus[] = [];
    for (const { stream, reporter, connected, reported, gone, tally } of this.#clients.values()) {
      if (filter.group !== undefined && reporter.group !== filter.group) continue;
      if (filter.node !== undefined && reporter.node.id !== filter.node) continue;
      const clusters = tally.status(filter.cluster);
      if (filter.cluster !== undefined && clusters.length === 0) continue;
      found.push({ stream, ...reporter, connected, reported, gone, clusters });
    }
    return found;
  }

  /** Counters and gauges for metrics, and how many clients report. */
  series(): { readonly clients: ReadonlyMap<string, number>; readonly series: readonly LoadSeries[] } {
    this.#prune();
    const active = new Map<Series, number>();
    const clients = new Map<string, number>();
    for (const { reporter: { group }, gone, tally } of this.#clients.values()) {
      if (gone !== undefined) continue;
      clients.set(group, (clients.get(group) ?? 0) + 1);
      for (const [cluster, count] of tally.active()) {
        const series = this.#seriesOf(group, cluster);
        active.set(series, (active.get(series) ?? 0) + count);
      }
    }
    return { clients, series: [...this.#series].map((each) => ({ ...each, active: active.get(each) ?? 0 })) };
  }

  #report(client: Client, clusters: readonly ClusterLoad[]): void {
    if (client.gone !== undefined) return;
    const now = this.#now();
    client.reported = now;
    const { tally, reporter: { group } } = client;
    const before = tally.records;
    tally.begin(now, this.#limits.records - this.#records + before);
    // Each cluster of a full tally takes the place of another, which is looked for: a report has an end.
    for (const load of clusters.slice(0, this.#limits.clusters)) {
      this.#omitted += tally.add(load);
      const series = this.#seriesOf(group, load.cluster);
      series.dropped += load.dropped;
      for (const { issued, success, error } of load.localities) {
        series.issued += issued;
        series.success += success;
        series.error += error;
      }
    }
    this.#omitted += Math.max(0, clusters.length - this.#limits.clusters);
    this.#records += tally.records - before;
  }

  #seriesOf(group: string, name: string): Series {
    const known = this.#series.get(group, name);
    if (known !== undefined) return known;
    const fits = this.#series.size < this.#limits.series && name.length <= this.#limits.name;
    const cluster = fits ? name : "other";
    return this.#series.getOrAdd(
      group,
      cluster,
      () => ({ group, cluster, issued: 0, success: 0, error: 0, dropped: 0 }),
    );
  }

  /** The record of a node that went and has come back; of two processes with one name, the one that went first. */
  #returning(reporter: Reporter): Client | undefined {
    const [client] = reporter.node.id === "" ? [] : this.#goneByNode.get(keyOf(reporter)) ?? [];
    return client;
  }

  #leave(client: Client): void {
    this.#gone.set(client.stream, client);
    const key = keyOf(client.reporter);
    const others = this.#goneByNode.get(key);
    if (others === undefined) this.#goneByNode.set(key, new Set([client]));
    else others.add(client);
  }

  #prune(): void {
    const limit = this.#now() - this.#limits.remember;
    for (const client of this.#gone.values()) {
      if ((client.gone ?? limit) > limit) return;
      this.#drop(client);
    }
  }

  #drop(client: Client, keepRecords = false): void {
    this.#gone.delete(client.stream);
    const key = keyOf(client.reporter);
    const others = this.#goneByNode.get(key);
    if (others?.delete(client) && others.size === 0) this.#goneByNode.delete(key);
    this.#clients.delete(client.stream);
    if (!keepRecords) this.#records -= client.tally.records;
  }
}

function keyOf({ node }: Reporter): string {
  return `${node.cluster}\n${node.id}`;
}
