/**
 * A running server as the tables see one: each row has a group of its own, which is written over HTTP, and so has each
 * node that a row moves. Many rows share one server and never meet.
 *
 * @module
 */
import type { Api } from "../../../lib/model/api.ts";
import { ADS_PATHS } from "../../../lib/transport/discovery_service.ts";
import { url } from "../core_server.ts";
import { type Config, type Content, ENVOY, type Mode, ORDER_TIMEOUT, type Row, type Step } from "../script.ts";
import type { Connection, Server } from "../server.ts";
import { BALLAST, SENTINELS, type Surroundings, WireConnection } from "./connection.ts";
import type { WireNode } from "./messages.ts";
import { SENTINEL, writeResource } from "./resources.ts";

/** Where the server under test is, and how fast its clock goes. */
export interface Place {
  /** Of xDS: `127.0.0.1:18000`. */
  readonly address: string;
  /** `http://127.0.0.1:18001`. */
  readonly admin: string;
  readonly api: Api;
  /** What `--order-timeout` says, in milliseconds: {@link ORDER_TIMEOUT} of a table's time. */
  readonly orderTimeout: number;
}

/** Bytes that no flow control lets through to a client that does not read. */
const BALLAST_SIZE = 4_000_000;
/** Long enough after a moment of the server's clock to be after it, in milliseconds. */
const MARGIN = 30;
/** A table's waits are of these many {@link ORDER_TIMEOUT}s at most: what must not come after two will not come later. */
const LONGEST = 2;

/** The group of one row. Rows that run at the same time, and attempts of one row, have different `id`s. */
export class WireServer implements Server {
  readonly #group: Group;
  readonly #moved = new Map<string, Group>();
  readonly #connections = new Map<string, WireConnection>();
  readonly #ballast: boolean;
  /** The table's clock: time that has passed in it, and when the row began or slept last, in real time. */
  #time = 0;
  #slept = 0;
  readonly #began = performance.now();

  constructor(readonly id: string, readonly row: Row, readonly mode: Mode, readonly place: Place) {
    this.#group = { name: id, content: undefined };
    this.#ballast = row.script.some((step) => hasStep(step, "reading"));
  }

  /**
   * The row's steps took so long by themselves that the server's clock may have overtaken the table's: what came out says
   * nothing.
   */
  get late(): boolean {
    return performance.now() - this.#began - this.#slept > this.place.orderTimeout * LEEWAY;
  }

  async connect(mode: Mode, name: string): Promise<Connection> {
    const node = this.#node(name);
    if (this.#connections.has(name)) await this.#forgotten(node);
    const surroundings: Surroundings = {
      api: this.place.api,
      heard: (node, asked) => this.#heard(node, asked),
      served: () => (this.#moved.get(name) ?? this.#group).content,
      aged: () => this.#time > 0,
    };
    const { address } = this.place;
    const connection = new WireConnection({ address, path: ADS_PATHS[mode], mode, node, surroundings });
    this.#connections.set(name, connection);
    await connection.start();
    return connection;
  }

  async serve(config: Config, label: string | undefined): Promise<void> {
    await this.#write(this.#group, config, label);
    await this.#follow((name) => !this.#moved.has(name));
  }

  async move(name: string, config: Config): Promise<void> {
    let group = this.#moved.get(name);
    // The content goes on counting: the connection tells old from new by it.
    if (group === undefined) group = { name: movedGroup(this.id, name), content: this.#group.content };
    await this.#write(group, config, undefined);
    this.#moved.set(name, group);
    if (this.mode === "sotw") this.#connections.get(name)?.identify(this.#node(name));
    await this.#follow((other) => other === name);
  }

  /** A node comes into another group because it says so (state-of-the-world), or because the group appears (delta). */
  #node(name: string): WireNode {
    const says = this.mode === "sotw" && this.#moved.get(name);
    return { id: nodeId(this.id, name), cluster: says ? says.name : this.id, kind: this.row.client ?? ENVOY };
  }

  /** Sleeps: whole order timeouts as long as the server's, parts of one half as long, so that there is room before its end. */
  async pass(ms: number): Promise<void> {
    const before = this.#real();
    this.#time += ms;
    const sleep = Math.max(0, this.#real() - before);
    this.#slept += sleep;
    await new Promise((resolve) => setTimeout(resolve, sleep));
    for (const connection of this.#connections.values()) connection.touch();
  }

  #real(): number {
    const { orderTimeout } = this.place;
    const whole = Math.floor(this.#time / ORDER_TIMEOUT);
    const part = this.#time % ORDER_TIMEOUT / ORDER_TIMEOUT;
    if (whole >= LONGEST) return LONGEST * orderTimeout + MARGIN;
    return whole * orderTimeout + part * orderTimeout / 2 + (whole > 0 ? MARGIN : 0);
  }

  async #follow(concerned: (name: string) => boolean): Promise<void> {
    await Promise.all([...this.#connections].map(([name, each]) => concerned(name) ? each.follow() : undefined));
  }

  async #write(group: Group, config: Config, label: string | undefined): Promise<void> {
    const content = (group.content ?? 0) + 1;
    const resources: unknown[] = SENTINELS.map((name) => sentinel(name, content));
    if (this.#ballast) resources.push({ ...sentinel(BALLAST, 0), type_urls: ["x".repeat(BALLAST_SIZE)] });
    for (const [type, contents] of Object.entries(config)) {
      for (const [name, content] of Object.entries(contents) as [string, Content][]) {
        resources.push(writeResource(url(type), name, this.#scaled(content)));
      }
    }
    await this.#http("PUT", `/v1/groups/${group.name}/resources`, {
      ...(label === undefined ? {} : { version: label }),
      resources,
    });
    group.content = content;
  }

  /** Times to live are as fast as the rest of the table's clock. */
  #scaled(content: Content): Content {
    if (typeof content === "number" || content.ttl === undefined) return content;
    return { ...content, ttl: Math.round(content.ttl * this.place.orderTimeout / ORDER_TIMEOUT) };
  }

  /** Resolves when the server has noticed that a node's stream is gone. */
  async #forgotten({ id }: WireNode): Promise<void> {
    await poll(`the stream of ${id} to be gone`, async () => (await this.#clients(id)).length === 0);
  }

  async #heard({ id }: WireNode, asked: ReadonlyMap<string, number>): Promise<void> {
    await poll(`${id} to be heard`, async () => {
      const clients = await this.#clients(id);
      const subscriptions = clients.flatMap(({ subscriptions }) => subscriptions);
      return [...asked].every(([type, count]) => subscriptions.some((s) => s.type === type && s.names === count));
    });
  }

  async #clients(id: string): Promise<readonly { subscriptions: readonly { type: string; names: number }[] }[]> {
    return (await this.#http("GET", `/v1/clients?node=${encodeURIComponent(id)}`)).clients as [];
  }

  async #http(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(this.place.admin + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  }
}

/** What a node gets: a group, and the content of its sentinels. */
interface Group {
  readonly name: string;
  content: number | undefined;
}

/** Of the server's order timeout, what all steps of a row may take together. */
const LEEWAY = 0.4;

/** The rules that put nodes which rows move into groups of their own, as soon as these exist: a `groups.yaml`. */
export function groupRules(rows: Iterable<{ readonly id: string; readonly row: Row; readonly mode: Mode }>): string {
  const rules = [...rows].filter(({ mode }) => mode === "delta").flatMap(({ id, row }) =>
    [...movers(row.script, "")].map((name) => ({ group: movedGroup(id, name), id: nodeId(id, name) }))
  );
  return JSON.stringify({ rules });
}

/** The clients that a script moves. */
function movers(script: readonly Step[], name: string): Set<string> {
  const found = new Set<string>();
  for (const step of script) {
    if (step.do === "move") found.add(name);
    if (step.do === "on") { for (const other of movers(step.steps, step.client)) found.add(other); }
  }
  return found;
}

function hasStep(step: Step, what: Step["do"]): boolean {
  return step.do === what || step.do === "on" && step.steps.some((step) => hasStep(step, what));
}

const nodeId = (id: string, name: string) => `${id}-${name || "main"}`;
const movedGroup = (id: string, name: string) => `${nodeId(id, name)}-moved`;
const sentinel = (name: string, content: number) => writeResource(SENTINEL, name, content);

async function poll(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
