import type { RuleDoc } from "../../rule.ts";
export const CLUSTER_RULES: readonly RuleDoc[] = [];
