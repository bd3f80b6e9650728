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
import { BOOTSTRAP, checkAgreement } from "./agreement.ts";
import { type ReferenceOptions, References, type Served } from "./references.ts";

/** All resources of a group together. Of much the same resources as before, only those that differ are looked at. */
export class Whole {
  readonly #references: References;
  /** Those that claim something, and bootstraps, which count by being there: few, as a rule. */
  readonly #claiming: readonly Resource[];

  constructor(resources: readonly Resource[], before?: Whole, options?: ReferenceOptions) {
    this.#references = new References(resources, before === undefined ? undefined : before.#references, options);
    const none = before !== undefined && before.#claiming.length === 0 &&
      this.#references.replaced?.some(isClaiming) === false;
    this.#claiming = none ? [] : resources.filter(isClaiming);
  }

  /** What is wrong. What is served and still needed must not vanish: `served` is what the group gets until now. */
  issues(served?: Served): Issue[] {
    return [
      ...this.#references.issues(served),
      ...checkClaims(this.#claiming),
      ...checkAgreement(this.#claiming),
    ];
  }
}

function isClaiming({ type, claims }: Resource): boolean {
  return claims.length > 0 || type === BOOTSTRAP;
}
