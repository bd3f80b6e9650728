import type { RuleDoc } from "../../rule.ts";
export const LISTENER_RULES: readonly RuleDoc[] = [];
