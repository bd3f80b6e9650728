/**
 * The pages of the rules that the protos give for their fields.
 *
 * @module
 */
import type { RuleDoc } from "../rule.ts";
import { FIELD_RULE } from "./check.ts";

const HOW = "The limits are in Envoy's API, beside the field (`validate.rules`). Envoy checks them before it uses " +
  "anything of a message, and refuses the whole message.";

const CLUSTER = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: backend
connect_timeout: 1s
`;

const ROUTES = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
virtual_hosts:
`;

const LISTENER = `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: tcp
address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
filter_chains:
- filters:
  - name: envoy.filters.network.tcp_proxy
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
      stat_prefix: tcp
      cluster: backend
`;

const HEALTH_CHECK = `${CLUSTER}health_checks:
- interval: 5s
  unhealthy_threshold: 2
  healthy_threshold: 1
`;

const HOST = `${ROUTES}- name: all
  domains: ["*"]
`;

/** A rule, and what of its file is wrong and right. */
function rule(
  name: string,
  title: string,
  text: string,
  [file, bad, good]: readonly [string, string, string],
): RuleDoc {
  return { name, severity: "error", title, text: `${text} ${HOW}`, bad: file + bad, good: file + good };
}

export const FIELD_RULES: readonly RuleDoc[] = [
  rule(
    FIELD_RULE.valueRange,
    "A number is within the limits of its field",
    "A percentage of 150, a port of 70000, or a count of 0 where there has to be one. A field that is not set counts " +
      "as 0, but a wrapper (`UInt32Value`) that is not set is not checked.",
    [CLUSTER, "outlier_detection: {max_ejection_percent: 150}\n", "outlier_detection: {max_ejection_percent: 50}\n"],
  ),
  rule(
    FIELD_RULE.valueSet,
    "A value is one of those that its field takes",
    "Some fields are strings or bools, and take a few values only.",
    [
      LISTENER + `access_log:
- name: envoy.access_loggers.stdout
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
`,
      "  filter: {response_flag_filter: {flags: [NO_ROUTE]}}\n",
      "  filter: {response_flag_filter: {flags: [NR]}}\n",
    ],
  ),
  rule(
    FIELD_RULE.durationRange,
    "A duration is within the limits of its field",
    "Mostly a time-out or an interval that must not be `0s`. A duration that is not set is not checked.",
    [
      `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: backend\n`,
      "connect_timeout: 0s\n",
      "connect_timeout: 0.25s\n",
    ],
  ),
  rule(
    FIELD_RULE.stringLength,
    "A string is as long as its field asks for",
    "Mostly a name that must not be empty; a string that is not set is empty. Lengths count characters (code points) " +
      "or bytes, as the message says.",
    [ROUTES, `- {name: "", domains: ["*"]}\n`, `- {name: all, domains: ["*"]}\n`],
  ),
  rule(
    FIELD_RULE.stringPattern,
    "A string has the form that its field asks for",
    "A regular expression (RE2, and it has to match the whole string), a beginning or an end.",
    [
      HOST,
      "  routes:\n  - {match: {path_separated_prefix: /api/}, route: {cluster: backend}}\n",
      "  routes:\n  - {match: {path_separated_prefix: /api}, route: {cluster: backend}}\n",
    ],
  ),
  rule(
    FIELD_RULE.stringFormat,
    "The name or value of a header, an address or the like is one",
    "Names and values of headers have no line ends and no NUL characters; in some fields no other character is " +
      "allowed than RFC 7230 has for them.",
    [HOST, `  request_headers_to_remove: ["x-user\\n"]\n`, `  request_headers_to_remove: ["x-user"]\n`],
  ),
  rule(
    FIELD_RULE.enumValue,
    "An enum has a value that its field takes",
    "Either the number is not in the enum, or it is a value that this field does not take.",
    [
      HEALTH_CHECK + "  timeout: 1s\n",
      "  http_health_check: {path: /healthz, method: CONNECT}\n",
      "  http_health_check: {path: /healthz, method: HEAD}\n",
    ],
  ),
  rule(
    FIELD_RULE.listSize,
    "A list has as many elements as its field asks for",
    "Mostly a list that must not be empty; a list that is not set is empty.",
    [ROUTES, "- {name: all, domains: []}\n", `- {name: all, domains: ["*"]}\n`],
  ),
  rule(
    FIELD_RULE.listUnique,
    "No element of the list is there twice",
    "The issue is at the later one.",
    [
      HOST + `  routes:
  - match: {prefix: /}
    route:
      cluster: backend
`,
      "      internal_redirect_policy: {response_headers_to_copy: [x-request, x-request]}\n",
      "      internal_redirect_policy: {response_headers_to_copy: [x-request, x-session]}\n",
    ],
  ),
  rule(
    FIELD_RULE.mapSize,
    "A map has as many entries as its field asks for",
    "Mostly a map that must not be empty; a map that is not set is empty.",
    [
      HOST + `  matcher:
    matcher_tree:
      input:
        name: host
        typed_config:
          "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput
          header_name: host
`,
      "      exact_match_map: {}\n",
      `      exact_match_map:
        map:
          a.example:
            action:
              name: route
              typed_config:
                "@type": type.googleapis.com/envoy.config.route.v3.Route
                match: {prefix: /}
                route: {cluster: backend}
`,
    ],
  ),
  rule(
    FIELD_RULE.requiredField,
    "A message that has to be there is there",
    "The issue is at the message that lacks it. A field that is null is not set.",
    [HEALTH_CHECK, "  tcp_health_check: {}\n", "  timeout: 1s\n  tcp_health_check: {}\n"],
  ),
  rule(
    FIELD_RULE.requiredOneof,
    "One of several fields is set",
    "The fields exclude each other, and one has to be chosen. The issue is at the message that lacks it.",
    [
      HOST,
      "  routes:\n  - {match: {}, route: {cluster: backend}}\n",
      "  routes:\n  - {match: {prefix: /}, route: {cluster: backend}}\n",
    ],
  ),
];
