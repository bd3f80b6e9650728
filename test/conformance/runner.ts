/**
 * Runs a row of a table against a server, step by step, and says which step did not come out as written.
 *
 * @module
 */
import { canonicalName } from "../../lib/model/names.ts";
import { url } from "./core_server.ts";
import { Client } from "./client.ts";
import type { ByMode, Change, Config, Content, Expected, Mode, Row, Step } from "./script.ts";
import type { Connection, Received, ReceivedResource, Server } from "./server.ts";

/** A script did not come out as written. */
export class Mismatch extends Error {}

/** Runs one row in one mode. Throws a {@link Mismatch} that shows the script up to the step that failed. */
export async function run(row: Row, mode: Mode, server: Server): Promise<void> {
  const players = new Map<string, Player>();
  const world = { config: row.snapshot ?? {} };
  if (row.snapshot !== undefined) await server.serve(row.snapshot, row.label);
  const marks = new Marks();
  const told: string[] = [];
  async function play(name: string, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if (step.do === "on") {
        await play(step.client, step.steps);
        continue;
      }
      told.push(`${name === "" ? "" : `${name}: `}${JSON.stringify(step)}`);
      let player = players.get(name);
      if (player === undefined) {
        players.set(name, player = new Player(mode, name, server, world, marks));
        await player.connect();
      }
      await player.play(step);
      if (step.do === "sends") continue;
      for (const [name, other] of players) {
        const unread = await other.unread();
        if (unread !== undefined) told.push(`  -> ${name} has ${describe(unread)}`);
      }
    }
  }
  try {
    await play("", [...row.script, { do: "nothing" }]);
    for (const player of players.values()) await player.expectNothing();
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    throw new Mismatch(`${error.message}, after\n${told.join("\n")}`);
  } finally {
    for (const player of players.values()) await player.close();
  }
}

/** Values that must be equal where their marks are equal, and differ where those differ. */
class Marks {
  readonly #values = new Map<string, string>();

  expect(mark: string | undefined, value: string, what: string): void {
    if (mark === undefined) return;
    if (mark.startsWith("=")) {
      if (mark.slice(1) !== value) throw new Mismatch(`${what} should be ${mark.slice(1)} and is ${value}`);
    }
    const place = `${what} ${mark}`;
    const known = this.#values.get(place);
    if (known !== undefined && known !== value) throw new Mismatch(`${what} "${mark}" was ${known} and is ${value}`);
    for (const [other, taken] of this.#values) {
      if (other !== place && other.startsWith(`${what} `) && taken === value) {
        throw new Mismatch(`${what} "${mark}" is the same as ${other}`);
      }
    }
    this.#values.set(place, value);
  }
}

/** One client that follows the script. */
class Player {
  readonly #client: Client;
  #connection: Connection | undefined;
  #peeked: Received | undefined;
  #last: Received | undefined;
  readonly #nonces = new Set<string>();

  constructor(
    readonly mode: Mode,
    readonly node: string,
    readonly server: Server,
    readonly world: { config: Config },
    readonly marks: Marks,
  ) {
    this.#client = new Client(mode);
  }

  async connect(): Promise<void> {
    this.#connection = await this.server.connect(this.mode, this.node);
    this.#nonces.clear();
    this.#peeked = this.#last = undefined;
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
  }

  /** The next response, which stays unread. */
  async unread(expected = false): Promise<Received | undefined> {
    return this.#peeked ??= await this.#connection?.receive(expected);
  }

  async expectNothing(): Promise<void> {
    const unread = await this.unread();
    if (unread !== undefined) throw new Mismatch(`nothing was expected, and here is ${describe(unread)}`);
  }

  async play(step: Exclude<Step, { do: "on" }>): Promise<void> {
    if (step.do === "sends") return await this.#expect(url(step.type), step.expected);
    await this.expectNothing();
    const client = this.#client;
    switch (step.do) {
      case "ask":
        return await this.#send(client.ask(url(step.type), step.names));
      case "subscribe":
        return await this.#send(client.amend(url(step.type), step.names, []));
      case "unsubscribe":
        return await this.#send(client.amend(url(step.type), [], step.names));
      case "answer":
        return await this.#send(
          client.answer(step.type === undefined ? this.#lastType() : url(step.type), step.error, step.names),
        );
      case "repeat": {
        const nonce = step.nonce === "last" || step.nonce === "previous"
          ? client.nonceOf(url(step.type), step.nonce)
          : client.nonceOf(url(step.nonce), "last");
        const empty = { first: false, subscribe: [], unsubscribe: [], error: undefined };
        return await this.#send(client.request(url(step.type), { ...empty, nonce }));
      }
      case "change":
        this.world.config = merge(this.world.config, step.change);
        return await this.server.serve(this.world.config, step.label);
      case "move":
        this.world.config = step.config;
        return await this.server.move(this.node, step.config);
      case "wake":
        return await this.server.pass(step.ms);
      case "reading":
        return await this.#connection?.reading(step.reads);
      case "reconnect":
        await this.close();
        client.restart(step.forgets);
        client.reports = step.reports;
        return await this.connect();
      case "ends": {
        const code = await this.#connection?.ended();
        if (code !== step.code) throw new Mismatch(`the stream should have ended with ${step.code}: ${code ?? "open"}`);
      }
    }
  }

  async #send(request: Parameters<Connection["send"]>[0]): Promise<void> {
    await this.#connection?.send(request);
  }

  #lastType(): string {
    if (this.#last === undefined) throw new Error("there is no response to answer");
    return this.#last.type;
  }

  async #expect(type: string, expected: Expected): Promise<void> {
    const response = await this.unread(true);
    this.#peeked = undefined;
    const missing = expected.missing === undefined ? undefined : byMode(expected.missing, this.mode);
    const resources = byMode(expected.resources, this.mode);
    const wanted = `${short(type)} ${show(resources, this.mode, expected.removed, missing)}`;
    if (response === undefined) throw new Mismatch(`${wanted} was expected, and there is nothing`);
    this.#check(response);
    this.#last = response;
    this.#client.read(response);
    const names = response.resources.map((resource) => this.#name(resource));
    const absent = missing === undefined ? undefined : response.missing;
    const found = `${short(response.type)} ${show(names, this.mode, response.removed, absent)}`;
    if (found !== wanted) throw new Mismatch(`${wanted} was expected, and here is ${found}`);
    this.marks.expect(expected.version, response.version, "version");
    this.marks.expect(expected.nonce, response.nonce, "nonce");
  }

  /** What is true of every response. */
  #check(response: Received): void {
    const { missing, nonce, resources, removed, type } = response;
    if (nonce === "" || this.#nonces.has(nonce)) throw new Mismatch(`the nonce "${nonce}" came before`);
    this.#nonces.add(nonce);
    const names = [...resources.map(({ name }) => name), ...removed];
    if (new Set(names).size !== names.length) throw new Mismatch(`a name comes twice in ${describe(response)}`);
    if (resources.some((r) => r.type !== type)) {
      throw new Mismatch(`a resource of another type in ${describe(response)}`);
    }
    if (this.mode === "sotw" && removed.length > 0) throw new Mismatch(`removals in ${describe(response)}`);
    if (new Set(missing).size !== missing.length) throw new Mismatch(`an error comes twice in ${describe(response)}`);
    const wrong = missing.filter((name) => resources.some((r) => r.name === name));
    if (wrong.length > 0) throw new Mismatch(`${wrong} in ${describe(response)} is there and in error`);
    // Clients that do not know of errors must be told all the same.
    const untold = this.mode === "delta" ? missing.filter((name) => !removed.includes(name)) : [];
    if (untold.length > 0) throw new Mismatch(`${untold} is in error and not removed in ${describe(response)}`);
  }

  #name({ aliases, content, name, ttl, type }: ReceivedResource): string {
    const service = Object.keys(this.world.config).find((service) => url(service) === type);
    const contents = (this.world.config as Record<string, Record<string, Content>>)[service ?? ""] ?? {};
    const now = Object.entries(contents).find(([each]) => canonicalName(each) === name)?.[1];
    const number = typeof now === "object" ? now.content : now;
    const body = content === undefined ? "~" : number === content ? "" : `@${content}`;
    return `${name}${body}${ttl === undefined ? "" : "!"}${aliases.map((alias) => `=${alias}`).join("")}`;
  }
}

function byMode<T>(value: ByMode<readonly T[]>, mode: Mode): readonly T[] {
  return "sotw" in value ? value[mode] : value;
}

function show(
  names: readonly string[],
  mode: Mode,
  removed: readonly string[],
  missing: readonly string[] | undefined,
): string {
  const gone = mode === "delta" && removed.length > 0 ? ` without [${[...removed].sort()}]` : "";
  const absent = missing === undefined ? "" : ` not found [${[...missing].sort()}]`;
  return `[${[...names].sort()}]${gone}${absent}`;
}

function describe({ type, resources, removed, missing }: Received): string {
  const names = resources.map(({ name, content }) => `${name}${content === undefined ? "~" : `@${content}`}`);
  return `${short(type)} ${show(names, "delta", removed, missing.length === 0 ? undefined : missing)}`;
}

function short(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}

function merge(config: Config, change: Change): Config {
  const merged: Record<string, Record<string, Content>> = {};
  const [before, after] = [config, change] as readonly Record<string, Record<string, Content | undefined>>[];
  for (const service of new Set([...Object.keys(config), ...Object.keys(change)])) {
    const all = { ...before?.[service], ...after?.[service] };
    merged[service] = Object.fromEntries(Object.entries(all).flatMap(([k, v]) => v === undefined ? [] : [[k, v]]));
  }
  return merged;
}
