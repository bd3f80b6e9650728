/**
 * Every rule that there is, by name: what `docs/rules.md` is made of.
 *
 * @module
 */
import { DEPRECATED_RULES } from "./deprecated_rules.ts";
import { FIELD_RULES } from "./fields/fields.ts";
import { LOAD_AREAS } from "./load/areas.ts";
import { NEWER_RULES } from "./newer.ts";
import type { RuleDoc } from "./rule.ts";

export const CATALOGUE: ReadonlyMap<string, RuleDoc> = new Map(
  [...FIELD_RULES, ...DEPRECATED_RULES, ...NEWER_RULES, ...LOAD_AREAS.flatMap(({ rules }) => rules)].map((
    rule,
  ) => [rule.name, rule]),
);
