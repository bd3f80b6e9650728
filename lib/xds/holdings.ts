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
import type { Content } from "./plan.ts";

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

  /** There is nothing to say that would lead to this set: it takes the place of an older one and of what agrees with it. */
  rebase(target: ResourceSet): void {
    for (const [name, version] of this.exceptions) {
      if ((target.get(name)?.version ?? null) === version) this.exceptions.delete(name);
    }
    this.base = target;
  }

  /**
   * The client acknowledged all of a response: it holds the target now, except for names whose removal is still withheld
   * (it has them, the target need not; the response said nothing of them, so in doubt they stay in doubt) and for names
   * that it lacked and that the response did not bring (the target may have them, as a union does, or they were asked for
   * since).
   */
  settle({ changed, leftover, target }: Pick<Content, "changed" | "leftover" | "target">): void {
    const lacking = new Set<string>();
    for (const [name, version] of this.exceptions) if (version === null && target.has(name)) lacking.add(name);
    for (const { name } of lacking.size > 0 ? changed : []) lacking.delete(name);
    const kept = [...leftover].map((name) => [name, this.version(name) ?? UNKNOWN] as const);
    this.exceptions.clear();
    for (const name of lacking) this.exceptions.set(name, null);
    for (const [name, version] of kept) this.exceptions.set(name, version);
    const doubted = leftover.filter((name) => this.doubtful.has(name));
    this.doubtful.clear();
    for (const name of doubted) this.doubtful.add(name);
    this.base = target;
  }
}
