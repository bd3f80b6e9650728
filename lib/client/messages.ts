/**
 * The messages of both modes as one form: what a client asks, and what it is answered.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 * @module
 */
import { Buffer } from "node:buffer";
import { create, fromBinary, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type Any, anyIs, type Duration } from "@bufbuild/protobuf/wkt";
import { NodeSchema } from "../gen/envoy/config/core/v3/base_pb.ts";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  type Resource,
  type ResourceError,
  ResourceSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { typeByUrl } from "../model/types.ts";

/** State of the world: the whole state each time. Delta: what changed. */
export type Mode = "sotw" | "delta";

/** Who asks. */
export interface ClientNode {
  readonly id: string;
  readonly cluster: string;
  readonly metadata: JsonObject;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string } | undefined;
  /** Version of the program that asks. */
  readonly version: string;
}

/** What is asked: names of one type. */
export interface Query {
  readonly type: string;
  /** None: everything. */
  readonly names: readonly string[];
  readonly mode: Mode;
  readonly node: ClientNode;
  /** Ask the type's own service (CDS, EDS, …) instead of the aggregated one. */
  readonly perType: boolean;
}

/** One resource of an answer. */
export interface Item {
  /** "" when it says none: an unknown type that is not wrapped. */
  readonly name: string;
  readonly aliases: readonly string[];
  /** Of the resource in delta, of the answer in state of the world. */
  readonly version: string;
  /** Milliseconds. */
  readonly ttl: number | undefined;
  /** Type URL and message; undefined: a heartbeat, or a name that is known to stand for nothing. */
  readonly body: { readonly type: string; readonly bytes: Uint8Array } | undefined;
}

/** A server's own words on a name. */
export interface NameError {
  readonly name: string;
  /** Of gRPC: 5 is NOT_FOUND, 7 PERMISSION_DENIED. */
  readonly code: number;
  readonly message: string;
}

/** One response. */
export interface Answer {
  readonly type: string;
  readonly version: string;
  readonly nonce: string;
  readonly items: readonly Item[];
  /** Names; delta only. */
  readonly removed: readonly string[];
  readonly errors: readonly NameError[];
}

/** What a client of these tests and tools understands; see "Client Features" in Envoy's documentation. */
const FEATURES = [
  "xds.config.supports-resource-ttl",
  "xds.config.supports-resource-in-sotw",
  "xds.config.resource-in-sotw",
];

const ADS = "/envoy.service.discovery.v3.AggregatedDiscoveryService";

/** Path of the method; undefined when the type has no service of its own, or not in this mode. */
export function methodOf({ type, mode, perType }: Pick<Query, "type" | "mode" | "perType">): string | undefined {
  if (!perType) return `${ADS}/${mode === "delta" ? "DeltaAggregatedResources" : "StreamAggregatedResources"}`;
  const discovery = typeByUrl(type)?.discovery;
  const method = mode === "delta" ? discovery?.delta : discovery?.stream;
  return discovery === undefined || method === undefined ? undefined : `/${discovery.service}/${method}`;
}

/**
 * The names that a request carries. Everything is said by no name at all where that is understood everywhere (LDS, CDS,
 * SRDS), else by `*`.
 */
export function requestedNames({ type, names }: Pick<Query, "type" | "names">): readonly string[] {
  if (names.length > 0) return names;
  return typeByUrl(type)?.fullState === true ? [] : ["*"];
}

/** What a request answers: the response before it. `error` makes it a rejection. */
export interface Verdict {
  /** The last version that was accepted. */
  readonly version: string;
  readonly nonce: string;
  readonly error: string | undefined;
}

/** Bytes of a request: the first one, or the verdict on a response. */
export function encodeRequest(query: Query, verdict?: Verdict): Buffer {
  const { type: typeUrl, mode } = query;
  const names = [...requestedNames(query)];
  const common = {
    typeUrl,
    responseNonce: verdict?.nonce ?? "",
    ...(verdict?.error === undefined ? {} : { errorDetail: { code: INVALID_ARGUMENT, message: verdict.error } }),
    ...(verdict === undefined ? { node: nodeMessage(query.node) } : {}),
  };
  return Buffer.from(
    mode === "delta"
      ? toBinary(
        DeltaDiscoveryRequestSchema,
        create(DeltaDiscoveryRequestSchema, {
          ...common,
          resourceNamesSubscribe: verdict === undefined ? names : [],
        }),
      )
      : toBinary(
        DiscoveryRequestSchema,
        create(DiscoveryRequestSchema, { ...common, resourceNames: names, versionInfo: verdict?.version ?? "" }),
      ),
  );
}

const INVALID_ARGUMENT = 3;

function nodeMessage({ id, cluster, metadata, locality, version }: ClientNode) {
  return create(NodeSchema, {
    id,
    cluster,
    metadata,
    ...(locality === undefined ? {} : { locality }),
    userAgentName: "xcp",
    userAgentVersionType: { case: "userAgentVersion", value: version },
    clientFeatures: FEATURES,
  });
}

/**
 * Reads a response.
 *
 * @throws {Error} These bytes are none.
 */
export function decodeAnswer(mode: Mode, bytes: Uint8Array): Answer {
  if (mode === "delta") {
    const response = fromBinary(DeltaDiscoveryResponseSchema, bytes);
    return {
      type: response.typeUrl,
      version: response.systemVersionInfo,
      nonce: response.nonce,
      items: response.resources.map((resource) => wrapped(resource, resource.version)),
      removed: [...response.removedResources, ...response.removedResourceNames.map(({ name }) => name)],
      errors: response.resourceErrors.map(nameError),
    };
  }
  const { typeUrl, versionInfo, nonce, resources, resourceErrors } = fromBinary(DiscoveryResponseSchema, bytes);
  return {
    type: typeUrl,
    version: versionInfo,
    nonce,
    items: resources.map((any) => stateItem(any, versionInfo)),
    removed: [],
    errors: resourceErrors.map(nameError),
  };
}

/** In state of the world a resource stands alone, or in a wrapper that adds a name and a TTL. */
function stateItem(any: Any, version: string): Item {
  if (anyIs(any, ResourceSchema)) return wrapped(fromBinary(ResourceSchema, any.value), version);
  const body = { type: any.typeUrl, bytes: any.value };
  return { name: innerName(body.bytes), aliases: [], version, ttl: undefined, body };
}

function wrapped({ name, aliases, ttl, resource, resourceName }: Resource, version: string): Item {
  const body = resource === undefined ? undefined : { type: resource.typeUrl, bytes: resource.value };
  return {
    name: name || resourceName?.name || (body === undefined ? "" : innerName(body.bytes)),
    aliases,
    version,
    ttl: ttl === undefined ? undefined : milliseconds(ttl),
    body,
  };
}

function milliseconds({ seconds, nanos }: Duration): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

function nameError({ resourceName, errorDetail }: ResourceError): NameError {
  return { name: resourceName?.name ?? "", code: errorDetail?.code ?? 0, message: errorDetail?.message ?? "" };
}

/**
 * The name inside a resource: field 1, a string, in every type that has a name, and so for types that nobody here knows.
 * "" where there is none.
 */
function innerName(bytes: Uint8Array): string {
  let name: Uint8Array | undefined;
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1 && wireType === WireType.LengthDelimited) name = reader.bytes();
      else reader.skip(wireType, field);
    }
    return name === undefined ? "" : new TextDecoder("utf-8", { fatal: true }).decode(name);
  } catch {
    return "";
  }
}
