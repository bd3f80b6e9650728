import type { Area } from "../rule.ts";

export const CLUSTER_AREA: Area = { checks: [], rules: [] };
