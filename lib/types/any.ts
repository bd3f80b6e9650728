/**
 * What can stand in a `google.protobuf.Any`: a union over `@type`, and narrower ones for the places where people put
 * extensions most. The API alone does not tell; `lib/gen/extensions.ts` says what an Envoy has, and under which category.
 *
 * @module
 */
import type { DescField, DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { EXTENSIONS } from "../gen/extensions.ts";
import type { Api } from "../model/api.ts";
import { RESOURCE_TYPES } from "../model/types.ts";
import { typeReference, wellKnownType } from "./value.ts";

const PREFIX = "type.googleapis.com/";
const WRAPPER = "envoy.service.discovery.v3.Resource";

/** Messages of these packages are what servers say to each other and to logs. */
const TALK = /^envoy\.(admin|annotations|data|service)\./;

/** Parts of other messages that also stand alone in an `Any`: actions of matchers, and the switch of a filter in a route. */
const PARTS: readonly string[] = [
  "envoy.config.route.v3.FilterConfig",
  "envoy.config.route.v3.Route",
  "envoy.config.route.v3.RouteAction",
  "envoy.config.route.v3.RetryPolicy",
];

/** They carry a message that needs no descriptor, in any place. */
const STRUCTS: readonly string[] = ["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"];

/** Well-known types that Envoy takes out of an `Any`; their JSON is under the key `value`. */
const PLAIN: readonly string[] = [
  "BoolValue",
  "BytesValue",
  "DoubleValue",
  "Duration",
  "Empty",
  "Int32Value",
  "Int64Value",
  "ListValue",
  "StringValue",
  "Struct",
  "UInt32Value",
  "UInt64Value",
  "Value",
].map((name) => `google.protobuf.${name}`);

/** Full names of the messages that can stand in an `Any`, in order. */
export function anyTypes(api: Api): string[] {
  const types = new Set([...PARTS, ...STRUCTS, ...PLAIN, WRAPPER, ...RESOURCE_TYPES.map(({ url }) => bare(url))]);
  for (const category of Object.keys(EXTENSIONS)) for (const type of typesOf(category)) types.add(type);
  // What no other message has as a part is there to be put into an Any.
  const messages = api.paths.flatMap((path) => {
    const file = api.file(path);
    return file === undefined ? [] : [...nestedTypes(file)].filter((type) => type.kind === "message");
  });
  const used = new Set(messages.flatMap((message) => {
    const owner = outermost(message).typeName;
    return message.fields.flatMap((field) =>
      field.message === undefined || outermost(field.message).typeName === owner ? [] : [field.message.typeName]
    );
  }));
  for (const { typeName, parent, file } of messages) {
    const isOwn = typeName.startsWith("envoy.") && !TALK.test(typeName) || typeName.startsWith("xds.type.") ||
      isAdded(api, file);
    if (isOwn && parent === undefined && !used.has(typeName)) types.add(typeName);
  }
  return [...types].filter((type) => api.message(type) !== undefined).sort();
}

/** Whether a file came from an operator's own descriptors. */
function isAdded(api: Api, file: DescFile): boolean {
  return api.added.has(file.proto.name);
}

function outermost(desc: DescMessage): DescMessage {
  return desc.parent === undefined ? desc : outermost(desc.parent);
}

function bare(url: string): string {
  return url.slice(PREFIX.length);
}

/** A field where people put extensions, and the categories of what fits. */
interface Place {
  /** Name of the union, in `google.protobuf`. */
  readonly name: string;
  readonly categories: readonly string[];
}

/**
 * The places where people put extensions most. Envoy refuses anything else there, so an editor may be short; all other
 * places take everything that an `Any` can hold.
 */
const PLACES: Readonly<Record<string, Place>> = {
  "envoy.config.accesslog.v3.AccessLog.typed_config": { name: "AnyAccessLog", categories: ["envoy.access_loggers"] },
  "envoy.config.cluster.v3.Filter.typed_config": {
    name: "AnyUpstreamNetworkFilter",
    categories: ["envoy.filters.upstream_network"],
  },
  "envoy.config.core.v3.TransportSocket.typed_config": {
    name: "AnyTransportSocket",
    categories: ["envoy.transport_sockets.downstream", "envoy.transport_sockets.upstream"],
  },
  "envoy.config.listener.v3.Filter.typed_config": {
    name: "AnyNetworkFilter",
    categories: ["envoy.filters.network"],
  },
  "envoy.config.listener.v3.ListenerFilter.typed_config": {
    name: "AnyListenerFilter",
    categories: ["envoy.filters.listener", "envoy.filters.udp_listener"],
  },
  "envoy.config.trace.v3.Tracing.Http.typed_config": { name: "AnyTracer", categories: ["envoy.tracers"] },
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.typed_config": {
    name: "AnyHttpFilter",
    categories: ["envoy.filters.http", "envoy.filters.http.upstream"],
  },
};

/** Where Envoy never looks into the message: any type, also one that is in nobody's descriptors. */
const UNREAD: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.Metadata.typed_filter_metadata",
  "envoy.extensions.wasm.v3.PluginConfig.configuration",
  "envoy.extensions.wasm.v3.VmConfig.configuration",
]);

/** Where an `Any` of no type says something: it turns a filter on. */
const MAY_BE_EMPTY = "envoy.config.route.v3.FilterConfig.config";

/** The type of an `Any` in a field, if it is not the union of all. */
export function anyOfField({ parent, name }: DescField): string | undefined {
  const field = `${parent.typeName}.${name}`;
  if (UNREAD.has(field)) return "google.protobuf.UnreadAny";
  if (field === MAY_BE_EMPTY) return "google.protobuf.Any | google.protobuf.Empty";
  const place = PLACES[field];
  return place && `google.protobuf.${place.name}`;
}

/** The declarations of `Messages`, and of everything that {@link anyOfField} refers to. */
export function anyDeclarations(api: Api): string {
  const types = anyTypes(api);
  const rows = types.map((type) => {
    const desc = api.message(type);
    return desc === undefined ? "" : `  "${type}": ${contentOf(desc)};\n`;
  });
  // What an extension of their own is for, only its author knows.
  const own = types.filter((type) => {
    const file = api.message(type)?.file;
    return file !== undefined && isAdded(api, file);
  });
  const places = Object.values(PLACES).map(({ name, categories }) => {
    const names = new Set([...STRUCTS, ...own, ...categories.flatMap((category) => typesOf(category))]);
    const known = [...names].filter((type) => api.message(type) !== undefined).sort();
    return `  type ${name} = Typed<\n${
      known.map((type) => `    | "${type}"\n`).join("")
    }    | keyof OwnMessages\n  >;\n`;
  });
  return `${MESSAGES_START}${rows.join("")}}\n\n${TYPED}\nexport namespace google.protobuf {\n${ANY}${
    places.join("")
  }}\n`;
}

const MESSAGES_START = `/**
 * Messages of an Envoy with extensions of your own, by their full names. Add to it in your adapter:
 *
 *     declare module "./xcp.d.ts" {
 *       interface OwnMessages {
 *         "acme.v1.Filter": { greeting?: string };
 *       }
 *     }
 *
 * With \`xcp types --descriptors FILE\` they are here without that. \`xcp serve\` needs the same file; a
 * \`xds.type.v3.TypedStruct\` needs none.
 */
export interface OwnMessages {}

/** The messages that can stand in a \`google.protobuf.Any\`, by their full names. */
export interface Messages extends OwnMessages {
`;

const TYPED = `/** A message with its \`@type\`: \`Typed<"envoy.extensions.filters.http.router.v3.Router">\`. */
export type Typed<Name extends keyof Messages> = {
  [N in Name]: { "@type": \`type.googleapis.com/\${N}\` } & Messages[N];
}[Name];
`;

const ANY = `  /** A message of any type: \`@type\` says which, and the fields stand beside it. */
  type Any = Typed<keyof Messages>;
  /** A message that Envoy hands on as it is. */
  type UnreadAny = { "@type": string; [field: string]: Value };
`;

/** Types of the extensions of a category. */
function typesOf(category: string): string[] {
  return (EXTENSIONS[category] ?? "").split("\n").flatMap((line) => line.split(" ").slice(1));
}

/** What stands beside `@type`. */
function contentOf(desc: DescMessage): string {
  if (desc.fields.length === 0) return "{}";
  const type = typeReference(desc);
  return wellKnownType(desc.typeName) === undefined ? type : `{ value: ${type} }`;
}
