import type { RuleDoc } from "../rule.ts";
export const COMMON_RULES: readonly RuleDoc[] = [];
