/**
 * What the tests of the services beside discovery share: a real hub behind a real transport, and clients that speak JSON
 * and take the form of the messages from the descriptors of the API.
 *
 * @module
 */
import { fromBinary, fromJson, type JsonValue, toBinary, toJson } from "@bufbuild/protobuf";
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { Hub } from "../lib/hub/hub.ts";
import { LOAD_LIMITS, type LoadLimits, Loads } from "../lib/hub/loads.ts";
import { type Api, loadApi } from "../lib/model/api.ts";
import { EMPTY_PART, type Layer } from "../lib/model/layer.ts";
import { createResource, type Resource } from "../lib/model/resource.ts";
import { CLUSTER } from "../lib/model/types.ts";
import { memoryLog, start } from "../lib/transport/testing.ts";

const api = loadApi();

/** A resource from its JSON. */
export function resource(type: string, name: string, json: Record<string, JsonValue>): Resource {
  const bytes = encode(type.slice(type.lastIndexOf("/") + 1), json);
  return createResource({ type, name, bytes, references: [], origin: undefined });
}

export function cluster(name: string, more: Record<string, JsonValue> = {}): Resource {
  return resource(CLUSTER.url, name, { name, ...more });
}

/** A message of the API, by its full name. */
export function encode(typeName: string, json: JsonValue): Uint8Array {
  const desc = api.message(typeName);
  if (desc === undefined) throw new Error(`The API has no ${typeName}`);
  return toBinary(desc, fromJson(desc, json, { registry: api.registry }));
}

export interface ServedOptions {
  readonly groups?: Readonly<Record<string, readonly Resource[]>>;
  readonly transport?: Parameters<typeof start>[0];
  readonly loads?: Partial<LoadLimits>;
}

/** A server with the clusters of some groups; `default` is served to those that are in no other. */
export async function startServed({ groups = {}, transport = {}, loads: limits = LOAD_LIMITS }: ServedOptions = {}) {
  const hub = new Hub({
    now: Date.now,
    clock: () => performance.now(),
    log: memoryLog(),
    identifier: "xcp test",
    orderTimeoutMs: 10_000,
    maxStreams: 1_000,
    validate: "off",
    allowEmpty: true,
  });
  const set = (groups: Readonly<Record<string, readonly Resource[]>>) => hub.setLayers([layer(groups)]);
  if (Object.keys(groups).length > 0) set(groups);
  const loads = new Loads(Date.now, limits);
  const server = await start({ host: hub, services: { hub, loads, api }, ...transport });
  return {
    ...server,
    hub,
    loads,
    set,
    async [Symbol.asyncDispose]() {
      hub.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function layer(groups: Readonly<Record<string, readonly Resource[]>>): Layer {
  const parts = Object.entries(groups).map(([name, resources]) => [name, { resources, issues: [] }] as const);
  return { name: "config", common: EMPTY_PART, groups: new Map(parts), rules: [], failures: [] };
}

/** What a call came to. */
export interface Answer {
  readonly code: status;
  readonly details: string;
  /** The message, as JSON; undefined for an error. */
  readonly json: JsonValue | undefined;
}

export interface JsonStream {
  readonly messages: JsonValue[];
  /** The status, by name, once the stream is over. */
  readonly ended: string | undefined;
  readonly details: string | undefined;
  send(json: JsonValue): void;
  raw(body: Uint8Array): void;
  halfClose(): void;
  cancel(): void;
}

export interface JsonClient extends Disposable {
  ask(method: string, json?: JsonValue): Promise<Answer>;
  raw(method: string, body: Uint8Array): Promise<Answer>;
  /** Sends a first message, if there is one, and keeps what comes back. */
  stream(method: string, json?: JsonValue): JsonStream;
}

/** A client on a connection of its own. Methods are `package.Service/Method`. */
export function jsonClient(address: string, tls: ChannelCredentials = credentials.createInsecure()): JsonClient {
  const channel = new Client(address, tls, {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.ssl_target_name_override": "localhost",
    "grpc.default_authority": "localhost",
    "grpc.max_receive_message_length": -1,
  });
  const same = (bytes: Buffer) => bytes;
  const ask = (name: string, body: Uint8Array, { output } = method(api, name)) =>
    new Promise<Answer>((resolve) => {
      channel.makeUnaryRequest(
        `/${name}`,
        same,
        same,
        Buffer.from(body),
        (error: ServiceError | null, answer?: Buffer) => {
          const json = answer === undefined ? undefined : read(output, answer);
          resolve({ code: error?.code ?? status.OK, details: error?.details ?? "", json });
        },
      );
    });
  return {
    raw: ask,
    ask: (name, json = {}) => ask(name, encode(method(api, name).input.typeName, json)),
    stream(name, json) {
      const { input, output, methodKind } = method(api, name);
      const call = channel.makeBidiStreamRequest<Buffer, Buffer>(`/${name}`, same, same, new Metadata());
      const messages: JsonValue[] = [];
      let ended: string | undefined;
      let details: string | undefined;
      call.on("data", (body: Buffer) => void messages.push(read(output, body)));
      call.on("error", () => {});
      call.on("status", (end) => [ended, details] = [status[end.code], end.details]);
      const raw = (body: Uint8Array) => {
        call.write(Buffer.from(body));
        if (methodKind === "server_streaming") call.end();
      };
      const send = (json: JsonValue) => raw(encode(input.typeName, json));
      if (json !== undefined) send(json);
      return {
        messages,
        get ended() {
          return ended;
        },
        get details() {
          return details;
        },
        send,
        raw,
        halfClose: () => call.end(),
        cancel: () => call.cancel(),
      };
    },
    [Symbol.dispose]: () => channel.close(),
  };
}

function read(desc: ReturnType<typeof method>["output"], body: Uint8Array): JsonValue {
  return toJson(desc, fromBinary(desc, body), { registry: api.registry, useProtoFieldName: true });
}

function method(api: Api, name: string) {
  const [service = "", method = ""] = name.split("/");
  const found = api.registry.getService(service)?.methods.find((each) => each.name === method);
  if (found === undefined) throw new Error(`The API has no method ${name}`);
  return found;
}
