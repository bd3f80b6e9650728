import type { Area } from "../rule.ts";

export const SECURITY_AREA: Area = { checks: [], rules: [] };
