/**
 * The places where Envoy sets or removes headers by its configuration, all over the API.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { checkHeaderOption, checkRemoved, discreet, isModifiable } from "../header.ts";

const FILTERS = "envoy.extensions.filters";
const ROUTE = "envoy.config.route.v3";
const RESPONSES = "envoy.extensions.http.custom_response";

const ROUTED = ["request_headers_to_add", "response_headers_to_add"];
const UNROUTED = ["request_headers_to_remove", "response_headers_to_remove"];

/** Messages with lists of `HeaderValueOption` that are read when the configuration is loaded. Tunnels check their own. */
const ADDING: readonly (readonly [message: string, ...fields: string[]])[] = [
  [`${ROUTE}.RouteConfiguration`, ...ROUTED],
  [`${ROUTE}.VirtualHost`, ...ROUTED],
  [`${ROUTE}.Route`, ...ROUTED],
  [`${ROUTE}.WeightedCluster.ClusterWeight`, ...ROUTED],
  [`${FILTERS}.network.http_connection_manager.v3.ResponseMapper`, "headers_to_add"],
  ["envoy.config.core.v3.HealthCheck.HttpHealthCheck", "request_headers_to_add"],
  ["envoy.config.core.v3.HealthCheck.GrpcHealthCheck", "initial_metadata"],
  [`${FILTERS}.http.ratelimit.v3.RateLimit`, "response_headers_to_add"],
  [
    `${FILTERS}.http.local_ratelimit.v3.LocalRateLimit`,
    "request_headers_to_add_when_not_enforced",
    "response_headers_to_add",
  ],
  [`${RESPONSES}.local_response_policy.v3.LocalResponsePolicy`, "response_headers_to_add"],
  [`${RESPONSES}.redirect_policy.v3.RedirectPolicy`, ...ROUTED],
];

/** Messages with lists of names of headers that are removed. */
const REMOVING: readonly (readonly [message: string, ...fields: string[]])[] = [
  [`${ROUTE}.RouteConfiguration`, ...UNROUTED],
  [`${ROUTE}.VirtualHost`, ...UNROUTED],
  [`${ROUTE}.Route`, ...UNROUTED],
  [`${ROUTE}.WeightedCluster.ClusterWeight`, ...UNROUTED],
  ["envoy.config.core.v3.HealthCheck.HttpHealthCheck", "request_headers_to_remove"],
];

/** Messages with lists of `HeaderMutation`: these may remove what they like. */
const MUTATING: readonly (readonly [message: string, ...fields: string[]])[] = [
  [`${ROUTE}.RouteAction.RequestMirrorPolicy`, "request_headers_mutations"],
  [
    `${FILTERS}.http.header_mutation.v3.Mutations`,
    "request_mutations",
    "request_trailers_mutations",
    "response_mutations",
    "response_trailers_mutations",
  ],
  ["envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation", "mutations"],
  [`${FILTERS}.http.transform.v3.Transformation`, "headers_mutations"],
];

/** The transform filter knows commands that nobody else does: for the body. */
const OWN_COMMANDS: ReadonlySet<string> = new Set([`${FILTERS}.http.transform.v3.Transformation`]);

function each(fields: readonly string[], check: (view: MessageView, field: string) => void): Watcher {
  return (view) => {
    for (const field of fields) check(view, field);
  };
}

const adding = (view: MessageView, field: string) => {
  for (const option of view.messages(field)) checkHeaderOption(option);
};

const removing = (view: MessageView, field: string) => checkRemoved(view.strings(field), view);

const mutating = (view: MessageView, field: string) => {
  for (const mutation of view.messages(field)) {
    const option = mutation.message("append");
    if (option !== undefined) checkHeaderOption(option, !OWN_COMMANDS.has(view.desc.typeName));
  }
};

/** Requests of Envoy itself: any header may be set. */
const service: Watcher = (view) => {
  for (const option of view.messages("request_headers_to_add")) {
    const header = option.message("header");
    const value = header?.string("value");
    const fault = value === undefined ? undefined : formatFault(value.value);
    if (value === undefined || fault === undefined) continue;
    view.reject("bad-format", discreet(fault, header?.string("key")?.value), value);
  }
};

const copied: Watcher = (view) => {
  for (const name of view.strings("response_headers_to_copy")) {
    if (!isModifiable(name.value)) view.reject("bad-header", `"${name.value}" cannot be copied into a request`, name);
  }
};

export const HEADER_CHECKS: CheckTable = [
  ...ADDING.map(([message, ...fields]) => [message, each(fields, adding)] as const),
  ...REMOVING.map(([message, ...fields]) => [message, each(fields, removing)] as const),
  ...MUTATING.map(([message, ...fields]) => [message, each(fields, mutating)] as const),
  [`${ROUTE}.InternalRedirectPolicy`, copied],
  ["envoy.config.core.v3.HttpService", service],
];

/** `message.field` of the tables, for a test that each exists. */
export const HEADER_FIELDS: readonly (readonly [message: string, field: string])[] = [
  ...ADDING,
  ...REMOVING,
  ...MUTATING,
].flatMap(([message, ...fields]) => fields.map((field) => [message, field] as const));
