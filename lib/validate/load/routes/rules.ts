import type { RuleDoc } from "../../rule.ts";
export const ROUTE_RULES: readonly RuleDoc[] = [];
