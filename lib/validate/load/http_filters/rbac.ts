/**
 * Role-based access control, of HTTP and of connections.
 *
 * Source: `source/extensions/filters/common/rbac/` of Envoy.
 *
 * @module
 */
import type { Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

/** One more than there are ports: the end of a range is not in it. */
const MOST = 65536;

const permission: Watcher = (view) => {
  const range = view.message("destination_port_range");
  if (range === undefined) return;
  const [start, end] = [range.number("start") ?? 0, range.number("end") ?? 0];
  for (const [field, value] of [["start", start], ["end", end]] as const) {
    if (value < 0 || value > MOST) return range.reject("bad-value", `${field} is not from 0 to ${MOST}`, field);
  }
  if (start >= end) range.reject("bad-value", `There is no port from ${start} to before ${end}`, "end");
};

const KINDS = ["const", "ident", "select", "call", "list", "struct", "comprehension"].map((kind) => `${kind}_expr`);

/** An expression of CEL without a kind; what else is wrong with one is not looked at. */
const policy: Watcher = (view) => {
  const condition = view.message("condition");
  if (condition !== undefined && condition.which(...KINDS) === undefined) {
    condition.reject("missing-field", "condition is an empty expression");
  }
};

const authenticated: Watcher = (view) => {
  if (!view.has("san_matcher") && !view.bool("any_validated_client_certificate")) {
    view.reject("missing-field", "Neither san_matcher nor any_validated_client_certificate is set");
  }
};

const upstream: Watcher = (view) => {
  if (!view.has("upstream_ip") && !view.has("upstream_port_range")) {
    view.reject("missing-field", "Neither upstream_ip nor upstream_port_range is set");
  }
};

export const RBAC_CHECKS: CheckTable = [
  ["envoy.config.rbac.v3.Permission", permission],
  ["envoy.config.rbac.v3.Policy", policy],
  ["envoy.extensions.rbac.principals.mtls_authenticated.v3.Config", authenticated],
  ["envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher", upstream],
];
