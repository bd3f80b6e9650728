/**
 * What a client asked for, of one type on one stream: names, the wildcard, and the two ways to say the wildcard.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#how-the-client-specifies-what-resources-to-return
 * @module
 */
import { canonicalName, globOf, isGlob } from "../model/names.ts";
import type { DeltaRequest, SotwRequest } from "./messages.ts";

const WILDCARD = "*";

/** What a request changed. */
export interface Asked {
  /** The wildcard was asked for and must be answered in full. */
  readonly all: boolean;
  /** Names that were asked for and must be answered, whether they changed or not. */
  readonly names: readonly string[];
  /** Those of {@link names} that were not subscribed before: the client has nothing of them. */
  readonly fresh: readonly string[];
  /** Names that are not subscribed any more, and that no wildcard or collection covers. */
  readonly dropped: readonly string[];
}

/** The names and the wildcard of one type; mutable, changed by requests alone. */
export class Subscription {
  /** Explicitly named resources and collections, in canonical form, without the wildcard. */
  readonly names = new Set<string>();
  /** Those of {@link names} that stand for a collection. */
  readonly globs = new Set<string>();
  /** On demand: resources that were sent because they answer to one of {@link names}. */
  readonly followed = new Set<string>();
  wildcard = false;
  /**
   * No name was ever given for this type on this stream, and the type is one for which an empty list then means
   * everything. After any name, `*` included, an empty list means nothing.
   */
  #unnamed = true;
  readonly #legacyWildcard: boolean;
  readonly #onDemand: boolean;

  /**
   * `legacyWildcard`: an empty first request asks for everything (LDS, CDS, SRDS; in nothing else). `onDemand`: nobody can
   * ask for everything; `*` is answered and subscribes nothing.
   */
  constructor(legacyWildcard: boolean, onDemand = false) {
    this.#legacyWildcard = legacyWildcard;
    this.#onDemand = onDemand;
  }

  /** Whether the client wants to know of this name. */
  covers(name: string): boolean {
    return this.names.has(name) || this.#collects(name) || this.followed.size > 0 && this.followed.has(name);
  }

  /** Whether the client wants anything at all. */
  get active(): boolean {
    return this.wildcard || this.names.size > 0;
  }

  /**
   * A state-of-the-world request replaces the whole subscription. A stale one only takes away: it asks for nothing, but
   * what it gives up has to be answered when a later request names it again.
   */
  replace(request: SotwRequest, stale: boolean): Asked {
    if (request.names.length > 0) this.#unnamed = false;
    // Some clients send one empty name for "nothing"; no resource is named "".
    let wanted = new Set(request.names.map(canonicalName));
    wanted.delete("");
    let wildcard = wanted.delete(WILDCARD) || (this.#unnamed && this.#legacyWildcard);
    if (stale) {
      wanted = wanted.intersection(this.names);
      wildcard &&= this.wildcard;
    }
    const all = wildcard && !this.wildcard;
    const names = [...wanted].filter((name) => !this.names.has(name));
    const fresh = this.wildcard ? [] : names;
    const dropped = [...this.names].filter((name) => !wanted.has(name));
    for (const name of dropped) this.#drop(name);
    for (const name of names) this.#add(name);
    this.wildcard = wildcard;
    return { all, names, fresh, dropped: dropped.filter((name) => !this.#collects(name)) };
  }

  /** A delta request adds and takes away; what is subscribed twice is answered twice. */
  amend(request: DeltaRequest, first: boolean): Asked {
    const asked = new Set(request.subscribe.map(canonicalName));
    asked.delete("");
    const dropped: string[] = [];
    const followedAll = this.wildcard;
    for (const name of request.unsubscribe.map(canonicalName)) {
      if (name === WILDCARD) this.wildcard = false;
      else if (this.#drop(name)) dropped.push(name);
    }
    const legacy = first && this.#legacyWildcard && request.subscribe.length === 0;
    const all = asked.delete(WILDCARD) || legacy;
    if (all && !this.#onDemand) this.wildcard = true;
    const fresh = followedAll ? [] : [...asked].filter((name) => !this.names.has(name));
    for (const name of asked) this.#add(name);
    // The client forgets a name that it unsubscribes; while something else covers the name it must be told again.
    const again = dropped.filter((name) => !asked.has(name) && this.#collects(name));
    return { all, names: [...asked, ...again], fresh, dropped: dropped.filter((name) => !this.#collects(name)) };
  }

  /** Whether the wildcard or a collection has this name. */
  #collects(name: string): boolean {
    return this.wildcard || this.globs.size > 0 && this.globs.has(globOf(name) ?? "");
  }

  #add(name: string): void {
    this.names.add(name);
    if (isGlob(name)) this.globs.add(name);
  }

  #drop(name: string): boolean {
    this.globs.delete(name);
    return this.names.delete(name);
  }
}
