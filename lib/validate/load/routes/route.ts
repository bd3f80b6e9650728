/**
 * One route: what its action cannot do together.
 *
 * Source: `RouteEntryImplBase` in `source/common/router/config_impl.cc`.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { checkRetries } from "./retry.ts";
import { rewriteFault, templateFault, templateNames } from "./uri_template.ts";

const ROUTE = "envoy.config.route.v3";
const PATH_MATCH = "envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig";
const PATH_REWRITE = "envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig";

/** Ways to rewrite a path: at most one. An empty string is none. */
const REWRITES = ["path_rewrite_policy", "prefix_rewrite", "regex_rewrite", "path_rewrite"];

const route: Watcher = (view) => {
  const action = view.message("route");
  if (action === undefined) return;
  const match = view.message("match");
  const rewrites = REWRITES.filter((field) => action.message(field) ?? action.string(field));
  const [first, second] = rewrites;
  if (first !== undefined && second !== undefined) {
    action.reject("conflicting-fields", `"${first}" and "${second}" exclude each other`, second);
  }
  if (rewrites.includes("prefix_rewrite") && match?.has("path_match_policy")) {
    action.reject("conflicting-fields", `"prefix_rewrite" cannot be used with "path_match_policy"`, "prefix_rewrite");
  }
  checkTemplates(action, match);
};

/** A template that the path is rewritten by takes its variables from the one that it matched. */
function checkTemplates(action: MessageView, match: MessageView | undefined): void {
  const policy = action.message("path_rewrite_policy");
  const config = policy?.typed("typed_config");
  if (policy === undefined || config?.desc.typeName !== PATH_REWRITE) return;
  const matched = match?.message("path_match_policy")?.typed("typed_config");
  if (matched?.desc.typeName !== PATH_MATCH) {
    return action.reject(
      "conflicting-fields",
      `"path_rewrite_policy" needs a "path_match_policy"`,
      "path_rewrite_policy",
    );
  }
  const template = config.string("path_template_rewrite");
  const path = matched.string("path_template")?.value;
  if (template === undefined || path === undefined) return;
  if ((rewriteFault(template.value) ?? templateFault(path)) !== undefined) return;
  const known = templateNames(path);
  const missing = templateNames(template.value).find((name) => !known.includes(name));
  if (missing !== undefined) {
    config.reject("bad-template", `"${path}" has no variable "${missing}"`, template);
  }
}

const matchTemplate: Watcher = (view) => {
  const template = view.string("path_template");
  const fault = template === undefined ? undefined : templateFault(template.value);
  if (template !== undefined && fault !== undefined) {
    view.reject("bad-template", `Cannot read path template "${template.value}": ${fault}`, template);
  }
};

const rewriteTemplate: Watcher = (view) => {
  const template = view.string("path_template_rewrite");
  const fault = template === undefined ? undefined : rewriteFault(template.value);
  if (template !== undefined && fault !== undefined) {
    view.reject("bad-template", `Cannot read path template "${template.value}": ${fault}`, template);
  }
};

const action: Watcher = (view) => {
  for (const field of ["path_rewrite", "host_rewrite"]) if (view.has(field)) checkFormat(view, field);
  checkRetries(view.message("retry_policy"));
  const types = new Set<string>();
  for (const upgrade of view.messages("upgrade_configs")) {
    const type = upgrade.string("upgrade_type")?.value ?? "";
    const key = type.toLowerCase();
    if (types.has(key)) upgrade.reject("duplicate-name", `upgrade "${type}" is there twice`, "upgrade_type");
    types.add(key);
    if (upgrade.has("connect_config") && key !== "connect" && key !== "connect-udp") {
      upgrade.reject("conflicting-fields", `connect_config is for CONNECT, not for "${type}"`, "connect_config");
    }
  }
};

function checkFormat(view: MessageView, field: string): void {
  const text = view.string(field);
  const fault = text === undefined ? undefined : formatFault(text.value);
  if (fault !== undefined) view.reject("bad-format", fault, field);
}

const virtualHost: Watcher = (view) => {
  if (view.has("matcher") && view.messages("routes").length > 0) {
    view.reject("conflicting-fields", `"matcher" and "routes" exclude each other`, "matcher");
  }
  checkRetries(view.message("retry_policy"));
  for (const cluster of view.messages("virtual_clusters")) {
    if (cluster.messages("headers").length > 0) continue;
    const name = cluster.string("name")?.value ?? "";
    cluster.reject("missing-field", `headers is missing: virtual cluster "${name}" would match nothing`);
  }
};

export const ROUTE_CHECKS: CheckTable = [
  [`${ROUTE}.Route`, route],
  [`${ROUTE}.RouteAction`, action],
  [`${ROUTE}.VirtualHost`, virtualHost],
  [PATH_MATCH, matchTemplate],
  [PATH_REWRITE, rewriteTemplate],
];
