/**
 * The pages of the rules on what is deprecated and what is not finished.
 *
 * @module
 */
import type { RuleDoc } from "./rule.ts";

/** Names of the rules. */
export const RULES = {
  field: "deprecated-field",
  value: "deprecated-value",
  noField: "disallowed-field",
  noValue: "disallowed-value",
  unfinished: "work-in-progress",
} as const;

const VIRTUAL_HOST = `resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
`;

const CLUSTER = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: web
  connect_timeout: 1s
  type: EDS
  eds_cluster_config:
    eds_config:
`;

const FILTERS = `resources:
- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: web
  address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
  filter_chains:
  - filters:
    - name: hcm
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: web
        route_config: {name: web}
`;

/** The pages of the rules. */
export const DEPRECATED_RULES: readonly RuleDoc[] = [
  {
    name: RULES.field,
    severity: "warning",
    title: "No field is deprecated",
    text:
      `The API marks the field as deprecated. Envoy uses it and logs a warning; a later release stops to allow it, then
forgets it. What to use instead is in the message where xcp knows it.`,
    bad: `${VIRTUAL_HOST}    - match: {prefix: /, headers: [{name: x-version, exact_match: "2"}]}
      direct_response: {status: 204}
`,
    good: `${VIRTUAL_HOST}    - match: {prefix: /, headers: [{name: x-version, string_match: {exact: "2"}}]}
      direct_response: {status: 204}
`,
  },
  {
    name: RULES.value,
    severity: "warning",
    title: "No value of an enum is deprecated",
    text: `The API marks the value as deprecated. Envoy uses it and logs a warning.`,
    bad: `${CLUSTER}      resource_api_version: V2
      ads: {}
`,
    good: `${CLUSTER}      resource_api_version: V3
      ads: {}
`,
  },
  {
    name: RULES.noField,
    severity: "error",
    title: "No field is one that Envoy has stopped to allow",
    text: `The API marks the field as deprecated and disallowed. Envoy refuses it unless its runtime says otherwise:
\`envoy.features.enable_all_deprecated_features\`, or \`envoy.deprecated_features:\` and the full name of the field. In a
bootstrap xcp looks at the runtime; for what is served over xDS it cannot know it.`,
    bad: `${VIRTUAL_HOST}    - match: {prefix: /}
      route:
        host_rewrite_literal: web
        cluster_header: x-cluster
        rate_limits:
        - actions:
          - dynamic_metadata: {descriptor_key: user, metadata_key: {key: auth, path: [{key: user}]}}
`,
    good: `${VIRTUAL_HOST}    - match: {prefix: /}
      route:
        host_rewrite_literal: web
        cluster_header: x-cluster
        rate_limits:
        - actions:
          - metadata: {descriptor_key: user, metadata_key: {key: auth, path: [{key: user}]}}
`,
  },
  {
    name: RULES.noValue,
    severity: "error",
    title: "No value of an enum is one that Envoy has stopped to allow",
    text: `The value is gone: v2 of xDS, and what \`api_type\` and \`collector_endpoint_version\` are when they are not
set. So these two must be set. Envoy only warns where it does not use the value: a field that names a version of what is in
a response, a \`lds_config\` or \`hds_config\` of a bootstrap that is only validated.`,
    bad: `${CLUSTER}      resource_api_version: V3
      api_config_source:
        transport_api_version: V3
        grpc_services: [{google_grpc: {target_uri: "127.0.0.1:18000", stat_prefix: xds}}]
`,
    good: `${CLUSTER}      resource_api_version: V3
      api_config_source:
        api_type: GRPC
        transport_api_version: V3
        grpc_services: [{google_grpc: {target_uri: "127.0.0.1:18000", stat_prefix: xds}}]
`,
  },
  {
    name: RULES.unfinished,
    severity: "warning",
    title: "Nothing is work in progress",
    text:
      `The API marks the field, the message or its file as work in progress: it is not stable, the threat model does not
cover it, and the security team does not support it. Envoy uses it and logs a warning. Each is reported once in a file.`,
    bad: `${FILTERS}        http_protocol_options: {allow_custom_methods: true}
        http_filters:
        - name: router
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
`,
    good: `${FILTERS}        http_protocol_options: {accept_http_10: true}
        http_filters:
        - name: router
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
`,
  },
];
