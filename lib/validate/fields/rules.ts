import type { RuleDoc } from "../rule.ts";

export const FIELD_RULES: readonly RuleDoc[] = [];
