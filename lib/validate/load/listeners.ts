import type { Area } from "../rule.ts";

export const LISTENER_AREA: Area = { checks: [], rules: [] };
