/**
 * The messages of the client status discovery service.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/status/v3/csds.proto
 * @module
 */
import type { ClientStatus, ResourceStatus } from "../../hub/status.ts";
import type { Node } from "../../xds/wire/node.ts";
import { FieldReader, MalformedMessage } from "../../xds/wire/reader.ts";
import type { CompileRegex } from "./match_string.ts";
import { type NodeMatch, readNodeMatcher } from "./node_matchers.ts";
import type { MessageWriter } from "./writer.ts";

const MOST_MATCHERS = 100;

/** A `ClientStatusRequest`; the asker's own node has no say. */
export interface StatusQuestion {
  /** One of the matchers must hold; without any, every client is meant. */
  readonly matches: NodeMatch;
  readonly withoutContents: boolean;
}

/** @throws MalformedMessage when it cannot be read, or asks for a match that this server does not do */
export function readStatusRequest(body: Uint8Array, compileRegex: CompileRegex): StatusQuestion {
  const matchers: NodeMatch[] = [];
  let withoutContents = false;
  const reader = new FieldReader(body);
  while (reader.next()) {
    if (reader.field === 1) {
      if (matchers.length === MOST_MATCHERS) throw new MalformedMessage(`more than ${MOST_MATCHERS} node_matchers`);
      matchers.push(readNodeMatcher(reader.bytes(), compileRegex));
    } else if (reader.field === 3) withoutContents = reader.uint() !== 0;
  }
  const matches: NodeMatch = (node) => matchers.length === 0 || matchers.some((matches) => matches(node));
  return { matches, withoutContents };
}

/** Fields of `ClientConfig` and of its `GenericXdsConfig`. */
const CLIENT = { node: 1, configs: 3 } as const;
const CONFIG = { type: 1, name: 2, version: 3, contents: 4, status: 6, clientStatus: 7, error: 8 } as const;

/** `ConfigStatus`: how things are for the management server. */
const CONFIG_STATUS: Readonly<Record<ResourceStatus["state"], number>> = {
  "synced": 1,
  "not-sent": 2,
  "stale": 3,
  "error": 4,
};

/** `admin.v3.ClientResourceStatus`: how they must be for the client. What was sent and not answered is unknown. */
const CLIENT_STATUS: Readonly<Record<ResourceStatus["state"], number>> = {
  "synced": 3,
  "not-sent": 1,
  "stale": 0,
  "error": 4,
};
const DOES_NOT_EXIST = 2;

/** The node of a `ClientConfig`, as far as it is kept: values of its metadata are all strings. */
export function writeNode(writer: MessageWriter, node: Node): void {
  const { id, cluster, metadata, locality: { region, zone, subZone }, userAgent, features } = node;
  writer.message(CLIENT.node, () => {
    writer.string(1, id);
    writer.string(2, cluster);
    if (metadata.size > 0) writer.message(3, () => writeStruct(writer, metadata));
    if (region + zone + subZone !== "") {
      writer.message(4, () => {
        writer.string(1, region);
        writer.string(2, zone);
        writer.string(3, subZone);
      });
    }
    const space = userAgent.lastIndexOf(" ");
    writer.string(6, space < 0 ? userAgent : userAgent.slice(0, space));
    writer.string(7, space < 0 ? "" : userAgent.slice(space + 1));
    for (const feature of features) writer.element(10, feature);
  });
}

/** `google.protobuf.Struct`. */
function writeStruct(writer: MessageWriter, values: ReadonlyMap<string, string>): void {
  for (const [key, value] of values) {
    writer.message(1, () => {
      writer.string(1, key);
      writer.message(2, () => writer.element(3, value));
    });
  }
}

/**
 * One `GenericXdsConfig`. `version_info` is that of the last response that the client took: of the resource in delta, of
 * the type in state-of-the-world. `contents` is what the group has now, be the client there or not; undefined leaves it
 * out.
 */
export function writeConfig(
  writer: MessageWriter,
  resource: ResourceStatus,
  client: Pick<ClientStatus, "mode" | "subscriptions">,
  contents: Uint8Array | undefined,
): void {
  const { type, name, state, rejection } = resource;
  // In delta a client is told that a name is not there; in state-of-the-world it goes on to wait for it.
  const absent = resource.resource === undefined && state === "not-sent" && client.mode === "delta";
  writer.message(CLIENT.configs, () => {
    writer.string(CONFIG.type, type);
    writer.string(CONFIG.name, name);
    writer.string(CONFIG.version, versionOf(resource, client));
    if (contents !== undefined) {
      writer.message(CONFIG.contents, () => {
        writer.string(1, type);
        if (contents.length > 0) writer.bytes(2, contents);
      });
    }
    writer.uint(CONFIG.status, CONFIG_STATUS[state]);
    writer.uint(CONFIG.clientStatus, absent ? DOES_NOT_EXIST : CLIENT_STATUS[state]);
    if (rejection !== undefined) {
      // `UpdateFailureState`; what was rejected is not kept.
      writer.message(CONFIG.error, () => {
        writer.message(2, () => writeTimestamp(writer, rejection.at));
        writer.string(3, rejection.message);
        writer.string(4, rejection.version);
      });
    }
  });
}

function versionOf(
  { type, state, resource }: ResourceStatus,
  { mode, subscriptions }: Pick<ClientStatus, "mode" | "subscriptions">,
): string {
  if (mode === "delta") return state === "synced" ? resource?.version ?? "" : "";
  return subscriptions.find((subscription) => subscription.type === type)?.acknowledged ?? "";
}

/** `google.protobuf.Timestamp` of milliseconds since the epoch. */
function writeTimestamp(writer: MessageWriter, at: number): void {
  writer.uint(1, Math.floor(at / 1_000));
  writer.uint(2, Math.floor(at % 1_000) * 1_000_000);
}
