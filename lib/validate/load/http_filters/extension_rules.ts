/**
 * The page of the rule about types of extensions.
 *
 * @module
 */
import type { RuleDoc } from "../../rule.ts";

const LISTENER = (accessLog: string) =>
  `static_resources:
  listeners:
  - name: web
    address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
    access_log:
    - name: requests
      typed_config:
        "@type": type.googleapis.com/${accessLog}
    filter_chains:
    - filters:
      - name: echo
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo
`;

export const EXTENSION_RULES: readonly RuleDoc[] = [{
  name: "wrong-extension",
  severity: "error",
  title: "The type of an extension is one for its place",
  text:
    `Every place of an extension takes the types of one kind only: HTTP filters where HTTP filters stand, downstream TLS
at listeners and upstream TLS at clusters. The API cannot say so, as all of them are an \`Any\`; Envoy looks for an
extension of that kind by the type, and refuses the configuration when it finds none. What counts is the type, not the
name; \`is_optional\` of an HTTP filter lets it be left out. What the official binary has is what counts here: a type
of \`contrib\` or of your own is not judged.`,
  bad: LISTENER("envoy.extensions.filters.http.router.v3.Router"),
  good: LISTENER("envoy.extensions.access_loggers.stream.v3.StdoutAccessLog"),
}];
