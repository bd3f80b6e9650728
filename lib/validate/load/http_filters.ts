import type { Area } from "../rule.ts";

export const HTTP_FILTER_AREA: Area = { checks: [], rules: [] };
