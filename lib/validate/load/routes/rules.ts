/**
 * The pages of the rules about routes.
 *
 * @module
 */
import type { RuleDoc } from "../../rule.ts";

/** A route configuration, of which the text is what is below its name. */
function routes(text: string): string {
  return `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
${text}`;
}

const BODY = (text: string) =>
  routes(`max_direct_response_body_size_bytes: 16
virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - match: {prefix: /}
    direct_response: {status: 503, body: {inline_string: "${text}"}}
`);

const PLUGIN = (name: string) =>
  routes(`cluster_specifier_plugins:
- extension:
    name: by-header
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig
      source_code: {inline_string: "function envoy_on_route(handle) return 'a' end"}
virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - match: {prefix: /}
    route: {cluster_specifier_plugin: ${name}}
`);

const WEIGHTS = (weight: number) =>
  routes(`validate_clusters: false
virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - match: {prefix: /}
    route:
      weighted_clusters:
        clusters:
        - {name: blue, weight: 0}
        - {name: green, weight: ${weight}}
`);

const TEMPLATE = (template: string) =>
  routes(`virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - match:
      path_match_policy:
        name: template
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig
          path_template: ${template}
    direct_response: {status: 200}
`);

const SERVER_NAMES = (domain: string) =>
  routes(`virtual_hosts:
- name: all
  domains: ["*"]
  matcher:
    matcher_tree:
      input:
        name: host
        typed_config:
          "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput
          header_name: x-host
      custom_match:
        name: domains
        typed_config:
          "@type": type.googleapis.com/xds.type.matcher.v3.ServerNameMatcher
          domain_matchers:
          - domains: ["${domain}"]
            on_match:
              action:
                name: route
                typed_config:
                  "@type": type.googleapis.com/envoy.config.route.v3.Route
                  match: {prefix: /}
                  direct_response: {status: 200}
`);

const HEADER = (fields: string) =>
  routes(`virtual_hosts:
- name: all
  domains: ["*"]
  routes:
  - match: {prefix: /}
    redirect: {path_redirect: /new}
    response_headers_to_remove: [${fields}]
`);

export const ROUTE_RULES: readonly RuleDoc[] = [{
  name: "duplicate-domain",
  severity: "error",
  title: "A domain stands once in a route configuration",
  text: `Envoy finds the virtual host of a request by its domain, so a domain leads to one virtual host only. Upper and
lower case are the same; \`*\` is a domain like any other. Patterns may overlap, as the longest that fits is taken. The
domains of a \`ServerNameMatcher\` must be different too.`,
  bad: routes(`virtual_hosts:
- {name: shop, domains: [shop.example]}
- {name: other, domains: [Shop.Example, "*"]}
`),
  good: routes(`virtual_hosts:
- {name: shop, domains: [shop.example]}
- {name: other, domains: ["*.example", "*"]}
`),
}, {
  name: "bad-header",
  severity: "error",
  title: "Headers that are set or removed are neither Host nor pseudo headers",
  text:
    `\`:path\`, \`:authority\` and others with a colon, and \`Host\`, cannot be changed as headers: a route has fields
for them, as \`prefix_rewrite\` and \`host_rewrite_literal\`. Envoy refuses to add, to remove, and to copy them into an
internal redirect.`,
  bad: HEADER(`":status"`),
  good: HEADER(`x-powered-by`),
}, {
  name: "unknown-plugin",
  severity: "error",
  title: "A cluster specifier plugin that a route names is one of its route configuration",
  text:
    `\`cluster_specifier_plugin\` of a route is the name of an extension in \`cluster_specifier_plugins\` of the route
configuration. Envoy refuses a route that names another.`,
  bad: PLUGIN("by-path"),
  good: PLUGIN("by-header"),
}, {
  name: "body-too-large",
  severity: "error",
  title: "The body of a direct response is within the limit of its route configuration",
  text:
    `The limit is \`max_direct_response_body_size_bytes\` of the route configuration, and 4096 bytes without it: such
bodies are kept in memory. Of a body in a file, Envoy finds out when it reads it.`,
  bad: BODY("We are not here at the moment"),
  good: BODY("We are closed"),
}, {
  name: "bad-weights",
  severity: "error",
  title: "The weights of clusters have a sum that is not 0 and fits into 32 bits",
  text:
    `A request goes to one of the weighted clusters by chance. With a sum of 0 there is nothing to choose from, and a
sum of more than 4294967295 is refused too. A single cluster may have the weight 0.`,
  bad: WEIGHTS(0),
  good: WEIGHTS(100),
}, {
  name: "bad-template",
  severity: "error",
  title: "A path template is one that Envoy can read",
  text:
    `Templates begin with a slash. A segment is text, \`*\` for one segment, \`**\` for any number (nothing but text may
follow), or a variable: \`{name}\`, \`{name=pattern}\`. There are up to five variables with different names of up to 16
characters. A template that a path is rewritten by may use the variables of the one that the path was matched by.`,
  bad: TEMPLATE(`"/files/{name=**}/{version}"`),
  good: TEMPLATE(`"/files/{version}/{name=**}"`),
}, {
  name: "bad-domain",
  severity: "error",
  title: "A wildcard in a ServerNameMatcher is the first label of a domain",
  text: `Unlike the domains of virtual hosts, those of a \`ServerNameMatcher\` are \`*\`, \`*.example.com\`, or have no
wildcard.`,
  bad: SERVER_NAMES("shop.*"),
  good: SERVER_NAMES("*.shop.example"),
}];
