import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Buffer } from "node:buffer";
import { loadApi } from "../../model/api.ts";
import { RESOURCE_TYPES } from "../../model/types.ts";
import { until } from "../testing.ts";
import { jsonClient, type JsonStream, startServed } from "../../../test/services.ts";

const api = loadApi();

interface Response {
  readonly valid_host?: string;
  readonly original_request?: Record<string, unknown>;
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly string[] };
  readonly all_extension_numbers_response?: { readonly base_type_name: string; readonly extension_number?: number[] };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_code: number; readonly error_message: string };
}

async function reflect(version = "v1") {
  const server = await startServed();
  const client = jsonClient(server.address);
  const stream = client.stream(`grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
  return {
    stream,
    async ask(question: Record<string, string | Record<string, string | number>>): Promise<Response> {
      const count = stream.messages.length;
      stream.send(question);
      await until("an answer", () => stream.messages.length > count || stream.ended !== undefined);
      return stream.messages[count] as Response;
    },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Paths of the files of an answer, each of which must be the bytes of the set. */
function filesOf({ file_descriptor_response }: Response): string[] {
  return (file_descriptor_response?.file_descriptor_proto ?? []).map((base64) => {
    const bytes = new Uint8Array(Buffer.from(base64, "base64"));
    const { name } = fromBinary(FileDescriptorProtoSchema, bytes);
    assertEquals(bytes, new Uint8Array(api.descriptor(name) ?? []), name);
    return name;
  });
}

for (const version of ["v1", "v1alpha"]) {
  Deno.test(`${version} lists all services, its own too`, async () => {
    await using tool = await reflect(version);
    const { list_services_response, valid_host, original_request } = await tool.ask({ host: "h", list_services: "" });
    assertEquals([valid_host, original_request], ["h", { host: "h", list_services: "" }]);
    const names = list_services_response?.service.map(({ name }) => name) ?? [];
    assertEquals(
      names,
      [
        ...RESOURCE_TYPES.map(({ discovery }) => discovery.service),
        "envoy.service.discovery.v3.AggregatedDiscoveryService",
        "envoy.service.load_stats.v3.LoadReportingService",
        "envoy.service.status.v3.ClientStatusDiscoveryService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ].sort(),
    );
    for (const name of names) {
      const [file] = filesOf(await tool.ask({ file_containing_symbol: name }));
      assert(file !== undefined || api.registry.getService(name) === undefined, name);
    }
  });
}

Deno.test("a file comes first, as it is, and its imports behind it", async () => {
  await using tool = await reflect();
  const path = "envoy/service/cluster/v3/cds.proto";
  const files = filesOf(await tool.ask({ file_by_filename: path }));
  assertEquals(files[0], path);
  assert(files.includes("google/protobuf/any.proto") && files.includes("envoy/config/core/v3/base.proto"));
  assertEquals(new Set(files).size, files.length);
  // The stream has the imports; what is asked for by name comes again.
  assertEquals(filesOf(await tool.ask({ file_by_filename: path })), [path]);
  assertEquals(filesOf(await tool.ask({ file_by_filename: "google/protobuf/any.proto" })), [
    "google/protobuf/any.proto",
  ]);
});

Deno.test("any type of the API is found by its name", async () => {
  await using tool = await reflect();
  const found = async (symbol: string) => filesOf(await tool.ask({ file_containing_symbol: symbol }))[0];
  assertEquals(await found("envoy.config.cluster.v3.Cluster.CommonLbConfig"), "envoy/config/cluster/v3/cluster.proto");
  assertEquals(
    await found("envoy.extensions.filters.http.lua.v3.Lua"),
    "envoy/extensions/filters/http/lua/v3/lua.proto",
  );
  assertEquals(await found("grpc.health.v1.Health.Check"), "grpc/health/v1/health.proto");
});

Deno.test("extensions are found by number, and listed", async () => {
  await using tool = await reflect();
  const options = "google.protobuf.FieldOptions";
  const { all_extension_numbers_response } = await tool.ask({ all_extension_numbers_of_type: options });
  const numbers = all_extension_numbers_response?.extension_number ?? [];
  assertEquals(all_extension_numbers_response?.base_type_name, options);
  assert(numbers.includes(1071) && numbers.length > 3, numbers.join());
  const extension = { containing_type: options, extension_number: 1071 };
  assertEquals(filesOf(await tool.ask({ file_containing_extension: extension }))[0], "validate/validate.proto");
  const none = await tool.ask({ all_extension_numbers_of_type: "envoy.config.cluster.v3.Cluster" });
  assertEquals(none.all_extension_numbers_response, { base_type_name: "envoy.config.cluster.v3.Cluster" });
});

Deno.test("what is not there is said to be not there, and the stream goes on", async () => {
  await using tool = await reflect();
  const wrong = [
    { file_by_filename: "no/such.proto" },
    { file_containing_symbol: "no.Such" },
    { file_containing_extension: { containing_type: "google.protobuf.FieldOptions", extension_number: 1 } },
    { all_extension_numbers_of_type: "no.Such" },
  ];
  for (const question of wrong) {
    const { error_response, original_request } = await tool.ask(question);
    assertEquals([error_response?.error_code, original_request], [5, question]);
  }
  assertEquals((await tool.ask({ host: "h" })).error_response?.error_code, 3);
  assertEquals(filesOf(await tool.ask({ file_by_filename: "google/protobuf/any.proto" })).length, 1);
  tool.stream.halfClose();
  await ends(tool.stream, "OK");
});

Deno.test("a request that is no message, or is too long, ends its stream", async () => {
  for (const body of [new Uint8Array([0xff]), new Uint8Array(5_000)]) {
    await using tool = await reflect();
    tool.stream.raw(body);
    await ends(tool.stream, "INVALID_ARGUMENT");
    assertStringIncludes(tool.stream.details ?? "", "Cannot read the request");
  }
});

async function ends(stream: JsonStream, code: string): Promise<void> {
  await until("the stream ends", () => stream.ended !== undefined);
  assertEquals(stream.ended, code);
}
