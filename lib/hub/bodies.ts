/**
 * Responses as bytes, built once and shared by every stream that is sent the same.
 *
 * @module
 */
import type { ResourceSet } from "../model/resource_set.ts";
import type { Body, Response } from "../xds/messages.ts";
import { writeResponse } from "../xds/wire/response.ts";

/** A response on the wire: a length-prefixed gRPC message that nobody may change. */
export interface FramedBody extends Body {
  readonly frame: Uint8Array;
}

/** Different subscriptions of one target that are remembered; further ones are built for each stream. */
const MOST_KEYS = 512;
/** Bytes of these, keys and frames together: clients choose the names, and so the sizes. */
const MOST_BYTES = 64 * 1024 * 1024;

interface Shelf {
  readonly byObject: WeakMap<object, FramedBody>;
  readonly byText: Map<string, FramedBody>;
  /** Bytes in {@link byText}. */
  bytes: number;
}

/**
 * Builds and remembers bodies. What is built from a set lives as long as the set; {@link forget} lets go of it earlier,
 * when the set is no longer what a group serves.
 */
export class Bodies {
  readonly #identifier: string;
  readonly #mostBytes: number;
  #nonce = 0;
  #shelves = new WeakMap<ResourceSet, Shelf[]>();
  /** Responses encoded since the start. */
  built = 0;

  /** `identifier` tells people which server answered (`control_plane.identifier`). */
  constructor(identifier: string, mostBytes: number = MOST_BYTES) {
    this.#identifier = identifier;
    this.#mostBytes = mostBytes;
  }

  /** See `Surroundings.build`. */
  build(response: Response, after: number): FramedBody {
    const shelf = this.#shelf(response);
    const { key } = response;
    const known = typeof key === "string" ? shelf.byText.get(key) : shelf.byObject.get(key);
    if (known !== undefined && known.nonce > after) return known;
    const nonce = ++this.#nonce;
    const body = { nonce, frame: writeResponse(response, String(nonce), this.#identifier) };
    this.built++;
    if (typeof key !== "string") shelf.byObject.set(key, body);
    else this.#keep(shelf, key, body);
    return body;
  }

  #keep(shelf: Shelf, key: string, body: FramedBody): void {
    const former = shelf.byText.get(key);
    const more = former === undefined ? key.length + body.frame.length : body.frame.length - former.frame.length;
    if (former === undefined && shelf.byText.size >= MOST_KEYS || shelf.bytes + more > this.#mostBytes) return;
    shelf.bytes += more;
    shelf.byText.set(key, body);
  }

  /** No stream will be led to this set any more, unless it becomes current again. */
  forget(target: ResourceSet): void {
    this.#shelves.delete(target);
  }

  /** One for each mode, with and without times to live. */
  #shelf({ mode, target, ttl }: Response): Shelf {
    let shelves = this.#shelves.get(target);
    if (shelves === undefined) this.#shelves.set(target, shelves = []);
    return shelves[(mode === "delta" ? 1 : 0) + (ttl ? 2 : 0)] ??= createShelf();
  }
}

function createShelf(): Shelf {
  return { byObject: new WeakMap<object, FramedBody>(), byText: new Map(), bytes: 0 };
}
