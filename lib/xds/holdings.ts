/**
 * What a client holds, as far as the server can know: of one type on one stream.
 *
 * A well-behaved client that acknowledges everything holds exactly one {@link ResourceSet}, restricted to what it
 * subscribed: that is one pointer, whatever the number of resources. Everything else is kept as exceptions to it.
 *
 * @module
 */
import type { ResourceSet } from "../model/resource_set.ts";
import { emptySet } from "../model/resource_set.ts";

/** The version of something that the client holds in a content we do not know. No resource has it. */
export const UNKNOWN = "?";

/** Mutable; changed by verdicts and subscriptions. */
export class Holdings {
  /** What the client acknowledged, restricted to its subscription. */
  base: ResourceSet;
  /** Exceptions to {@link base}: the version that the client holds of a name, or null for "does not have it". */
  readonly exceptions = new Map<string, string | null>();
  /**
   * Names that were in a response which the client rejected, or never answered before the next went out. Parts of it may
   * be applied (the specification allows that for LDS and CDS), so they differ from *any* content until a clean ACK.
   */
  readonly doubtful = new Set<string>();

  constructor(type: string) {
    this.base = emptySet(type);
  }

  /** The client holds exactly {@link base}, restricted to its subscription. */
  get exact(): boolean {
    return this.exceptions.size === 0 && this.doubtful.size === 0;
  }

  /** The version that the client holds of a name; undefined when it does not have it. */
  version(name: string): string | undefined {
    const exception = this.exceptions.get(name);
    return exception === undefined ? this.base.get(name)?.version : exception ?? undefined;
  }

  /** The client does not follow this name any more; if it comes back it will be asked for. */
  forget(name: string): void {
    this.exceptions.delete(name);
    this.doubtful.delete(name);
  }

  /** The subscription shrinks from everything to names: the client lets go of the rest. */
  prune(covers: (name: string) => boolean): void {
    for (const name of [...this.exceptions.keys(), ...this.doubtful]) if (!covers(name)) this.forget(name);
  }

  /**
   * The subscription grows from names to everything: what was in {@link base} and not subscribed was never sent, so
   * only the names remain.
   */
  restrict(names: Iterable<string>): void {
    const held = [...names].map((name) => [name, this.version(name) ?? null] as const);
    this.exceptions.clear();
    for (const [name, version] of held) this.exceptions.set(name, version);
    this.base = emptySet(this.base.type);
  }

  /** The client holds this set now, except for `leftover`: names it still has that the set does not. */
  settle(target: ResourceSet, leftover: Iterable<string>): void {
    const kept = [...leftover].map((name) => [name, this.version(name) ?? UNKNOWN] as const);
    this.exceptions.clear();
    for (const [name, version] of kept) this.exceptions.set(name, version);
    this.doubtful.clear();
    this.base = target;
  }
}
