/**
 * The pages of the rules on what resources and files say together.
 *
 * @module
 */
import type { RuleDoc } from "../rule.ts";

const CLUSTER = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: orders
connect_timeout: 1s
`;

/** A listener with a route to a cluster. */
function listener(cluster: string): string {
  return `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: http
address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: http
      route_config:
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes: [{ match: { prefix: / }, route: { cluster: ${cluster} } }]
      http_filters:
      - name: router
        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`;
}

/** A cluster whose certificate is a secret. */
function secured(config: string): string {
  return `resources:
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: ca
  validation_context: { trusted_ca: { filename: /etc/ssl/ca.pem } }
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: orders
  connect_timeout: 1s
  transport_socket:
    name: tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context: { validation_context_sds_secret_config: { name: ca${config} } }
`;
}

/** A bootstrap with its management server. */
function bootstrap(cluster: string): string {
  return `node: { id: a, cluster: b }
dynamic_resources:
  cds_config: { ads: {}, resource_api_version: V3 }
  ads_config:
    api_type: DELTA_GRPC
    transport_api_version: V3
    grpc_services: [{ envoy_grpc: { cluster_name: xcp } }]
static_resources:
  clusters:
  - { name: xcp, connect_timeout: 1s, ${cluster} }
`;
}

export const TOGETHER_RULES: readonly RuleDoc[] = [
  {
    name: "dangling-reference",
    severity: "warning",
    title: "What is named is there",
    text:
      "An error where Envoy refuses what names it: the clusters of routes that stand in their listener, or in a route " +
      "configuration with `validate_clusters`, of Thrift routes, of some tracers, of the management servers in a " +
      "bootstrap; the secrets of a bootstrap without `sds_config`. Elsewhere Envoy waits, or fails when the target is " +
      "used, and the target may also come from another server or the client's own bootstrap: a warning. In `xcp serve` " +
      "it is an error as well when the target is being served and would vanish while others still need it.",
    bad: `${listener("orderz")}---\n${CLUSTER}`,
    good: `${listener("orders")}---\n${CLUSTER}`,
  },
  {
    name: "reference-without-source",
    severity: "warning",
    title: "A secret that is served is looked for on the server",
    text:
      "Without `sds_config` Envoy looks for a secret in its own bootstrap file and nowhere else, so the one that is here " +
      "does not help it.",
    bad: secured(""),
    good: secured(", sds_config: { ads: {}, resource_api_version: V3 }"),
  },
  {
    name: "late-cluster",
    severity: "error",
    title: "A management server in a bootstrap stands behind a cluster with endpoints of its own",
    text: "Envoy needs that cluster before it can ask anybody for endpoints: it may be of any type but EDS.",
    bad: bootstrap("type: EDS, eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }"),
    good: bootstrap("type: STRICT_DNS"),
  },
  {
    name: "duplicate-resource",
    severity: "error",
    title: "A resource is defined once",
    text:
      "One type and name twice in the files of a group: which one is meant cannot be known. What belongs to a group may " +
      "replace what is common to all, and a later source what an earlier one says.",
    bad: `${CLUSTER}---\n${CLUSTER}`,
    good: CLUSTER,
  },
  {
    name: "unused-resource",
    severity: "info",
    title: "A resource is named by another one",
    text:
      "Often what is left of something that was taken away. It may be meant: a cluster that a header or a script chooses, " +
      "something that a client's bootstrap names.",
    bad: `${listener("orders")}---\n${CLUSTER}---\n${CLUSTER.replace("orders", "left_over")}`,
    good: `${listener("orders")}---\n${CLUSTER}`,
  },
];

/** Rules on files and folders, which no text shows. */
export const SOURCE_RULES: readonly RuleDoc[] = [
  {
    name: "source-missing",
    severity: "error",
    title: "A source is there",
    text: "`xcp serve` keeps what it had and waits for it; other commands exit with 66.",
  },
  {
    name: "source-unreadable",
    severity: "error",
    title: "A source can be read",
    text: "The folder cannot be listed, or is neither a folder nor a file.",
  },
  {
    name: "source-empty",
    severity: "error",
    title: "A source that had resources does not lose them all",
    text:
      "More often an accident than meant: `xcp serve` keeps what it had. `--allow-empty` takes it for what is meant.",
  },
  {
    name: "group-empty",
    severity: "error",
    title: "A group that had resources does not lose them all",
    text: "As `source-empty`, for one group.",
  },
  {
    name: "unreadable-file",
    severity: "error",
    title: "A file can be read",
    text: "The operating system refuses, the file changes all the time, or it is no regular file.",
  },
  {
    name: "file-too-large",
    severity: "error",
    title: "A file has at most 64 MiB",
    text: "Split it: a directory may hold any number of files.",
  },
  {
    name: "too-many-files",
    severity: "error",
    title: "A directory has at most 100,000 files and folders",
    text: "A directory as large as that is rarely the one that was meant.",
  },
  {
    name: "folders-too-deep",
    severity: "error",
    title: "Folders are at most 32 levels deep",
    text: "Links to folders count.",
  },
  {
    name: "symlink-loop",
    severity: "warning",
    title: "A link does not lead to a folder that it is in",
    text: "It is left out.",
  },
  {
    name: "misplaced-file",
    severity: "error",
    title: "In `groups/` there are folders only",
    text: "A file there belongs to no group: put it into `groups/<name>/`, or beside `groups/` if it is for all.",
  },
  {
    name: "too-many-issues",
    severity: "error",
    title: "A file has at most a thousand issues",
    text: "The rest is counted: a file of another kind under the wrong name has one in each line.",
  },
  {
    name: "missing-group",
    severity: "error",
    title: "A rule in `groups.yaml` names its group",
    text: "What it matches would belong nowhere.",
  },
  {
    name: "unknown-group",
    severity: "warning",
    title: "A rule in `groups.yaml` names a group that exists",
    text: "It is passed over until the group is there.",
  },
  {
    name: "internal",
    severity: "error",
    title: "xcp does not fail",
    text: "It did: please report it, with the file if you can.",
  },
  {
    name: "not-written-here",
    severity: "error",
    title: "What is removed over HTTP was written over HTTP",
    text: "A resource that comes from a file is removed there.",
  },
  {
    name: "redacted-value",
    severity: "error",
    title: "What the API prints in place of a secret is not written back",
    text: "Leave the field out of a PATCH, or write the secret itself.",
  },
  {
    name: "written-unreadable",
    severity: "error",
    title: "What was written over HTTP can be read at start",
    text: "The state directory was damaged, or is that of a newer xcp.",
  },
];
