/**
 * A route configuration as a whole: whose domain is whose, and names that its routes refer to.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

/** Envoy's limit to the body of a direct response, unless the route configuration has its own. */
const DIRECT_BODY_LIMIT = 4096;

const domains: Watcher = (config) => {
  const taken = new Map<string, MessageView>();
  for (const host of config.messages("virtual_hosts")) {
    for (const domain of host.strings("domains")) {
      const key = lowerCase(domain.value);
      const other = taken.get(key);
      if (other === undefined) {
        taken.set(key, host);
        continue;
      }
      const where = other === host ? "twice" : `in virtual host "${other.string("name")?.value ?? ""}" already`;
      config.reject("duplicate-domain", `domain "${domain.value}" is there ${where}`, domain);
    }
  }
};

/** Envoy lowers ASCII letters only. */
function lowerCase(domain: string): string {
  return domain.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** What the routes take from the route configuration: plugins by name, and the limit of direct bodies. */
const routes: Watcher = (config) => {
  const plugins = new Set(
    config.messages("cluster_specifier_plugins").map((each) => each.message("extension")?.string("name")?.value),
  );
  const limit = config.number("max_direct_response_body_size_bytes") ?? DIRECT_BODY_LIMIT;
  for (const host of config.messages("virtual_hosts")) {
    for (const route of host.messages("routes")) {
      const action = route.message("route");
      if (action !== undefined) checkPlugin(action, plugins);
      const body = route.message("direct_response")?.message("body");
      if (body !== undefined) checkBody(body, limit);
    }
  }
};

function checkPlugin(action: MessageView, plugins: ReadonlySet<string | undefined>): void {
  if (!action.has("cluster_specifier_plugin")) return;
  const name = action.string("cluster_specifier_plugin")?.value ?? "";
  if (plugins.has(name)) return;
  action.reject(
    "unknown-plugin",
    `cluster specifier plugin "${name}" is not in cluster_specifier_plugins of the route configuration`,
    "cluster_specifier_plugin",
  );
}

function checkBody(body: MessageView, limit: number): void {
  const text = body.string("inline_string");
  const bytes = body.string("inline_bytes");
  const size = text !== undefined
    ? new TextEncoder().encode(text.value).length
    : bytes !== undefined
    ? Math.floor(bytes.value.replace(/[=\s]+/g, "").length * 3 / 4)
    : 0;
  // Of 0, Envoy makes no limit.
  if (size <= limit || limit === 0) return;
  body.reject(
    "body-too-large",
    `a direct response of ${size} bytes: the limit is ${limit} (max_direct_response_body_size_bytes)`,
    text ?? bytes ?? "",
  );
}

export const DOMAIN_CHECKS: CheckTable = [
  ["envoy.config.route.v3.RouteConfiguration", domains],
  ["envoy.config.route.v3.RouteConfiguration", routes],
];
