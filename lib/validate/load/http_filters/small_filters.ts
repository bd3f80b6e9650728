/**
 * Filters and their parts of one rule each.
 *
 * Source: `source/extensions/filters/http/` and `source/extensions/http/` of Envoy 1.40.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { uriFault } from "./uri.ts";

const HTTP = "envoy.extensions.filters.http";

/** What answers for a directory: a file or a list. */
const fileServer: Watcher = (view) => {
  for (const behavior of view.messages("directory_behaviors")) {
    const file = behavior.string("default_file") !== undefined;
    if (file && behavior.has("list")) {
      behavior.reject("conflicting-fields", "default_file and list cannot be set together", "list");
    } else if (!file && !behavior.has("list")) {
      behavior.reject("missing-field", "A behavior needs default_file or list");
    }
  }
};

const bandwidthShare: Watcher = (view) => {
  if (view.string("response_trailer_prefix") === undefined || view.bool("enable_response_trailers")) return;
  const message = "response_trailer_prefix is set, and enable_response_trailers is not true";
  view.reject("conflicting-fields", message, "response_trailer_prefix");
};

const redirectPolicy: Watcher = (view) => {
  const uri = view.string("uri");
  const fault = uri === undefined ? undefined : uriFault(uri.value);
  if (fault !== undefined) view.reject("bad-value", `Cannot fetch the response: ${fault}`, uri);
  const action = view.message("redirect_action");
  if (action?.string("prefix_rewrite") !== undefined) {
    action.reject("unsupported", "A custom response cannot be fetched with prefix_rewrite", "prefix_rewrite");
  }
};

const lambdaRoute: Watcher = (view) => {
  if (!view.has("invoke_config")) view.reject("missing-field", "invoke_config is missing: it says which function");
};

const aiManager: Watcher = (view) => {
  const [first] = view.messages("filters");
  if (first === undefined || view.has("request_handling")) return;
  view.reject("missing-field", "request_handling is missing: filters work on what it reads", "filters");
};

const clientCredentials: Watcher = (view) => {
  const credentials = view.message("client_credentials");
  if (credentials !== undefined && !credentials.has("client_secret")) {
    credentials.reject("missing-field", "client_secret is missing");
  }
};

/** A claim is named by its path in one of two ways. */
const claimToHeader: Watcher = (view) => {
  const name = view.string("claim_name") !== undefined;
  const path = view.messages("claim_path").length > 0;
  if (name && path) view.reject("conflicting-fields", "Cannot set both claim_name and claim_path", "claim_path");
  else if (!name && !path) {
    view.reject("missing-field", "Neither claim_name nor claim_path says which claim", "claim_name");
  }
};

const claimDescriptor: Watcher = (view) => {
  const [header, cookie] = ["header_name", "cookie"].map((field) => view.string(field) !== undefined);
  if (header && cookie) view.reject("conflicting-fields", "Cannot set both header_name and cookie", "cookie");
  else if (!header && !cookie) {
    const message = "Neither header_name nor cookie says where the token is";
    view.reject("missing-field", message, view.which("header_name", "cookie") ?? "");
  }
};

/** Caches on a disk need somebody who reads and writes. */
const fileCache: Watcher = (view) => {
  const manager = view.message("manager_config");
  if (!manager?.has("thread_pool")) noPool(manager ?? view);
};

function noPool(view: MessageView): void {
  view.reject("missing-field", "thread_pool is missing: files are read and written by manager_config.thread_pool");
}

export const SMALL_CHECKS: CheckTable = [
  [`${HTTP}.file_server.v3.FileServerConfig`, fileServer],
  [`${HTTP}.bandwidth_share.v3.BandwidthShare`, bandwidthShare],
  [`${HTTP}.aws_lambda.v3.PerRouteConfig`, lambdaRoute],
  [`${HTTP}.ai_protocol_manager.v3.AiProtocolManager`, aiManager],
  [`${HTTP}.jwt_authn.v3.JwtClaimToHeader`, claimToHeader],
  ["envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy", redirectPolicy],
  ["envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2", clientCredentials],
  ["envoy.extensions.rate_limit_descriptors.jwt_claim.v3.Descriptor", claimDescriptor],
  ["envoy.extensions.http.cache.file_system_http_cache.v3.FileSystemHttpCacheConfig", fileCache],
  ["envoy.extensions.http.cache_v2.file_system_http_cache.v3.FileSystemHttpCacheV2Config", fileCache],
];
