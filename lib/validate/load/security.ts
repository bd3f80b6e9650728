/**
 * TLS, secrets, regular expressions, access logs, tracers, and the bootstrap.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { TLS_CHECKS } from "./security/tls.ts";

export const SECURITY_AREA: Area = { checks: [...TLS_CHECKS], rules: [] };
