import {
  create,
  createFileRegistry,
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  getOption,
  hasOption,
  type Registry,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import {
  anyPack,
  anyUnpack,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import provenance from "../../proto/PROVENANCE.json" with { type: "json" };
import { type Cluster, ClusterSchema } from "../gen/envoy/config/cluster/v3/cluster_pb.ts";
import { HttpProtocolOptionsSchema } from "../gen/envoy/extensions/upstreams/http/v3/http_protocol_options_pb.ts";
import { ENVOY_API_VERSION } from "../gen/version.ts";
import { type Api, createApi, loadApi } from "./api.ts";

const TLS_CERTIFICATE = "envoy.extensions.transport_sockets.tls.v3.TlsCertificate";
const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The API has no ${what}`);
  return value;
}

function message(api: Api, typeName: string): DescMessage {
  return must(api.message(typeName), typeName);
}

function field(api: Api, typeName: string, name: string): DescField {
  return must(message(api, typeName).fields.find((candidate) => candidate.name === name), `${typeName}.${name}`);
}

/** The whole set, read by protobuf-es alone. */
async function eagerRegistry(): Promise<Registry> {
  const set = await Deno.readFile(new URL("../../proto/envoy.binpb", import.meta.url));
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
}

/** Proto names of all fields that carry an option. */
function fieldsWith(registry: Registry, option: string): string[] {
  const extension = must(registry.getExtension(option), option);
  return [...registry].flatMap((type) => type.kind === "message" ? type.fields : [])
    .filter((candidate) => hasOption(candidate, extension))
    .map((candidate) => `${candidate.parent.typeName}.${candidate.name}`).sort();
}

Deno.test("the set is the one that its provenance describes", async () => {
  const set = await Deno.readFile(new URL("../../proto/envoy.binpb", import.meta.url));
  assertEquals(createHash("sha256").update(set).digest("hex"), provenance.sha256);
  const api = loadApi();
  assertEquals(api.paths.length, provenance.files);
  assertEquals([api.version, ENVOY_API_VERSION], [provenance.envoy, provenance.envoy]);
});

Deno.test("every file builds, after its imports in the order of the set", () => {
  const api = loadApi();
  const seen = new Set<string>();
  for (const path of api.paths) {
    const file = must(api.file(path), path);
    assertEquals(file.proto.name, path);
    assertEquals(file.proto.dependency.filter((dependency) => !seen.has(dependency)), [], path);
    seen.add(path);
  }
  assertEquals(api.loadedFiles, api.paths.length);
});

Deno.test("every type of the set is found by its name alone", async () => {
  const names = [...await eagerRegistry()].map((type) => type.typeName);
  const api = loadApi();
  assertEquals(names.filter((name) => api.registry.get(name)?.typeName !== name), []);
  assertEquals([...api.registry].map((type) => type.typeName).sort(), names.sort());
});

Deno.test("every field's type resolves, and no message is from v2", () => {
  for (const type of loadApi().registry) {
    assert(!/^envoy\..*\bv2/.test(type.typeName), type.typeName);
    if (type.kind !== "message") continue;
    for (const field of type.fields) {
      if (field.message !== undefined) assert(field.message.fields.length >= 0, `${type.typeName}.${field.name}`);
      if (field.enum !== undefined) assert(field.enum.values.length > 0, `${type.typeName}.${field.name}`);
    }
  }
});

for (
  const typeName of [
    "envoy.admin.v3.ServerInfo",
    "envoy.config.bootstrap.v3.Bootstrap",
    "envoy.config.trace.v3.OpenTelemetryConfig",
    "envoy.data.accesslog.v3.HTTPAccessLogEntry",
    "envoy.extensions.access_loggers.file.v3.FileAccessLog",
    "envoy.extensions.clusters.aggregate.v3.ClusterConfig",
    "envoy.extensions.compression.gzip.compressor.v3.Gzip",
    "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
    "envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
    "envoy.extensions.filters.http.lua.v3.Lua",
    "envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
    "envoy.extensions.filters.http.router.v3.Router",
    "envoy.extensions.filters.http.wasm.v3.Wasm",
    "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    "envoy.extensions.filters.network.redis_proxy.v3.RedisProxy",
    "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
    "envoy.extensions.filters.network.thrift_proxy.v3.ThriftProxy",
    "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig",
    "envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash",
    "envoy.extensions.matching.common_inputs.network.v3.DestinationIPInput",
    "envoy.extensions.quic.proof_source.v3.ProofSourceConfig",
    "envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport",
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    "envoy.service.discovery.v3.DeltaDiscoveryRequest",
    "envoy.service.load_stats.v3.LoadStatsRequest",
    "envoy.service.status.v3.ClientStatusResponse",
    "envoy.watchdog.v3.AbortActionConfig",
    "google.protobuf.Any",
    "google.protobuf.Empty",
    "udpa.type.v1.TypedStruct",
    "xds.type.matcher.v3.CelMatcher",
    "xds.type.v3.TypedStruct",
  ]
) {
  Deno.test(`the API has ${typeName}`, () => {
    assertEquals(loadApi().message(typeName)?.typeName, typeName);
  });
}

Deno.test("looking up one cluster builds a small part of the set, and a second look-up nothing", () => {
  const api = loadApi();
  assertEquals(api.loadedFiles, 0);
  const cluster = message(api, "envoy.config.cluster.v3.Cluster");
  const loaded = api.loadedFiles;
  assert(loaded > 10 && loaded < 80, `${loaded} of ${api.paths.length} files`);
  assert(api.message("envoy.config.cluster.v3.Cluster") === cluster, "the descriptor is the same object");
  assert(api.file("envoy/config/cluster/v3/cluster.proto") === cluster.file, "and so is its file");
  assertEquals(api.loadedFiles, loaded);
});

Deno.test("a name that is nothing builds nothing", () => {
  const api = loadApi();
  for (const name of ["", ".", "Cluster", "envoy.config.cluster.v3", "envoy.config.cluster.v3.Clutser", "a.b.C"]) {
    assertEquals(api.message(name), undefined, name);
  }
  assertEquals(api.file("envoy/config/cluster/v3/clutser.proto"), undefined);
  assertEquals(api.loadedFiles, 0);
});

Deno.test("nested messages, enums and services are found, each under its own kind only", () => {
  const api = loadApi();
  const config = "envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig";
  assertEquals(api.message(config)?.typeName, config);
  assertEquals(api.enum("envoy.config.cluster.v3.Cluster.DiscoveryType")?.values.length, 5);
  assertEquals(api.message("envoy.config.cluster.v3.Cluster.DiscoveryType"), undefined);
  assertEquals(api.message("envoy.config.cluster.v3.Cluster.Nothing"), undefined);
  const ads = api.registry.getService("envoy.service.discovery.v3.AggregatedDiscoveryService");
  assertEquals(ads?.methods.map((method) => method.name), ["StreamAggregatedResources", "DeltaAggregatedResources"]);
});

Deno.test("a cluster whose options are an Any goes from JSON to bytes and back", () => {
  const api = loadApi();
  const schema = message(api, "envoy.config.cluster.v3.Cluster");
  const json = {
    name: "red",
    connectTimeout: "0.250s",
    type: "EDS",
    respectDnsTtl: true,
    maxRequestsPerConnection: 7,
    metadata: { filterMetadata: { "envoy.lb": { canary: true, weight: 3, tags: ["a", null] } } },
    typedExtensionProtocolOptions: {
      [HTTP_OPTIONS]: {
        "@type": `type.googleapis.com/${HTTP_OPTIONS}`,
        explicitHttpConfig: { http2ProtocolOptions: { maxConcurrentStreams: 100 } },
      },
    },
  };
  const { registry } = api;
  const bytes = toBinary(schema, fromJson(schema, json, { registry }));
  assertEquals(toJson(schema, fromBinary(schema, bytes), { registry }), json);
});

Deno.test("messages of the generated types and of the descriptors are the same on the wire and mix", () => {
  const api = loadApi();
  const options = create(HttpProtocolOptionsSchema, {
    upstreamProtocolOptions: { case: "autoConfig", value: { http2ProtocolOptions: { maxConcurrentStreams: 9 } } },
  });
  const typed: Cluster = create(ClusterSchema, {
    name: "blue",
    connectTimeout: { seconds: 1n, nanos: 0 },
    typedExtensionProtocolOptions: { [HTTP_OPTIONS]: anyPack(HttpProtocolOptionsSchema, options) },
  });
  const schema = message(api, "envoy.config.cluster.v3.Cluster");
  const dynamic = fromBinary(schema, toBinary(ClusterSchema, typed));
  assertEquals(toBinary(schema, dynamic), toBinary(ClusterSchema, typed));
  const { registry } = api;
  assertEquals(toJson(schema, typed, { registry }), toJson(ClusterSchema, typed, { registry }));
  assertEquals(anyUnpack(anyPack(schema, dynamic), registry)?.$typeName, ClusterSchema.typeName);
});

Deno.test("options say which fields have rules, are secret, or are deprecated", async () => {
  const api = loadApi();
  const sensitive = must(api.extension("udpa.annotations.sensitive"), "sensitive");
  assertEquals(getOption(field(api, TLS_CERTIFICATE, "private_key"), sensitive), true);
  assertEquals(hasOption(field(api, TLS_CERTIFICATE, "certificate_chain"), sensitive), false);
  const eager = await eagerRegistry();
  for (
    const option of [
      "validate.rules",
      "udpa.annotations.sensitive",
      "envoy.annotations.deprecated_at_minor_version",
      "envoy.annotations.disallowed_by_default",
    ]
  ) {
    const found = fieldsWith(api.registry, option);
    assertEquals(found, fieldsWith(eager, option));
    assert(found.length > 0, option);
  }
});

Deno.test("options print as JSON, extensions and all", () => {
  const api = loadApi();
  const options = must(field(api, "envoy.config.cluster.v3.Cluster", "name").proto.options, "options");
  assertEquals(toJson(FieldOptionsSchema, options, { registry: api.registry }), {
    "[validate.rules]": { string: { minLen: "1" } },
  });
});

Deno.test("a number that extends nothing, and a message that cannot be extended, have no extension", () => {
  const { registry } = loadApi();
  assertEquals(registry.getExtensionFor(FieldOptionsSchema, 1071)?.typeName, "validate.rules");
  assertEquals(registry.getExtensionFor(FieldOptionsSchema, 99999), undefined);
  assertEquals(registry.getExtensionFor(ClusterSchema, 1071), undefined);
});

Deno.test("what a file imports publicly is there for its importers, and what it imports otherwise is not", () => {
  const set = (publicDependency: number[]) =>
    toBinary(
      FileDescriptorSetSchema,
      create(FileDescriptorSetSchema, {
        file: [
          { name: "moved.proto", package: "a", syntax: "proto3", messageType: [{ name: "Moved" }] },
          { name: "old.proto", package: "a", syntax: "proto3", dependency: ["moved.proto"], publicDependency },
          {
            name: "user.proto",
            package: "a",
            syntax: "proto3",
            dependency: ["old.proto"],
            messageType: [{
              name: "User",
              field: [{
                name: "moved",
                number: 1,
                label: FieldDescriptorProto_Label.OPTIONAL,
                type: FieldDescriptorProto_Type.MESSAGE,
                typeName: ".a.Moved",
              }],
            }],
          },
        ],
      }),
    );
  const api = createApi("1", set([0]));
  assertEquals(api.message("a.User")?.field["moved"]?.message, api.message("a.Moved"));
  assertThrows(() => createApi("1", set([])).message("a.User"));
});

Deno.test("a set that lacks an import says which", () => {
  const set = create(FileDescriptorSetSchema, {
    file: [{ name: "a.proto", package: "a", dependency: ["gone.proto"], messageType: [{ name: "A" }] }],
  });
  const api = createApi("1", toBinary(FileDescriptorSetSchema, set));
  assertThrows(() => api.message("a.A"), Error, "gone.proto");
});
