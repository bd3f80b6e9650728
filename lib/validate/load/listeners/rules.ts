/**
 * The pages of the rules about listeners and addresses.
 *
 * @module
 */
import type { RuleDoc } from "../../rule.ts";

const AT = "type.googleapis.com/envoy.extensions";

const TCP_PROXY = `      - name: forward
        typed_config:
          "@type": ${AT}.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: db
          cluster: db
`;

const ECHO = `      - name: echo
        typed_config:
          "@type": ${AT}.filters.network.echo.v3.Echo
`;

const RATE_LIMIT = `      - name: limit
        typed_config:
          "@type": ${AT}.filters.network.connection_limit.v3.ConnectionLimit
          stat_prefix: db
          max_connections: 100
`;

/** A bootstrap with one listener. */
function bootstrap(listener: string): string {
  return `static_resources:\n  listeners:\n${listener}  clusters:\n  - name: db\n`;
}

function listener(address: string, rest: string, name = "db"): string {
  return `  - name: ${name}\n    address: {socket_address: {${address}}}\n${rest}`;
}

const LOCAL = "address: 127.0.0.1, port_value: 5432";

function chains(...filters: string[]): string {
  return `    filter_chains:\n    - filters:\n${filters.join("")}`;
}

function twoChains(one: string, other: string): string {
  const chain = (name: string) => `    - filter_chain_match: {server_names: ["${name}"]}\n      filters:\n${TCP_PROXY}`;
  return `    filter_chains:\n${chain(one)}${chain(other)}`;
}

function udpProxy(port: number): string {
  return `    listener_filters:
    - name: forward
      typed_config:
        "@type": ${AT}.filters.udp.udp_proxy.v3.UdpProxyConfig
        stat_prefix: db
        cluster: db
        tunneling_config: {proxy_host: proxy.test, target_host: db.test, default_target_port: 5432, proxy_port: ${port}}
`;
}

const UDP = `${LOCAL}, protocol: UDP`;

export const LISTENER_RULES: readonly RuleDoc[] = [
  {
    name: "bad-address",
    severity: "error",
    title: "An address is one that Envoy can parse",
    text:
      `The address of a listener, of a host in a \`STATIC\` cluster, and of whatever else Envoy does not look up has to
be an IP address: four decimal numbers without leading zeros, or IPv6 without brackets, with a scope where one is needed
(\`fe80::1%eth0\`). So has the address of a range (\`prefix_ranges\`, \`cidr_ranges\`, rules of RBAC), whose length stands
in \`prefix_len\`; a length of more bits than the address has means all of them. The path of a Unix socket has at most
107 bytes.`,
    bad: bootstrap(listener("address: localhost, port_value: 5432", chains(TCP_PROXY))),
    good: bootstrap(listener(LOCAL, chains(TCP_PROXY))),
  },
  {
    name: "bad-port",
    severity: "error",
    title: "A port is a number that can be used where it stands",
    text:
      `Ports go from 1 to 65535. Where Envoy does not look up names, \`named_port\` cannot be used, and some fields take
no port but 0, for the port of something else.`,
    bad: bootstrap(listener(UDP, udpProxy(0))),
    good: bootstrap(listener(UDP, udpProxy(3128))),
  },
  {
    name: "bad-server-name",
    severity: "error",
    title: "A wildcard of server_names stands for whole labels at the beginning",
    text:
      `A filter chain matches a server name by itself, or all names below a domain (\`*.db.test\`). Envoy has no other
wildcards here and refuses \`*\`, \`db*.test\` and \`*db.test\`. A filter chain for every server name is one without
\`server_names\`.`,
    bad: bootstrap(listener(LOCAL, twoChains("a.db.test", "b*.db.test"))),
    good: bootstrap(listener(LOCAL, twoChains("a.db.test", "*.db.test"))),
  },
  {
    name: "duplicate-address",
    severity: "error",
    title: "An address belongs to one listener",
    text:
      `Envoy refuses the later one of two listeners with the same address, port and protocol, whether they reuse ports
or not, and whether they bind them or not. Port 0 may stand more than once, \`0.0.0.0\` may stand beside \`127.0.0.1\`,
and so may TCP beside UDP and one network namespace beside another. Additional addresses count as well.`,
    bad: bootstrap(listener(LOCAL, chains(TCP_PROXY)) + listener(LOCAL, chains(ECHO), "echo")),
    good: bootstrap(
      listener(LOCAL, chains(TCP_PROXY)) + listener("address: 127.0.0.1, port_value: 7", chains(ECHO), "echo"),
    ),
  },
  {
    name: "duplicate-filter-chain",
    severity: "error",
    title: "No connection is matched by two filter chains in the same way",
    text:
      `Envoy puts every combination of what a \`filter_chain_match\` lists into a table, and refuses a combination that
is there already: two chains without a match, a server name in two chains (case aside), a range that is the same without
the bits behind its length. A more specific match beside a wider one is fine. With \`filter_chain_matcher\` the match of
a chain is not read, and that of \`default_filter_chain\` never is.`,
    bad: bootstrap(listener(LOCAL, twoChains("a.db.test", "A.db.test"))),
    good: bootstrap(listener(LOCAL, twoChains("a.db.test", "b.db.test"))),
  },
  {
    name: "ignored-range",
    severity: "warning",
    title: "A range of trusted addresses is one that Envoy can parse",
    text:
      `Of \`xff_trusted_cidrs\`, Envoy leaves out what it cannot parse, and says nothing: proxies of that range are not
trusted then.`,
    bad: trusted("10.0.0"),
    good: trusted("10.0.0.0"),
  },
  {
    name: "missing-filter-chain",
    severity: "error",
    title: "A listener has a filter chain",
    text:
      `A listener of TCP or QUIC needs at least one of \`filter_chains\` or a \`default_filter_chain\`; they may be empty
otherwise. A listener of plain UDP has \`listener_filters\` instead.`,
    bad: bootstrap(listener(LOCAL, "")),
    good: bootstrap(listener(LOCAL, chains(TCP_PROXY))),
  },
  {
    name: "terminal-filter",
    severity: "error",
    title: "The last filter of a chain ends it, and only the last one does",
    text:
      `Some filters answer, or pass on to an upstream, what comes in: nothing gets past them. Such a filter has to be the
last one of its chain, and the last one has to be such a filter: \`tcp_proxy\`, \`http_connection_manager\`,
\`redis_proxy\`, \`thrift_proxy\`, \`dubbo_proxy\`, \`generic_proxy\`, \`direct_response\` or \`echo\` among network
filters, the router among HTTP filters, the codec among upstream HTTP filters. A network filter chain without any filter
is accepted.`,
    bad: bootstrap(listener(LOCAL, chains(RATE_LIMIT))),
    good: bootstrap(listener(LOCAL, chains(RATE_LIMIT, TCP_PROXY))),
  },
  {
    name: "udp-reuse-port",
    severity: "warning",
    title: "A UDP listener reuses its port",
    text:
      `With more than one worker thread, and there is one for each processor unless \`--concurrency\` says otherwise,
Envoy refuses a UDP listener with \`enable_reuse_port: false\`: packets would reach any of the workers.`,
    bad: bootstrap(listener(UDP, "    enable_reuse_port: false\n")),
    good: bootstrap(listener(UDP, "")),
  },
];

function trusted(prefix: string): string {
  return `static_resources:
  listeners:
  - name: web
    address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
    filter_chains:
    - filters:
      - name: http
        typed_config:
          "@type": ${AT}.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          original_ip_detection_extensions:
          - name: xff
            typed_config:
              "@type": ${AT}.http.original_ip_detection.xff.v3.XffConfig
              xff_trusted_cidrs: {cidrs: [{address_prefix: ${prefix}, prefix_len: 8}]}
          route_config: {name: web}
          http_filters:
          - name: router
            typed_config: {"@type": "${AT}.filters.http.router.v3.Router"}
`;
}
