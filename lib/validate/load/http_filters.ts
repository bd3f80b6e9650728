/**
 * HTTP filters: which type may stand where, and what Envoy refuses of each filter when it loads a configuration.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { FILTER_CHECKS } from "./http_filters/filters.ts";
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
  ],
  rules: [],
};
