/**
 * What a client holds of one type: it takes answers, and tells what changed, what is still owed, and what is not there.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { canonicalName, globOf, isGlob } from "../model/names.ts";
import { typeByUrl } from "../model/types.ts";
import { type Answer, type Item, type NameError, type Query, requestedNames } from "./messages.ts";

/** A resource as it was sent. */
export interface Held {
  readonly type: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of the resource in delta; in state of the world, of the answer that brought it. */
  readonly version: string;
  /** Milliseconds. */
  readonly ttl: number | undefined;
  readonly bytes: Uint8Array;
}

export type Change =
  | { readonly kind: "added"; readonly now: Held }
  | { readonly kind: "changed"; readonly before: Held; readonly now: Held }
  | { readonly kind: "removed"; readonly before: Held };

/** What an answer did. */
export interface Applied {
  readonly changes: readonly Change[];
  /** Names that the server has now said something bad about. */
  readonly errors: readonly NameError[];
  /** Why a client would reject the answer; empty when it would not. */
  readonly problems: readonly string[];
}

const NOT_FOUND = 5;

/** The state of one subscription. */
export class Holding {
  readonly #query: Query;
  readonly #names: ReadonlySet<string>;
  readonly #resources = new Map<string, Held>();
  readonly #missing = new Map<string, NameError>();
  #answers = 0;
  #version = "";

  constructor(query: Query) {
    this.#query = query;
    this.#names = new Set(requestedNames(query).map(canonicalName));
  }

  /** In the order in which they first came. */
  get resources(): readonly Held[] {
    return [...this.#resources.values()];
  }

  /** Names that were asked for and that the server says are not there, with its words or "". */
  get missing(): readonly NameError[] {
    return [...this.#missing.values()];
  }

  /** Version of the last answer. */
  get version(): string {
    return this.#version;
  }

  /** Whether the server has said anything at all. */
  get answered(): boolean {
    return this.#answers > 0;
  }

  /**
   * Names that the server has not spoken of. Empty when everything was answered; of a wildcard, with the first answer:
   * nothing in the protocol says that another one belongs to it.
   */
  owed(): readonly string[] {
    if (this.#names.size === 0) return this.answered ? [] : ["*"];
    const answered = new Set(this.#missing.keys());
    for (const { name, aliases } of this.#resources.values()) {
      for (const each of [name, ...aliases]) answered.add(each).add(globOf(each) ?? each);
    }
    return [...this.#names].filter((name) => name === "*" ? !this.answered : !answered.has(name));
  }

  /** Takes an answer of the right type. */
  apply(answer: Answer): Applied {
    this.#answers++;
    this.#version = answer.version;
    const changes: Change[] = [];
    const problems: string[] = [];
    const present = new Set<string>();
    // A heartbeat is not the state of the world.
    const heartbeat = answer.items.length > 0 && answer.items.every((item) => this.#isHeartbeat(item));
    for (const [index, item] of answer.items.entries()) {
      const name = canonicalName(item.name) || this.#nameOfUnnamed(answer, index);
      if (present.has(name)) problems.push(`${JSON.stringify(name)} is in it twice`);
      present.add(name);
      const change = this.#take(name, item, answer.type, problems);
      if (change !== undefined) changes.push(change);
    }
    for (const name of answer.removed) {
      const key = canonicalName(name);
      if (present.has(key)) problems.push(`${JSON.stringify(key)} is in it, and removed by it`);
      else this.#remove(key, changes);
    }
    const complete = this.#query.mode === "sotw" && typeByUrl(answer.type)?.fullState === true && !heartbeat;
    if (complete) this.#removeAbsent(present, changes);
    for (const error of answer.errors) {
      const name = canonicalName(error.name);
      if (!this.#resources.has(name)) this.#missing.set(name, { ...error, name });
    }
    return { changes, errors: answer.errors, problems };
  }

  #isHeartbeat({ name, body }: Item): boolean {
    return body === undefined && this.#resources.has(canonicalName(name));
  }

  #take(name: string, item: Item, type: string, problems: string[]): Change | undefined {
    const before = this.#resources.get(name);
    if (item.body === undefined) {
      // A heartbeat; or the answer that the names that were asked for stand for nothing (VHDS).
      if (before === undefined) this.#nothing([name, ...item.aliases.map(canonicalName)]);
      else this.#resources.set(name, { ...before, ttl: item.ttl ?? before.ttl });
      return undefined;
    }
    if (item.body.type !== type) problems.push(`${JSON.stringify(name)} is a ${item.body.type}`);
    const now: Held = {
      type: item.body.type,
      name,
      aliases: item.aliases.map(canonicalName),
      version: item.version,
      ttl: item.ttl,
      bytes: item.body.bytes,
    };
    this.#resources.set(name, now);
    for (const each of [name, ...now.aliases]) this.#missing.delete(each);
    if (before === undefined) return { kind: "added", now };
    return this.#differs(before, now) ? { kind: "changed", before, now } : undefined;
  }

  /** In state of the world everything gets the version of the answer, changed or not. */
  #differs(before: Held, now: Held): boolean {
    return Buffer.compare(before.bytes, now.bytes) !== 0 ||
      (this.#query.mode === "delta" && before.version !== now.version);
  }

  #remove(name: string, changes: Change[]): void {
    const before = this.#resources.get(name);
    if (before !== undefined) {
      this.#resources.delete(name);
      changes.push({ kind: "removed", before });
    }
    this.#nothing([name]);
  }

  #removeAbsent(present: ReadonlySet<string>, changes: Change[]): void {
    for (const name of this.#resources.keys()) if (!present.has(name)) this.#remove(name, changes);
    this.#nothing([...this.#names].filter((name) => name !== "*" && !isGlob(name) && !present.has(name)));
  }

  #nothing(names: readonly string[]): void {
    for (const name of names) {
      if (!this.#names.has(name) || this.#missing.has(name)) continue;
      this.#missing.set(name, { name, code: NOT_FOUND, message: "" });
    }
  }

  /** A type whose messages say no name: what was asked for, if that was one name, else a number. */
  #nameOfUnnamed({ items }: Answer, index: number): string {
    const [only, ...more] = this.#names;
    return items.length === 1 && more.length === 0 && only !== undefined && only !== "*" ? only : `#${index + 1}`;
  }
}
