import { assertEquals, assertThrows } from "@std/assert";
import { create, fromBinary, toBinary, toJson as toStandardJson } from "@bufbuild/protobuf";
import { type Api, loadApi } from "../api.ts";
import type { Resource } from "../resource.ts";
import { Printer, type PrintOptions, toJson } from "./print.ts";
import { jsonToYaml } from "./print_yaml.ts";
import { readFile } from "./read.ts";

const api = loadApi();

function resource(yaml: string) {
  const { resources: [first], issues } = readFile(api, yaml, "f.yaml", "l");
  if (first === undefined) throw new Error(JSON.stringify(issues));
  return first;
}

function toYaml(api: Api, resource: Pick<Resource, "type" | "bytes">, options: PrintOptions = {}): string {
  return jsonToYaml(toJson(api, resource, options));
}

const T = "type.googleapis.com/envoy";
const CLUSTER = `"@type": ${T}.config.cluster.v3.Cluster`;
const SECRET = `"@type": ${T}.extensions.transport_sockets.tls.v3.Secret`;

Deno.test("JSON has @type first, the names of the documentation, and every Any in full", () => {
  const yaml = `
typedExtensionProtocolOptions:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": ${T}.extensions.upstreams.http.v3.HttpProtocolOptions
    explicitHttpConfig: {http2ProtocolOptions: {maxConcurrentStreams: 100}}
connectTimeout: 1.5s
metadata: {filter_metadata: {a: {n: 5, s: [x, true, null]}}}
commonLbConfig: {healthyPanicThreshold: {value: 12.5}}
lbPolicy: 3
name: c
${CLUSTER}
`;
  const json = toJson(api, resource(yaml));
  assertEquals(Object.keys(json).slice(0, 2), ["@type", "name"]);
  assertEquals(json, {
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name: "c",
    connect_timeout: "1.500s",
    lb_policy: "RANDOM",
    metadata: { filter_metadata: { a: { n: 5, s: ["x", true, null] } } },
    common_lb_config: { healthy_panic_threshold: { value: 12.5 } },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 100 } },
      },
    },
  });
});

Deno.test("YAML reads back as the same resource, whatever its strings look like", () => {
  const strings = [
    "y",
    "no",
    "010",
    "0x10",
    "1e3",
    "1.5",
    "~",
    "null",
    "",
    " a ",
    "a: b",
    "#",
    "a\nb\n",
    "<<",
    "é",
    "- x",
    "5",
  ];
  const filters = `{${strings.map((text, i) => `k${i}: ${JSON.stringify(text)}`).join(", ")}}`;
  const original = resource(`{${CLUSTER}, name: "yes", metadata: {filter_metadata: {x: ${filters}}}}`);
  const yaml = toYaml(api, original);
  const again = resource(yaml);
  assertEquals(again.version, original.version, yaml);
  assertEquals(again.name, "yes");
});

Deno.test("private keys, passwords and tokens are redacted as Envoy redacts them, inside an Any as well", () => {
  const secret = resource(`
${SECRET}
name: s
tls_certificate:
  certificate_chain: {inline_string: public}
  private_key: {inline_string: hunter2}
  password: {inline_bytes: aHVudGVyMg==}
`);
  assertEquals(toJson(api, secret), {
    "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
    name: "s",
    tls_certificate: {
      certificate_chain: { inline_string: "public" },
      private_key: { inline_string: "[redacted]" },
      password: { inline_bytes: btoa("[redacted]") },
    },
  });
  const open = toJson(api, secret, { redact: false });
  assertEquals(JSON.stringify(open).includes("hunter2"), true);
  assertEquals(toYaml(api, secret).includes("hunter2"), false);

  const tls = `{"@type": ${T}.extensions.transport_sockets.tls.v3.UpstreamTlsContext,
    common_tls_context: {tls_certificates: [{private_key: {filename: hunter2}}]}}`;
  const inAny = resource(`{${CLUSTER}, name: c, transport_socket: {name: t, typed_config: ${tls}}}`);
  assertEquals(toYaml(api, inAny).includes("hunter2"), false);
  assertEquals(toYaml(api, inAny).includes("[redacted]"), true);
});

Deno.test("generic secrets and session ticket keys are redacted", () => {
  for (
    const fields of [
      "generic_secret: {secret: {inline_string: hunter2}}",
      "session_ticket_keys: {keys: [{inline_string: hunter2}]}",
    ]
  ) {
    const text = toYaml(api, resource(`{${SECRET}, name: s, ${fields}}`));
    assertEquals([text.includes("hunter2"), text.includes("[redacted]")], [false, true], fields);
  }
});

Deno.test("a secret in a TypedStruct is redacted by the type that it stands for", () => {
  const tls = `{"@type": type.googleapis.com/xds.type.v3.TypedStruct,
    type_url: ${T}.extensions.transport_sockets.tls.v3.UpstreamTlsContext,
    value: {sni: shown, commonTlsContext: {tls_certificates: [{privateKey: {inline_string: hunter2}}]}}}`;
  const text = toYaml(api, resource(`{${CLUSTER}, name: c, transport_socket: {name: t, typed_config: ${tls}}}`));
  assertEquals([text.includes("hunter2"), text.includes("[redacted]"), text.includes("shown")], [false, true, true]);
});

Deno.test("a TypedStruct in a TypedStruct is redacted, and one of an unknown type is hidden whole", () => {
  const tls = (inner: string) =>
    `{"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: a/xds.type.v3.TypedStruct, value: ${inner}}`;
  const known = `{type_url: ${T}.extensions.transport_sockets.tls.v3.UpstreamTlsContext,
    value: {sni: shown, commonTlsContext: {tls_certificates: [{privateKey: {inline_string: hunter2}}]}}}`;
  const unknown = "{type_url: a/not.Known, value: {password: hunter2}}";
  for (const [inner, shown] of [[known, true], [unknown, false]] as const) {
    const text = toYaml(
      api,
      resource(`{${CLUSTER}, name: c, transport_socket: {name: t, typed_config: ${tls(inner)}}}`),
    );
    assertEquals([text.includes("hunter2"), text.includes("shown")], [false, shown]);
  }
});

Deno.test("an Any of a type that is not known, or that does not decode, prints as its bytes", () => {
  // Cluster.transport_socket (24) { typed_config (3) { type_url: "a/x.Y", value: 0xff } }
  const any = [0x0a, 5, ...new TextEncoder().encode("a/x.Y"), 0x12, 1, 0xff];
  const socket = [0x1a, any.length, ...any];
  const bytes = new Uint8Array([0xc2, 0x01, socket.length, ...socket]);
  assertEquals(toJson(api, { type: `${T}.config.cluster.v3.Cluster`, bytes }), {
    "@type": `${T}.config.cluster.v3.Cluster`,
    transport_socket: { typed_config: { "@type": "a/x.Y", value: "/w==" } },
  });
});

Deno.test("a float of 32 bits prints as short as it can be", () => {
  const desc = api.message("google.protobuf.FloatValue");
  if (desc === undefined) throw new Error("no FloatValue");
  const print = (value: number) => new Printer(api, true).print(desc, toBinary(desc, create(desc, { value })));
  assertEquals([0.1, 16777216, 1.1754943508222875e-38, NaN, -Infinity].map(print), [
    0.1,
    16777216,
    1.1754944e-38,
    "NaN",
    "-Infinity",
  ]);
});

Deno.test("a type that is not in the API cannot be printed", () => {
  assertThrows(() => toJson(api, { type: "a/b.C", bytes: new Uint8Array() }), Error, 'unknown type "a/b.C"');
});

Deno.test("names in lowerCamelCase are the canonical JSON of proto3", () => {
  const cluster = resource(`
${CLUSTER}
name: c
connect_timeout: 1.5s
common_lb_config: {healthy_panic_threshold: {value: 12.5}}
max_requests_per_connection: 5
typed_extension_protocol_options:
  a_b:
    "@type": ${T}.extensions.upstreams.http.v3.HttpProtocolOptions
    explicit_http_config: {http2_protocol_options: {max_concurrent_streams: 100}}
metadata: {filter_metadata: {a_b: {c_d: 5}}}
`);
  const desc = api.message("envoy.config.cluster.v3.Cluster");
  if (desc === undefined) throw new Error("The API has no clusters");
  const { "@type": type, ...json } = toJson(api, cluster, { names: "json", redact: false });
  assertEquals(type, cluster.type);
  assertEquals(json, toStandardJson(desc, fromBinary(desc, cluster.bytes), { registry: api.registry }));
  assertEquals(Object.keys(json).includes("connectTimeout"), true);
});

Deno.test("secrets are redacted under names in lowerCamelCase as well", () => {
  const secret = resource(`{${SECRET}, name: s, tls_certificate: {private_key: {inline_string: k}}}`);
  assertEquals(toJson(api, secret, { names: "json" }).tlsCertificate, { privateKey: { inlineString: "[redacted]" } });
  const url = `${T}.extensions.transport_sockets.tls.v3.TlsCertificate`;
  const struct =
    `{"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: ${url}, value: {private_key: {inline_string: k}}}`;
  const hidden = resource(`{${CLUSTER}, name: c, transport_socket: {name: x, typed_config: ${struct}}}`);
  assertEquals(JSON.stringify(toJson(api, hidden, { names: "json" })).includes('"k"'), false);
});
