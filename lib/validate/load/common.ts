/**
 * Pages of the rules that several areas use.
 *
 * @module
 */
import type { RuleDoc } from "../rule.ts";

/** A bootstrap with a cluster of these fields. */
function cluster(fields: string): string {
  return `static_resources:
  clusters:
  - name: shop
${fields}`;
}

const HASHED = (ring: string) =>
  cluster(`    type: STRICT_DNS
    lb_policy: RING_HASH
    ring_hash_lb_config: ${ring}
`);

const MATCHES = (second: string) =>
  cluster(`    transport_socket_matches:
    - name: plain
      transport_socket: &raw
        name: raw
        typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer}
    - name: ${second}
      transport_socket: *raw
    transport_socket_matcher:
      on_no_match:
        action:
          name: choose
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction
            name: plain
`);

export const COMMON_RULES: readonly RuleDoc[] = [{
  name: "missing-field",
  severity: "error",
  title: "What a configuration needs in its situation is set",
  text: `Many fields are optional in Envoy's API because only some configurations need them, and Envoy finds out when it
loads one: a cluster of type EDS needs \`eds_cluster_config\`, a source of type REST needs \`refresh_delay\`, an endpoint
needs an address. The message says what is missing and why. The place is the one where it would stand.`,
  bad: cluster(`    type: EDS
`),
  good: cluster(`    type: EDS
    eds_cluster_config:
      eds_config: {ads: {}, resource_api_version: V3}
`),
}, {
  name: "conflicting-fields",
  severity: "error",
  title: "Fields that stand together can be true together",
  text: `Each of the fields is right by itself, and Envoy refuses both: two that exclude each other and are no oneof in
the API (\`eds_cluster_config\` in a cluster that is not of type EDS), or two values that contradict each other (a
maximum below its minimum). What is not set counts with its default: the smallest ring has 1024 entries.`,
  bad: HASHED("{minimum_ring_size: 2048, maximum_ring_size: 1024}"),
  good: HASHED("{minimum_ring_size: 1024, maximum_ring_size: 2048}"),
}, {
  name: "duplicate-name",
  severity: "error",
  title: "Names by which Envoy finds one of several are different",
  text: `Where something is looked up by its name within one message, Envoy refuses two of one name: transport sockets
that a \`transport_socket_matcher\` chooses from, health checks of one cluster, authorities of one source. It is
reported at the later one. Two resources of one name are [duplicate-resource](#duplicate-resource).`,
  bad: MATCHES("plain"),
  good: MATCHES("encrypted"),
}, {
  name: "unsupported",
  severity: "error",
  title: "Envoy has what is asked for, in this combination",
  text: `The API allows it, and Envoy does not do it: the endpoints of a static cluster by LEDS, thresholds for each
host beyond \`max_connections\`, an aggregated type for a source that is not ADS. It refuses such a configuration instead
of ignoring a part of it. With severity warning, only Envoy refuses it, and other clients may not.`,
  bad: cluster(`    circuit_breakers:
      per_host_thresholds: [{max_requests: 10}]
`),
  good: cluster(`    circuit_breakers:
      per_host_thresholds: [{max_connections: 10}]
`),
}, {
  name: "bad-value",
  severity: "error",
  title: "A value is one that Envoy can work with",
  text: `Beyond what the API says of a field, Envoy looks at some values itself: the size of a Maglev table is a prime
number, a payload of a health check is pairs of hexadecimal digits, a range of HTTP statuses lies between 100 and 600
and is not empty.`,
  bad: cluster(`    type: STRICT_DNS
    lb_policy: MAGLEV
    maglev_lb_config: {table_size: 65536}
`),
  good: cluster(`    type: STRICT_DNS
    lb_policy: MAGLEV
    maglev_lb_config: {table_size: 65537}
`),
}];
