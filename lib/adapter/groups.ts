/**
 * What an adapter generated, group by group. A group that cannot be generated keeps what it had, and says why not.
 *
 * @module
 */
import { hasErrors, type Issue } from "../model/issue.ts";
import type { Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { Log } from "../log.ts";
import type { Changed } from "./generations.ts";
import { generateError, type Known, type Read, readAgain, type ReadText, wrongResult } from "./resources.ts";
import { reason, trace } from "../system_error.ts";

export interface GroupsOptions {
  /** The adapter as the user named it. */
  readonly name: string;
  readonly read: ReadText<Read>;
  readonly log: Log;
}

interface State {
  readonly part: Part;
  readonly known: Known;
}

const NOTHING: State = { part: { resources: [], issues: [] }, known: new Map() };

/** Mutable. Parts are the same objects as long as they say the same. */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #states = new Map<string, State>();
  #before: ReadonlyMap<string, State>;

  /** `before`: what there was until now. Nothing of it is in here, and what comes again is the same object. */
  constructor(options: GroupsOptions, before?: Groups) {
    this.#options = options;
    this.#before = before === undefined ? new Map() : before.#states;
  }

  /** Everything came that was to come again: what did not is forgotten. */
  settle(): void {
    this.#before = new Map();
  }

  /** In order of name. */
  parts(): Map<string, Part> {
    const sorted = [...this.#states].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
    return new Map(sorted.map(([group, { part }]) => [group, part]));
  }

  /** Takes a group over as it was. */
  carry(group: string): void {
    const state = this.#before.get(group);
    if (state !== undefined) this.#states.set(group, state);
  }

  /** Takes what `generate` answered with. */
  take(group: string, result: unknown): Changed {
    if (result === null) {
      this.#states.delete(group);
      return { kind: "absent" };
    }
    const { name } = this.#options;
    const before = this.#last(group);
    const wrong = wrongResult(name, group, result);
    const { resources, issues, known } = wrong === undefined && Array.isArray(result)
      ? this.#read(group, result, before.known)
      : { resources: [], issues: wrong === undefined ? [] : [wrong], known: before.known };
    if (hasErrors(issues)) return this.#hold(group, issues);
    this.#states.set(group, { part: partOf(before.part, resources, issues), known });
    return { kind: "published" };
  }

  /** It could not be generated, for this reason. */
  fail(group: string, why: string): Changed {
    return this.#hold(group, [generateError(this.#options.name, group, why)]);
  }

  #hold(group: string, issues: readonly Issue[]): Changed {
    const { part, known } = this.#last(group);
    this.#states.set(group, { part: partOf(part, part.resources, issues), known });
    const errors = issues.filter(({ severity }) => severity === "error");
    const [first] = errors;
    const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
    return { kind: "failed", message: `${first?.message ?? "it is not valid"}${more}`, issues };
  }

  #last(group: string): State {
    return this.#states.get(group) ?? this.#before.get(group) ?? NOTHING;
  }

  #read(group: string, items: readonly unknown[], known: Known): Read & { readonly known: Known } {
    const { name, read, log } = this.#options;
    try {
      return readAgain(name, group, items, read, known);
    } catch (error) {
      // One group must not be able to stop all others, not even by a bug in the reader.
      if (error instanceof RangeError) {
        const why = "it is nested too deeply, or too large, to be read";
        return { resources: [], issues: [generateError(name, group, why)], known };
      }
      log.error(`Cannot read what "${name}" generated: ${trace(error)}`);
      return { resources: [], issues: [generateError(name, group, `an error in xcp: ${reason(error)}`)], known };
    }
  }
}

function partOf(before: Part, resources: readonly Resource[], issues: readonly Issue[]): Part {
  const same = before.resources.length === resources.length && before.resources.every((resource, i) => {
    const { type, name, version } = resources[i] ?? {};
    return resource.type === type && resource.name === name && resource.version === version;
  });
  if (!same) return { resources, issues };
  const alike = before !== NOTHING.part && JSON.stringify(before.issues) === JSON.stringify(issues);
  return alike ? before : { resources: before.resources, issues };
}
