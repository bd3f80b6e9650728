/**
 * Every rule that there is, by name: what `docs/rules.md` is made of.
 *
 * @module
 */
import { ENVOY_PAGES } from "./catalogue/envoy.ts";
import { READING_RULES } from "./catalogue/reading.ts";
import { SOURCE_RULES, TOGETHER_RULES } from "./catalogue/together.ts";
import { DEPRECATED_RULES } from "./deprecated_rules.ts";
import { FIELD_RULES } from "./fields/fields.ts";
import { LOAD_AREAS } from "./load/areas.ts";
import { NEWER_RULES } from "./newer.ts";
import type { RuleDoc } from "./rule.ts";

/** The rules under headings, in the order of the page. */
export const CHAPTERS: readonly { readonly title: string; readonly rules: readonly RuleDoc[] }[] = [
  { title: "Reading", rules: READING_RULES },
  { title: "Values", rules: FIELD_RULES },
  { title: "Loading", rules: LOAD_AREAS.flatMap(({ rules }) => rules) },
  { title: "Resources together", rules: TOGETHER_RULES },
  { title: "Versions of Envoy", rules: [...DEPRECATED_RULES, ...NEWER_RULES] },
  { title: "A real Envoy", rules: ENVOY_PAGES },
  { title: "Files, folders and writes", rules: SOURCE_RULES },
];

export const CATALOGUE: ReadonlyMap<string, RuleDoc> = new Map(
  CHAPTERS.flatMap(({ rules }) => rules).map((rule) => [rule.name, rule]),
);
