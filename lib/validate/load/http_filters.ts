/**
 * HTTP filters: which type may stand where, and what Envoy refuses of each filter when it loads a configuration.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { FILTER_CHECKS } from "./http_filters/filters.ts";
import { ACTION_CHECKS } from "./http_filters/actions.ts";
import { CREDENTIAL_CHECKS } from "./http_filters/credentials.ts";
import { EXPRESSION_CHECKS } from "./http_filters/expressions.ts";
import { EXTENSION_RULES } from "./http_filters/extension_rules.ts";
import { JWT_CHECKS } from "./http_filters/jwt_authn.ts";
import { METADATA_CHECKS } from "./http_filters/metadata.ts";
import { OTHER_CHECKS } from "./http_filters/others.ts";
import { PROCESSING_CHECKS } from "./http_filters/processing.ts";
import { RATE_LIMIT_CHECKS } from "./http_filters/rate_limits.ts";
import { RBAC_CHECKS } from "./http_filters/rbac.ts";
import { SMALL_CHECKS } from "./http_filters/small_filters.ts";
import { PLACES } from "./http_filters/places.ts";
import { checkPlace } from "./http_filters/typed_config.ts";

export const HTTP_FILTER_AREA: Area = {
  checks: [
    ...[...PLACES].map(([message, places]) =>
      [message, (view) => {
        for (const { field, categories } of places) checkPlace(view, field, categories);
      }] as Area["checks"][number]
    ),
    ...FILTER_CHECKS,
    ...ACTION_CHECKS,
    ...JWT_CHECKS,
    ...CREDENTIAL_CHECKS,
    ...METADATA_CHECKS,
    ...RATE_LIMIT_CHECKS,
    ...PROCESSING_CHECKS,
    ...RBAC_CHECKS,
    ...OTHER_CHECKS,
    ...SMALL_CHECKS,
    ...EXPRESSION_CHECKS,
  ],
  rules: EXTENSION_RULES,
};
