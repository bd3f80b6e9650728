/**
 * The loads of one client, added up report by report.
 *
 * @module
 */
import type { Amount, ClusterLoad, ClusterLoadStatus, LoadLimits, LocalityLoad, LocalityLoadStatus } from "./loads.ts";

/** A map with two names as its key. */
export class Keyed<T> {
  readonly #values = new Map<string, Map<string, T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(one: string, other: string): T | undefined {
    return this.#values.get(one)?.get(other);
  }

  getOrAdd(one: string, other: string, make: () => T): T {
    let inner = this.#values.get(one);
    if (inner === undefined) this.#values.set(one, inner = new Map());
    let value = inner.get(other);
    if (value === undefined) {
      inner.set(other, value = make());
      this.#size++;
    }
    return value;
  }

  delete(one: string, other: string): void {
    const inner = this.#values.get(one);
    if (inner?.delete(other) !== true) return;
    this.#size--;
    if (inner.size === 0) this.#values.delete(one);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const inner of this.#values.values()) yield* inner.values();
  }
}

interface Sum {
  total: number;
  last: number;
  /** Number of the report that `last` belongs to. */
  report: number;
}

interface Locality {
  readonly locality: string;
  readonly priority: number;
  readonly issued: Sum;
  readonly success: Sum;
  readonly error: Sum;
  active: number;
  activeReport: number;
  readonly metrics: Map<string, { readonly requests: Sum; readonly sum: Sum }>;
}

interface Cluster {
  readonly cluster: string;
  readonly service: string;
  interval: number;
  reported: number;
  readonly dropped: Sum;
  readonly categories: Map<string, Sum>;
  readonly localities: Keyed<Locality>;
}

/** Mutable. A report is {@link begin}, then {@link add} for each of its clusters. */
export class LoadTally {
  readonly #limits: LoadLimits;
  readonly #clusters = new Keyed<Cluster>();
  #report = 0;
  #now = 0;
  #room = 0;
  #records = 0;

  constructor(limits: LoadLimits) {
    this.#limits = limits;
  }

  /** Clusters, localities, categories and metrics that are kept. */
  get records(): number {
    return this.#records;
  }

  /** `room`: how many records there may be, with those that there are. */
  begin(now: number, room: number): void {
    this.#report++;
    this.#now = now;
    this.#room = room;
  }

  /** Returns how many parts of it did not fit. */
  add(load: ClusterLoad): number {
    const cluster = this.#clusterOf(load);
    if (cluster === undefined) return 1;
    cluster.interval = load.interval;
    cluster.reported = this.#now;
    this.#add(cluster.dropped, load.dropped);
    let omitted = 0;
    for (const [category, dropped] of load.categories) {
      const sum = this.#bounded(cluster.categories, category, newSum);
      if (sum === undefined) omitted++;
      else this.#add(sum, dropped);
    }
    for (const locality of load.localities) omitted += this.#addLocality(cluster, locality);
    return omitted;
  }

  status(name?: string): ClusterLoadStatus[] {
    return [...this.#clusters].filter(({ cluster }) => name === undefined || cluster === name).map((cluster) => ({
      cluster: cluster.cluster,
      service: cluster.service,
      interval: cluster.interval,
      reported: cluster.reported,
      dropped: this.#amount(cluster.dropped),
      categories: Object.fromEntries([...cluster.categories].map(([name, sum]) => [name, this.#amount(sum)])),
      localities: [...cluster.localities].map((each): LocalityLoadStatus => ({
        locality: each.locality,
        priority: each.priority,
        issued: this.#amount(each.issued),
        success: this.#amount(each.success),
        error: this.#amount(each.error),
        active: this.#active(each),
        metrics: Object.fromEntries(
          [...each.metrics].map(([name, { requests, sum }]) => [
            name,
            { requests: this.#amount(requests), sum: this.#amount(sum) },
          ]),
        ),
      })),
    }));
  }

  /** Unfinished requests, cluster by cluster. */
  *active(): Generator<[cluster: string, count: number]> {
    for (const { cluster, localities } of this.#clusters) {
      let count = 0;
      for (const locality of localities) count += this.#active(locality);
      if (count > 0) yield [cluster, count];
    }
  }

  #clusterOf({ cluster, service }: ClusterLoad): Cluster | undefined {
    if (this.#clusters.get(cluster, service) === undefined) {
      if (this.#clusters.size >= this.#limits.clusters) this.#dropStalest();
      if (!this.#hasRoom(cluster, service)) return undefined;
      this.#records++;
    }
    return this.#clusters.getOrAdd(cluster, service, () => ({
      cluster,
      service,
      interval: 0,
      reported: 0,
      dropped: newSum(),
      categories: new Map(),
      localities: new Keyed(),
    }));
  }

  #dropStalest(): void {
    let stalest: Cluster | undefined;
    for (const each of this.#clusters) if (stalest === undefined || each.reported < stalest.reported) stalest = each;
    if (stalest === undefined) return;
    this.#clusters.delete(stalest.cluster, stalest.service);
    const { categories, localities } = stalest;
    this.#records -= 1 + categories.size + localities.size;
    for (const { metrics } of localities) this.#records -= metrics.size;
  }

  #hasRoom(...names: readonly string[]): boolean {
    return this.#records < this.#room && names.every((name) => name.length <= this.#limits.name);
  }

  #addLocality({ localities }: Cluster, load: LocalityLoad): number {
    const { locality, priority } = load;
    const key = String(priority);
    if (localities.get(locality, key) === undefined) {
      if (localities.size >= this.#limits.localities || !this.#hasRoom(locality)) return 1;
      this.#records++;
    }
    const kept = localities.getOrAdd(locality, key, () => ({
      locality,
      priority,
      issued: newSum(),
      success: newSum(),
      error: newSum(),
      active: 0,
      activeReport: 0,
      metrics: new Map(),
    }));
    this.#add(kept.issued, load.issued);
    this.#add(kept.success, load.success);
    this.#add(kept.error, load.error);
    kept.active = load.active;
    kept.activeReport = this.#report;
    let omitted = 0;
    for (const { name, requests, sum } of load.metrics) {
      const metric = this.#bounded(kept.metrics, name, () => ({ requests: newSum(), sum: newSum() }));
      if (metric === undefined) omitted++;
      else {
        this.#add(metric.requests, requests);
        this.#add(metric.sum, sum);
      }
    }
    return omitted;
  }

  #bounded<T>(map: Map<string, T>, name: string, make: () => T): T | undefined {
    const known = map.get(name);
    if (known !== undefined) return known;
    if (map.size >= this.#limits.localities || !this.#hasRoom(name)) return undefined;
    this.#records++;
    const made = make();
    map.set(name, made);
    return made;
  }

  /** A report may name a thing twice. */
  #add(sum: Sum, amount: number): void {
    sum.last = sum.report === this.#report ? sum.last + amount : amount;
    sum.report = this.#report;
    sum.total += amount;
  }

  /** What the last report did not name had nothing in it. */
  #amount({ total, last, report }: Sum): Amount {
    return { total, last: report === this.#report ? last : 0 };
  }

  #active({ active, activeReport }: Locality): number {
    return activeReport === this.#report ? active : 0;
  }
}

function newSum(): Sum {
  return { total: 0, last: 0, report: 0 };
}
