/**
 * What a client of the tables remembers, and the requests that it makes of that.
 *
 * @module
 */
import type { Request } from "../../lib/xds/messages.ts";
import type { Mode } from "./script.ts";
import type { Received } from "./server.ts";

/** What a client has of one type. */
interface Subscribed {
  /** As the last request said it; `[]` may be the legacy wildcard. */
  names: readonly string[];
  /** Of the last response that was read, answered or not. */
  response: Received | undefined;
  previous: Received | undefined;
  /** Nonce of the last response that was answered. */
  nonce: string;
}

/** What outlives a stream. */
interface Accepted {
  version: string;
  /** Name to version; delta reports it on the next stream. */
  readonly held: Map<string, string>;
}

/** One client: its stream's state, and what it accepted on any stream. */
export class Client {
  readonly #types = new Map<string, Subscribed>();
  readonly #accepted = new Map<string, Accepted>();
  /** Reported instead of the version that was accepted. */
  reports: string | undefined;

  constructor(readonly mode: Mode) {}

  /** A new stream. */
  restart(forgets: boolean): void {
    this.#types.clear();
    if (forgets) this.#accepted.clear();
  }

  /** The client reads a response. */
  read(response: Received): void {
    const of = this.#of(response.type);
    of.previous = of.response;
    of.response = response;
  }

  nonceOf(type: string, which: "last" | "previous"): string {
    const { response, previous } = this.#of(type);
    const nonce = which === "last" ? response?.nonce : previous?.nonce;
    if (nonce === undefined) throw new Error(`there is no ${which} response of ${type}`);
    return nonce;
  }

  /** The client wants exactly these names. */
  ask(type: string, names: readonly string[]): Request {
    const known = this.#types.has(type);
    const before = this.#of(type).names;
    this.#of(type).names = names;
    const subscribe = known ? names.filter((name) => !before.includes(name)) : names;
    const unsubscribe = before.filter((name) => !names.includes(name));
    return this.request(type, { first: !known, subscribe, unsubscribe, nonce: undefined, error: undefined });
  }

  /** Delta only: adds and takes away, whatever was there. */
  amend(type: string, subscribe: readonly string[], unsubscribe: readonly string[]): Request {
    const known = this.#types.has(type);
    const of = this.#of(type);
    of.names = [...new Set([...of.names, ...subscribe])].filter((name) => !unsubscribe.includes(name));
    return this.request(type, { first: !known, subscribe, unsubscribe, nonce: undefined, error: undefined });
  }

  /** Accepts or rejects the last response of a type. */
  answer(type: string, error: string | undefined, names: readonly string[] | undefined): Request {
    const of = this.#of(type);
    const { response } = of;
    if (response === undefined) throw new Error(`there is nothing of ${type} to answer`);
    of.nonce = response.nonce;
    if (error === undefined) this.#accept(response);
    const before = of.names;
    if (names !== undefined) of.names = names;
    return this.request(type, {
      first: false,
      subscribe: of.names.filter((name) => !before.includes(name)),
      unsubscribe: before.filter((name) => !of.names.includes(name)),
      nonce: response.nonce,
      error,
    });
  }

  /** A request as the client's mode writes it. In state-of-the-world the nonce is the last answered one by default. */
  request(type: string, parts: {
    first: boolean;
    subscribe: readonly string[];
    unsubscribe: readonly string[];
    nonce: string | undefined;
    error: string | undefined;
  }): Request {
    const { names, nonce } = this.#of(type);
    const accepted = this.#accepted.get(type);
    const { error } = parts;
    if (this.mode === "sotw") {
      const version = this.reports ?? accepted?.version ?? "";
      return { mode: "sotw", type, version, nonce: parts.nonce ?? nonce, error, names };
    }
    const held = new Map(parts.first ? accepted?.held : []);
    const { subscribe, unsubscribe } = parts;
    return { mode: "delta", type, nonce: parts.nonce ?? "", error, subscribe, unsubscribe, held };
  }

  #accept({ type, version, resources, removed }: Received): void {
    let accepted = this.#accepted.get(type);
    if (accepted === undefined) this.#accepted.set(type, accepted = { version, held: new Map() });
    accepted.version = version;
    for (const name of removed) accepted.held.delete(name);
    for (const { name, version } of resources) accepted.held.set(name, version);
  }

  #of(type: string): Subscribed {
    let of = this.#types.get(type);
    if (of === undefined) {
      of = { names: [], response: undefined, previous: undefined, nonce: "" };
      this.#types.set(type, of);
    }
    return of;
  }
}
