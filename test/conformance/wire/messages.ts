/**
 * Requests as bytes and responses from bytes, with protobuf-es and none of the server's own code.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Any, Duration } from "@bufbuild/protobuf/wkt";
import { NodeSchema } from "../../../lib/gen/envoy/config/core/v3/base_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  type ResourceError,
  ResourceSchema,
} from "../../../lib/gen/envoy/service/discovery/v3/discovery_pb.ts";
import type { Api } from "../../../lib/model/api.ts";
import { canonicalName } from "../../../lib/model/names.ts";
import type { Request } from "../../../lib/xds/messages.ts";
import type { ClientKind, Mode } from "../script.ts";
import type { Received, ReceivedResource } from "../server.ts";
import { readResource } from "./resources.ts";

/** Who a client says it is. */
export interface WireNode {
  readonly id: string;
  readonly cluster: string;
  readonly kind: ClientKind;
}

/** The code that a NACK carries, as Envoy's does. */
const INTERNAL = 13;
/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

/** A request; the first of a stream has the node. */
export function writeRequest(request: Request, node: WireNode | undefined): Uint8Array {
  const common = {
    typeUrl: request.type,
    responseNonce: request.nonce,
    ...(node === undefined ? {} : { node: writeNode(node) }),
    ...(request.error === undefined ? {} : { errorDetail: { code: INTERNAL, message: request.error } }),
  };
  if (request.mode === "sotw") {
    const parts = { ...common, versionInfo: request.version, resourceNames: [...request.names] };
    return toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, parts));
  }
  const message = create(DeltaDiscoveryRequestSchema, {
    ...common,
    resourceNamesSubscribe: [...request.subscribe],
    resourceNamesUnsubscribe: [...request.unsubscribe],
    initialResourceVersions: Object.fromEntries(request.held),
  });
  return toBinary(DeltaDiscoveryRequestSchema, message);
}

function writeNode({ id, cluster, kind }: WireNode) {
  return create(NodeSchema, { id, cluster, userAgentName: kind.agent, clientFeatures: [...kind.features] });
}

/** A response. Throws where it is not what every response is. */
export function readResponse(api: Api, mode: Mode, body: Uint8Array): Received {
  return mode === "sotw" ? readSotw(api, body) : readDelta(api, body);
}

function readSotw(api: Api, body: Uint8Array): Received {
  const { typeUrl: type, nonce, versionInfo: version, resources, controlPlane, resourceErrors } = fromBinary(
    DiscoveryResponseSchema,
    body,
  );
  identified(controlPlane?.identifier);
  return {
    ...{ type, nonce, version, removed: [], missing: resourceErrors.map(missingName) },
    resources: resources.map((any) => {
      const wrapper = `type.googleapis.com/${ResourceSchema.typeName}`;
      if (any.typeUrl !== wrapper) {
        return readAny(api, any, { name: undefined, version: "", aliases: [], ttl: undefined });
      }
      const { name, resource, ttl, version, aliases } = fromBinary(ResourceSchema, any.value);
      return readAny(api, resource, { name, version, aliases, ttl: milliseconds(ttl) });
    }),
  };
}

function readDelta(api: Api, body: Uint8Array): Received {
  const message = fromBinary(DeltaDiscoveryResponseSchema, body);
  const { typeUrl: type, nonce, systemVersionInfo: version, removedResources: removed, resourceErrors } = message;
  identified(message.controlPlane?.identifier);
  return {
    ...{ type, nonce, version, removed, missing: resourceErrors.map(missingName) },
    resources: message.resources.map(({ resource, name, version, aliases, ttl }) => ({
      ...readAny(api, resource, { name, version, aliases, ttl: milliseconds(ttl) }),
      ...(resource ? {} : { type }),
    })),
  };
}

function readAny(
  api: Api,
  any: Any | undefined,
  around: { name: string | undefined } & Pick<ReceivedResource, "version" | "aliases" | "ttl">,
): ReceivedResource {
  if (any === undefined) return { ...around, type: "", name: around.name ?? "", content: undefined };
  const { name, content } = readResource(api, any.typeUrl, any.value);
  // A resource keeps the text that the operator wrote; clients compare the canonical form.
  const own = name === undefined ? undefined : canonicalName(name);
  if (around.name !== undefined && own !== undefined && around.name !== own) {
    throw new Error(`the resource "${own}" is called "${around.name}" around it`);
  }
  return { ...around, type: any.typeUrl, name: around.name ?? own ?? "", content };
}

/** Rule 13. */
function identified(identifier: string | undefined): void {
  if (!identifier) throw new Error("a response without control_plane.identifier");
}

function missingName({ resourceName, errorDetail }: ResourceError): string {
  if (errorDetail?.code !== NOT_FOUND) throw new Error(`a resource error with code ${errorDetail?.code}`);
  return resourceName?.name ?? "";
}

function milliseconds(duration: Duration | undefined): number | undefined {
  if (duration === undefined) return undefined;
  const { seconds, nanos } = duration;
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}
