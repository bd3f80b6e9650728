/**
 * The areas of what Envoy checks when it loads a configuration, beyond the types and rules of its fields.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { CLUSTER_AREA } from "./clusters.ts";
import { HTTP_FILTER_AREA } from "./http_filters.ts";
import { LISTENER_AREA } from "./listeners.ts";
import { ROUTE_AREA } from "./routes.ts";
import { SECURITY_AREA } from "./security.ts";

export const LOAD_AREAS: readonly Area[] = [
  LISTENER_AREA,
  CLUSTER_AREA,
  ROUTE_AREA,
  HTTP_FILTER_AREA,
  SECURITY_AREA,
];
