/**
 * What a client asked for, of one type on one stream: names, the wildcard, and the two ways to say the wildcard.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 * @module
 */
import type { DeltaRequest, SotwRequest } from "./messages.ts";

const WILDCARD = "*";

/** What a request changed. */
export interface Asked {
  /** The wildcard was asked for and must be answered in full. */
  readonly all: boolean;
  /** Names that were asked for and must be answered, whether they changed or not. */
  readonly names: readonly string[];
  /** Names that are not subscribed any more. */
  readonly dropped: readonly string[];
}

/** The names and the wildcard of one type; mutable, changed by requests alone. */
export class Subscription {
  /** Explicitly named resources, without the wildcard. */
  readonly names = new Set<string>();
  wildcard = false;
  /**
   * No name was ever given for this type on this stream, and the type is one for which an empty list then means
   * everything. After any name, `*` included, an empty list means nothing.
   */
  #unnamed = true;
  readonly #legacyWildcard: boolean;

  /** `legacyWildcard`: an empty first request asks for everything (LDS, CDS, SRDS; in nothing else). */
  constructor(legacyWildcard: boolean) {
    this.#legacyWildcard = legacyWildcard;
  }

  /** Whether the client wants to know of this name. */
  covers(name: string): boolean {
    return this.wildcard || this.names.has(name);
  }

  /** Whether the client wants anything at all. */
  get active(): boolean {
    return this.wildcard || this.names.size > 0;
  }

  /** A state-of-the-world request replaces the whole subscription. */
  replace(request: SotwRequest): Asked {
    if (request.names.length > 0) this.#unnamed = false;
    // Some clients send one empty name for "nothing"; no resource is named "".
    const wanted = new Set(request.names);
    wanted.delete("");
    const wildcard = wanted.delete(WILDCARD) || (this.#unnamed && this.#legacyWildcard);
    const all = wildcard && !this.wildcard;
    const names = [...wanted].filter((name) => !this.names.has(name));
    const dropped = [...this.names].filter((name) => !wanted.has(name));
    for (const name of dropped) this.names.delete(name);
    for (const name of names) this.names.add(name);
    this.wildcard = wildcard;
    return { all, names, dropped };
  }

  /** A delta request adds and takes away; what is subscribed twice is answered twice. */
  amend(request: DeltaRequest, first: boolean): Asked {
    const asked = new Set(request.subscribe);
    asked.delete("");
    const dropped: string[] = [];
    let all = false;
    if (first && this.#legacyWildcard && request.subscribe.length === 0) all = this.wildcard = true;
    for (const name of request.unsubscribe) {
      if (name === WILDCARD) this.wildcard = false;
      else if (this.names.delete(name)) dropped.push(name);
    }
    if (asked.delete(WILDCARD)) all = this.wildcard = true;
    for (const name of asked) this.names.add(name);
    // The client forgets a name that it unsubscribes; while the wildcard covers the name it must be told again.
    const again = this.wildcard ? dropped.filter((name) => !asked.has(name)) : [];
    return { all, names: [...asked, ...again], dropped: this.wildcard ? [] : dropped };
  }
}
