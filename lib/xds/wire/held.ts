/**
 * `initial_resource_versions` as they came. A thousand clients that come back with a thousand resources each say much the
 * same, so what they say is compared as bytes with what there is, and only what differs is read.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { canonicalName } from "../../model/names.ts";
import type { ResourceSet } from "../../model/resource_set.ts";
import type { Held } from "../messages.ts";
import { FieldReader } from "./reader.ts";

/** What tells the resources that a client holds from those of a set. */
export interface Comparison {
  /** Versions by name of what the set does not have, or has in another version. */
  readonly differing: ReadonlyMap<string, string>;
  /** Names that only the set has. */
  lacking(): Iterable<string>;
}

/** Compares what a client holds with a set. */
export function compareHeld(held: Held, set: ResourceSet): Comparison {
  return held instanceof HeldEntries ? held.compare(set) : compare(held, set, () => false);
}

/** Entries of a request: `map<string, string>`, each where its body is in the bytes of the request. */
export class HeldEntries implements Held {
  readonly #body: Uint8Array;
  /** Start and end of each, in turn. */
  readonly #bounds: readonly number[];
  #map: ReadonlyMap<string, string> | undefined;

  constructor(body: Uint8Array, bounds: readonly number[]) {
    this.#body = body;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#bounds.length / 2;
  }

  has(name: string): boolean {
    return this.#whole.has(name);
  }

  keys(): MapIterator<string> {
    return this.#whole.keys();
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.#whole[Symbol.iterator]();
  }

  compare(set: ResourceSet): Comparison {
    if (this.size < MANY) return compare(this.#whole, set, () => false);
    const known = entriesOf(set);
    const met = new Uint8Array(set.size);
    const rest = this.#read((start, end) => {
      const place = known.find(this.#body, start, end);
      if (place === undefined) return true;
      met[place] = 1;
      return false;
    });
    return compare(rest, set, (place) => met[place] === 1);
  }

  get #whole(): ReadonlyMap<string, string> {
    return this.#map ??= this.#read(() => true);
  }

  /** Of two entries with one name the later one counts. */
  #read(wanted: (start: number, end: number) => boolean): ReadonlyMap<string, string> {
    const read = new Map<string, string>();
    const bounds = this.#bounds;
    for (let i = 0; i < bounds.length; i += 2) {
      const [start = 0, end = 0] = [bounds[i], bounds[i + 1]];
      if (!wanted(start, end)) continue;
      let key = "", value = "";
      const reader = new FieldReader(this.#body.subarray(start, end));
      while (reader.next()) {
        if (reader.field === 1) key = reader.string();
        else if (reader.field === 2) value = reader.string();
      }
      read.set(canonicalName(key), value);
    }
    return read;
  }
}

/** `met`: whether the client holds the resource at this place of the set, beside what is in `held`. */
function compare(
  held: Pick<Held, "has" | "size" | typeof Symbol.iterator>,
  set: ResourceSet,
  met: (place: number) => boolean,
): Comparison {
  const differing = new Map<string, string>();
  for (const [name, version] of held) if (set.get(name)?.version !== version) differing.set(name, version);
  return {
    differing,
    *lacking() {
      let place = 0;
      for (const { name } of set) if (!met(place++) && !held.has(name)) yield name;
    },
  };
}

/** Entries for which it pays to know those of the whole set. */
const MANY = 64;

// Memory of a pure function: it never changes an answer, and goes with the set.
const known = new WeakMap<ResourceSet, KnownEntries>();

function entriesOf(set: ResourceSet): KnownEntries {
  let entries = known.get(set);
  if (entries === undefined) known.set(set, entries = new KnownEntries(set));
  return entries;
}

/** The entries of clients that hold a set, as almost every client writes them, by a hash of their last bytes. */
class KnownEntries {
  readonly #bytes: Buffer;
  /** Start of each entry, and the end of the last. */
  readonly #starts: Uint32Array;
  /** A place + 1, or 0; what is taken moves on to the next. */
  readonly #table: Uint32Array;

  constructor(set: ResourceSet) {
    const entries = [...set].map(({ name, version }) => Buffer.concat([field(1, name), field(2, version)]));
    this.#bytes = Buffer.concat(entries);
    this.#starts = new Uint32Array(entries.length + 1);
    this.#table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * entries.length + 1)));
    for (const [place, entry] of entries.entries()) {
      this.#starts[place + 1] = (this.#starts[place] ?? 0) + entry.length;
      let slot = this.#slot(entry, entry.length);
      while (this.#table[slot] !== 0) slot = slot + 1 & this.#table.length - 1;
      this.#table[slot] = place + 1;
    }
  }

  /** The place in the set of the resource that this entry names in its present version. */
  find(body: Uint8Array, start: number, end: number): number | undefined {
    const length = end - start;
    if (length < LEAST) return undefined;
    const table = this.#table;
    for (let slot = this.#slot(body, end); table[slot] !== 0; slot = slot + 1 & table.length - 1) {
      const place = (table[slot] ?? 0) - 1;
      const from = this.#starts[place] ?? 0;
      if ((this.#starts[place + 1] ?? 0) - from === length && same(this.#bytes, from, body, start, length)) {
        return place;
      }
    }
    return undefined;
  }

  /** By the end of the version, which is a hash itself. */
  #slot(bytes: Uint8Array, end: number): number {
    let hash = 0;
    for (let at = end - LEAST; at < end; at++) hash = Math.imul(hash, 67) + (bytes[at] ?? 0) | 0;
    return (hash ^ hash >>> 15) & this.#table.length - 1;
  }
}

/** Bytes that are hashed; an entry of a set has more. */
const LEAST = 6;

function same(a: Uint8Array, from: number, b: Uint8Array, start: number, length: number): boolean {
  // From the end, where two versions differ.
  for (let i = length - 1; i >= 0; i--) if (a[from + i] !== b[start + i]) return false;
  return true;
}

/** A string field with its tag. */
function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = [number << 3 | 2];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) head.push(rest & 0x7f | 0x80);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
}
