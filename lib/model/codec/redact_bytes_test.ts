import { assert, assertEquals } from "@std/assert";
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { loadApi } from "../api.ts";
import { toJson } from "./print.ts";
import { Redactor } from "./redact_bytes.ts";

const api = loadApi();
const TLS = "envoy.extensions.transport_sockets.tls.v3";
const SECRET = "hush-hush";

function encode(type: string, json: JsonObject): Uint8Array {
  const desc = api.message(type);
  if (desc === undefined) throw new Error(type);
  return toBinary(desc, fromJson(desc, json, { registry: api.registry }));
}

/** What is redacted in binary must be what is redacted in print. */
function same(typeName: string, json: JsonObject): string {
  const type = `type.googleapis.com/${typeName}`;
  const bytes = encode(typeName, json);
  const redacted = new Redactor(api).redact(type, bytes);
  assert(redacted !== undefined);
  assert(!new TextDecoder().decode(redacted).includes(SECRET));
  assertEquals(toJson(api, { type, bytes: redacted }, { redact: false }), toJson(api, { type, bytes }));
  return new TextDecoder().decode(redacted);
}

const PRIVATE = { inline_string: SECRET };
const CERTIFICATE = { certificate_chain: { inline_string: "public" }, private_key: PRIVATE };

Deno.test("every kind of secret is redacted, and what is public stays", () => {
  const text = same(`${TLS}.Secret`, { name: "a", tls_certificate: { ...CERTIFICATE, password: PRIVATE } });
  assert(text.includes("public") && text.includes("[redacted]"));
  same(`${TLS}.Secret`, { name: "a", tls_certificate: { private_key: { inline_bytes: btoa(SECRET) } } });
  same(`${TLS}.Secret`, { name: "a", session_ticket_keys: { keys: [PRIVATE, { filename: SECRET }] } });
  same(`${TLS}.Secret`, { name: "a", generic_secret: { secret: PRIVATE } });
  same(`${TLS}.Secret`, { name: "a", generic_secret: { secrets: { one: PRIVATE } } });
});

Deno.test("a secret is found inside an Any, and inside an Any of an Any", () => {
  const context = {
    "@type": `type.googleapis.com/${TLS}.DownstreamTlsContext`,
    common_tls_context: { tls_certificates: [CERTIFICATE] },
  };
  const socket = { name: "tls", typed_config: context };
  same("envoy.config.cluster.v3.Cluster", { name: "c", transport_socket: socket });
  same("envoy.config.core.v3.TypedExtensionConfig", {
    name: "e",
    typed_config: { "@type": "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", typed_config: context },
  });
});

Deno.test("a TypedStruct is a message in disguise, and hidden whole when nobody knows it", () => {
  for (
    const [url, value] of [[`${TLS}.Secret`, { tls_certificate: CERTIFICATE }], ["who.Knows", { a: SECRET, b: 1 }]]
  ) {
    same("envoy.config.core.v3.TypedExtensionConfig", {
      name: "e",
      typed_config: {
        "@type": "type.googleapis.com/xds.type.v3.TypedStruct",
        type_url: `type.googleapis.com/${url}`,
        value: value as JsonObject,
      },
    });
  }
});

Deno.test("a resource without secrets keeps its bytes", () => {
  const bytes = encode("envoy.config.cluster.v3.Cluster", {
    name: "c",
    connect_timeout: "1.5s",
    metadata: { filter_metadata: { a: { b: [1, null, "x"] } } },
    per_connection_buffer_limit_bytes: 7,
  });
  assertEquals(new Redactor(api).redact("type.googleapis.com/envoy.config.cluster.v3.Cluster", bytes), bytes);
});

Deno.test("what cannot be read is not shown at all", () => {
  const redactor = new Redactor(api);
  assertEquals(redactor.redact("type.googleapis.com/no.such.Type", new Uint8Array()), undefined);
  assertEquals(redactor.redact(`type.googleapis.com/${TLS}.Secret`, new Uint8Array([0xff])), undefined);
});

Deno.test("a field that the API does not know is dropped", () => {
  const bytes = encode("envoy.config.cluster.v3.Cluster", { name: "c" });
  const unknown = new Uint8Array([...bytes, 0xfa, 0x3f, SECRET.length, ...new TextEncoder().encode(SECRET)]);
  assertEquals(new Redactor(api).redact("type.googleapis.com/envoy.config.cluster.v3.Cluster", unknown), bytes);
});
