/**
 * The checks of a configuration as a whole: everything that a client of one group gets.
 *
 * A check is a pure function from resources to issues: it reads no file, knows no group and no client, and never throws
 * for what is wrong with a resource. What is wrong with one resource alone is said when it is read.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";
import { checkClaims } from "./addresses.ts";
import { checkAgreement } from "./agreement.ts";
import { type ReferenceOptions, References, type Served } from "./references.ts";

/** All resources of a group together. Of much the same resources as before, only those that differ are looked at. */
export class Whole {
  readonly #resources: readonly Resource[];
  readonly #references: References;

  constructor(resources: readonly Resource[], before?: Whole, options?: ReferenceOptions) {
    this.#resources = resources;
    this.#references = new References(resources, before === undefined ? undefined : before.#references, options);
  }

  /** What is wrong. What is served and still needed must not vanish: `served` is what the group gets until now. */
  issues(served?: Served): Issue[] {
    return [
      ...this.#references.issues(served),
      ...checkClaims(this.#resources),
      ...checkAgreement(this.#resources),
    ];
  }
}
