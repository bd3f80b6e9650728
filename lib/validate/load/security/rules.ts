/**
 * Pages of the rules about security, regular expressions and format strings.
 *
 * @module
 */
import type { RuleDoc } from "../../rule.ts";

/** A listener that answers everything by itself. */
function listener(more: { readonly manager?: string; readonly match?: string; readonly chain?: string }): string {
  return `static_resources:
  listeners:
  - name: web
    address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
${more.manager ?? ""}          route_config:
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes:
              - match: ${more.match ?? '{prefix: "/"}'}
                direct_response: {status: 200}
          http_filters:
          - name: router
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
${more.chain ?? ""}`;
}

const LOG = (format: string) =>
  listener({
    manager: `          access_log:
          - name: requests
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
              log_format: {text_format: "${format}\\n"}
`,
  });

/** A cluster that speaks TLS. */
const UPSTREAM = (common: string) =>
  `static_resources:
  clusters:
  - name: shop
    type: STRICT_DNS
    transport_socket:
      name: tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context: ${common}
`;

const NAMES = `match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: shop.example}}]`;

const OVERLOAD = (monitor: string) =>
  `overload_manager:
  resource_monitors:
  - name: envoy.resource_monitors.fixed_heap
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
      max_heap_size_bytes: 2147483648
  actions:
  - name: envoy.overload_actions.stop_accepting_requests
    triggers:
    - name: ${monitor}
      threshold: {value: 0.95}
`;

export const SECURITY_RULES: readonly RuleDoc[] = [{
  name: "bad-regex",
  severity: "error",
  title: "A regular expression is one that Envoy can compile",
  text: `Envoy's regular expressions are those of RE2: no references to groups, no looking ahead or behind. They work
on bytes, so that \`.\` is one byte of a longer character. A compiled program has at most 100 instructions, unless the
runtime says otherwise (\`re2.max_program_size.error_level\`): \`a{90}\` passes, \`a{150}\` does not. Only the tags of
statistics are different: their \`regex\` is one of the C++ standard library, which looks ahead and knows no
\`(?i)\`.`,
  bad: listener({ match: '{safe_regex: {regex: "/(?!internal).*"}}' }),
  good: listener({ match: '{safe_regex: {regex: "/shop/[0-9]+"}}' }),
}, {
  name: "bad-format",
  severity: "error",
  title: "A format string has commands that Envoy knows",
  text: `Texts of access logs, local replies and headers may have commands between percent signs, such as
\`%REQ(:PATH)%\`. Envoy refuses a text with a command that it does not know, with one that lacks its argument or has one
too many, and with a percent sign by itself, which is written \`%%\`. Some commands come with an extension that
\`formatters\` has to name.`,
  bad: LOG("%REQUEST(:PATH)%"),
  good: LOG("%REQ(:PATH)%"),
}, {
  name: "bad-certificate",
  severity: "error",
  title: "A certificate or key in the configuration can be read",
  text:
    `A certificate chain, a private key and a \`trusted_ca\` that are written into the configuration are in PEM form.
Envoy reads them when it makes the TLS context: at once, unless the context waits for another secret. Files are not
looked at, as they may be those of another machine, and nothing of a secret is ever shown.`,
  bad: UPSTREAM("{validation_context: {trusted_ca: {inline_string: certificate of our own}}}"),
  good: UPSTREAM("{validation_context: {trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}}}"),
}, {
  name: "bad-tls-parameter",
  severity: "error",
  title: "Names and sizes of TLS are those that Envoy's library knows",
  text:
    `Cipher suites, curves and signature algorithms are names of BoringSSL, where the suites of TLS 1.3 are not to be
chosen. The name of a protocol (\`alpn_protocols\`) has at most 255 bytes, a session ticket key has 80, and the hashes of
certificates and keys are those of SHA-256: in hexadecimal for certificates, in base64 for keys.`,
  bad: UPSTREAM("{tls_params: {cipher_suites: [TLS_AES_128_GCM_SHA256]}}"),
  good: UPSTREAM("{tls_params: {cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256]}}"),
}, {
  name: "tls-without-ca",
  severity: "error",
  title: "Names of a peer are checked together with its authority",
  text: `Without a \`trusted_ca\` anybody can make a certificate with any name. Envoy refuses a validation context that
looks at names, at revocation lists or at the time of a certificate and has no authority, and
\`auto_sni_san_validation\` without one.`,
  bad: UPSTREAM(`{validation_context: {${NAMES}}}`),
  good: UPSTREAM(
    `{validation_context: {trusted_ca: {filename: /etc/ssl/certs/ca-certificates.crt}, ${NAMES}}}`,
  ),
}, {
  name: "unknown-name",
  severity: "error",
  title: "What is named within one message is there",
  text:
    `A trigger of the overload manager names one of its resource monitors, and an action is one that Envoy has; a rule
of the JWT filter names one of its providers. Envoy refuses a name that it does not find.`,
  bad: OVERLOAD("envoy.resource_monitors.heap"),
  good: OVERLOAD("envoy.resource_monitors.fixed_heap"),
}];
