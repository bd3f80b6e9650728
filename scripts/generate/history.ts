/**
 * What each release of Envoy added to the API. The descriptors of one release do not say it: those of several are
 * compared.
 *
 * @module
 */
import type { DescriptorProto, EnumDescriptorProto, FileDescriptorProto } from "@bufbuild/protobuf/wkt";

/** The files of one release: `1.38`. */
export interface Release {
  readonly name: string;
  readonly files: readonly FileDescriptorProto[];
}

/** What others brought (`xds`, OpenTelemetry, CEL) has releases of its own. */
const ENVOY_PACKAGE = /^envoy\.(.+\.)?v3$/;

/**
 * Of each release but the first, in order: one line for each new message and for each older message or enum with new
 * members (`envoy.config.cluster.v3.Cluster new_field other_field`), sorted.
 *
 * Of new messages only those that no field of another has as its type: the others are met in fields that are new too, or
 * in messages that are. What is gone from the last release is not listed either: there it is unknown.
 */
export function additions(releases: readonly Release[]): ReadonlyMap<string, readonly string[]> {
  const all = releases.map(({ name, files }) => ({ name, types: typesOf(files) }));
  const last = all.at(-1)?.types ?? new Map<string, ApiType>();
  const added = new Map<string, readonly string[]>();
  for (const [i, { name, types }] of all.entries()) {
    const before = all[i - 1]?.types;
    if (before !== undefined) added.set(name, linesOf(types, before, last));
  }
  return added;
}

/** The additions as a module of TypeScript: strings, which cost nothing until somebody asks. */
export function historyModule(added: ReadonlyMap<string, readonly string[]>): string {
  const rows = [...added].map(([release, lines]) => `  "${release}": \`\n${lines.join("\n")}\n\`,\n`);
  return `// Made by \`deno task generate\`; do not edit.
/**
 * What each release of Envoy added to the API, a line for each message or enum: alone, the message is new; before names,
 * these are its new fields or values. Fields of new messages, and messages that only new fields hold, are not listed.
 */
export const ADDED: Readonly<Record<string, string>> = {
${rows.join("")}};
`;
}

/** A message or an enum. */
interface ApiType {
  readonly kind: "message" | "enum";
  readonly members: ReadonlySet<string>;
  /** Names of the types of its fields; its own nested types have theirs. */
  readonly uses: readonly string[];
}

/** By full name. */
type ApiTypes = ReadonlyMap<string, ApiType>;

function linesOf(types: ApiTypes, before: ApiTypes, last: ApiTypes): string[] {
  const held = new Set<string>();
  for (const [name, { uses }] of types) {
    // A message that holds itself, by way of its nested messages as well, is not held by another.
    for (const used of uses) if (used !== name && !name.startsWith(`${used}.`)) held.add(used);
  }
  const lines: string[] = [];
  for (const [name, { kind, members }] of types) {
    const old = before.get(name);
    const now = last.get(name);
    if (now === undefined) continue;
    if (old === undefined) {
      if (kind === "message" && !held.has(name)) lines.push(name);
      continue;
    }
    const more = [...members].filter((member) => !old.members.has(member) && now.members.has(member)).sort();
    if (more.length > 0) lines.push([name, ...more].join(" "));
  }
  return lines.sort();
}

function typesOf(files: readonly FileDescriptorProto[]): ApiTypes {
  const types = new Map<string, ApiType>();
  const addEnum = (scope: string, type: EnumDescriptorProto) => {
    types.set(`${scope}.${type.name}`, {
      kind: "enum",
      members: new Set(type.value.map(({ name }) => name)),
      uses: [],
    });
  };
  const addMessage = (scope: string, message: DescriptorProto) => {
    const name = `${scope}.${message.name}`;
    // An entry of a map is no message of anybody's: what it holds, its owner holds.
    const entries = message.nestedType.filter((nested) => nested.options?.mapEntry === true);
    const uses = [message, ...entries].flatMap(({ field }) => field.map(({ typeName }) => typeName.slice(1)));
    types.set(name, { kind: "message", members: new Set(message.field.map((field) => field.name)), uses });
    for (const nested of message.nestedType) if (!entries.includes(nested)) addMessage(name, nested);
    for (const nested of message.enumType) addEnum(name, nested);
  };
  for (const file of files) {
    if (!ENVOY_PACKAGE.test(file.package)) continue;
    for (const message of file.messageType) addMessage(file.package, message);
    for (const type of file.enumType) addEnum(file.package, type);
  }
  return types;
}
