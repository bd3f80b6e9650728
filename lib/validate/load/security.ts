/**
 * TLS, regular expressions, format strings, access logs, tracers, and the bootstrap.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { BOOTSTRAP_CHECKS } from "./security/bootstrap.ts";
import { FORMAT_CHECKS } from "./security/formats.ts";
import { OVERLOAD_CHECKS } from "./security/overload.ts";
import { SECRET_CHECKS } from "./security/secrets.ts";
import { SECURITY_RULES } from "./security/rules.ts";
import { TELEMETRY_CHECKS } from "./security/telemetry.ts";
import { TRACER_CHECKS } from "./security/tracers.ts";
import { TLS_CHECKS } from "./security/tls.ts";

export const SECURITY_AREA: Area = {
  checks: [
    ...TLS_CHECKS,
    ...SECRET_CHECKS,
    ...FORMAT_CHECKS,
    ...TELEMETRY_CHECKS,
    ...TRACER_CHECKS,
    ...OVERLOAD_CHECKS,
    ...BOOTSTRAP_CHECKS,
  ],
  rules: SECURITY_RULES,
};
