/**
 * TypeScript types of the messages that code touches by name. Everything else is read through descriptors.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  CodeGeneratorRequestSchema,
  CodeGeneratorResponseSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import { cutToTypes } from "./cut.ts";

/** The plugin of the release of protobuf-es that deno.json names; Apache-2.0. */
const PLUGIN = "npm:@bufbuild/protoc-gen-es@2.17.0";

const ROOTS = [
  "envoy.config.bootstrap.v3.Bootstrap",
  "envoy.config.cluster.v3.Cluster",
  "envoy.config.core.v3.Node",
  "envoy.config.endpoint.v3.ClusterLoadAssignment",
  "envoy.config.listener.v3.Listener",
  "envoy.config.route.v3.RouteConfiguration",
  "envoy.config.route.v3.ScopedRouteConfiguration",
  "envoy.extensions.filters.http.router.v3.Router",
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
  "envoy.extensions.transport_sockets.tls.v3.Secret",
  "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  "envoy.service.discovery.v3.DeltaDiscoveryRequest",
  "envoy.service.discovery.v3.DeltaDiscoveryResponse",
  "envoy.service.discovery.v3.DiscoveryRequest",
  "envoy.service.discovery.v3.DiscoveryResponse",
];

/**
 * Generated sources by path: `envoy/config/cluster/v3/cluster_pb.ts`. All files go to the plugin in one request; one
 * request a folder, which is what build tools do, takes minutes.
 */
export async function generateTypes(files: readonly FileDescriptorProto[]): Promise<ReadonlyMap<string, string>> {
  const cut = cutToTypes(files, ROOTS);
  const request = create(CodeGeneratorRequestSchema, {
    parameter: "target=ts,json_types=true,import_extension=ts",
    // protobuf-es brings the well-known types; a second copy would not be the same types.
    fileToGenerate: cut.map((file) => file.name).filter((name) => !name.startsWith("google/protobuf/")),
    protoFile: cut,
    sourceFileDescriptors: cut,
  });
  const answer = await runPlugin(toBinary(CodeGeneratorRequestSchema, request));
  const response = fromBinary(CodeGeneratorResponseSchema, answer);
  if (response.error !== "") throw new Error(`Cannot generate types: ${response.error}`);
  return new Map(response.file.map((file) => [file.name, file.content]));
}

async function runPlugin(request: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "--allow-env", PLUGIN],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.output();
  await new Blob([request]).stream().pipeTo(child.stdin);
  const { success, code, stdout } = await output;
  if (!success) throw new Error(`Cannot generate types: the plugin ended with exit code ${code}`);
  return stdout;
}
