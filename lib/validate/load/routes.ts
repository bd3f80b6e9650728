import type { Area } from "../rule.ts";

export const ROUTE_AREA: Area = { checks: [], rules: [] };
