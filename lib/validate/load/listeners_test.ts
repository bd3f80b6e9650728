import { assertEquals } from "@std/assert";
import { LISTENER_AREA } from "./listeners.ts";
import { found, matches, NETWORK } from "./listeners/testing.ts";

Deno.test("the page of each rule shows a file that breaks it and nothing else, and one that does not", () => {
  for (const { name, severity, bad, good } of LISTENER_AREA.rules) {
    assertEquals(found(bad ?? "").map(({ rule, severity }) => [rule, severity]), [[name, severity]], name);
    assertEquals(found(good ?? ""), [], name);
  }
});

Deno.test("an issue stands where the value is, or the message that lacks one", () => {
  const lines = (text: string) => found(text).map(({ line }) => line);
  const listener = `static_resources:
  listeners:
  - name: a
    address:
      socket_address:
        address: LOCAL
        port_value: 1
    filter_chains:
    - filter_chain_match:
        prefix_ranges:
        - address_prefix: PREFIX
          prefix_len: 8
      filters:
      - name: LAST
        typed_config: {"@type": "${NETWORK}.echo.v3.Echo"}
`;
  const right = listener.replace("LOCAL", "127.0.0.1").replace("PREFIX", "10.0.0.0");
  assertEquals(lines(right), []);
  assertEquals(lines(listener.replace("PREFIX", "10.0.0.0")), [6]);
  assertEquals(lines(listener.replace("LOCAL", "127.0.0.1")), [11]);
  assertEquals(lines(right.slice(0, right.indexOf("    filter_chains"))), [3]);
  assertEquals(lines(right.replace("echo.v3.Echo", "sni_cluster.v3.SniCluster")), [14]);
  const chain = right.slice(right.indexOf("    - filter_chain_match"));
  assertEquals(lines(right + chain), [17]);
  assertEquals(lines(right + right.slice(right.indexOf("  - name: a")).replace("name: a", "name: b")), [18]);
});

Deno.test("a listener of gRPC, which is one of an API, is no listener of Envoy", () => {
  const text = `- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: greeter
  api_listener: {api_listener: {"@type": ${NETWORK}.http_connection_manager.v3.HttpConnectionManager}}
`;
  assertEquals(found(text), []);
});

Deno.test("a table of combinations has an end", () => {
  const names = Array.from({ length: 400 }, (_, i) => `n${i}`).join(", ");
  const ports = Array.from({ length: 400 }, (_, i) => i + 1).join(", ");
  const match = `{server_names: [${names}], source_ports: [${ports}]}`;
  assertEquals(found(matches(match, "{transport_protocol: tls}")), []);
});
