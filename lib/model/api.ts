/**
 * The Envoy API at run time: every message of `proto/envoy.binpb`, each built when somebody first asks for it.
 *
 * The set is part of this module, so import the module where it is needed, not at start-up:
 * `const { loadApi } = await import("../model/api.ts")`.
 *
 * @module
 */
import {
  createFileRegistry,
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescService,
  fromBinary,
  type Registry,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import envoySet from "../../proto/envoy.binpb" with { type: "bytes" };
import { ENVOY_API_VERSION } from "../gen/version.ts";
import { type DescriptorFile, mergeFiles } from "./api_extension.ts";
import { hasExtensions, importsOf, type IndexedFile, indexFiles, topLevelNames } from "./descriptor_index.ts";

type DescType = DescMessage | DescEnum | DescExtension | DescService;

/** All descriptors of one release of Envoy. Names are full proto names without a leading dot or a type URL's prefix. */
export interface Api {
  /** The release of Envoy that the API belongs to: `1.40.0`. */
  readonly version: string;
  /** `envoy.config.cluster.v3.Cluster`, also nested: `envoy.config.cluster.v3.Cluster.CommonLbConfig`. */
  message(typeName: string): DescMessage | undefined;
  enum(typeName: string): DescEnum | undefined;
  /** For `getOption`: `validate.rules`, `udpa.annotations.sensitive`, `envoy.annotations.deprecated_at_minor_version`. */
  extension(typeName: string): DescExtension | undefined;
  /** A file by its proto path: `envoy/config/cluster/v3/cluster.proto`. */
  file(path: string): DescFile | undefined;
  /** A file as the bytes that it came as, a serialized `google.protobuf.FileDescriptorProto`. Builds nothing. */
  descriptor(path: string): Uint8Array | undefined;
  /** Proto paths of what a file imports. Builds nothing. */
  imports(path: string): readonly string[];
  /** All extensions of a message; only the messages of options have any. */
  extensionsOf(typeName: string): readonly DescExtension[];
  /** For `toJson` and `fromJson` of protobuf-es: resolves whatever an `Any` holds. Iterating it builds every file. */
  readonly registry: Registry;
  /** Proto paths of all files, each after its imports. */
  readonly paths: readonly string[];
  /** Those of the paths that are not of Envoy, but of descriptor files that were given beside it. */
  readonly added: ReadonlySet<string>;
  /** How many files have been built so far. */
  readonly loadedFiles: number;
}

/**
 * The Envoy API of this build. Nothing but an index is read until the first look-up, which builds the file of that
 * type and its imports. Each call makes its own memory: make one and hand it on.
 *
 * @param more Types that Envoy's API does not have. Of a file that both have, Envoy's counts.
 * @throws {Error} That says which of the files is none, or what it lacks.
 */
export function loadApi(more: readonly DescriptorFile[] = []): Api {
  return createApi(ENVOY_API_VERSION, envoySet, more);
}

/** An API from any serialized `google.protobuf.FileDescriptorSet` that holds its own imports. Keeps the bytes. */
export function createApi(version: string, set: Uint8Array, more: readonly DescriptorFile[] = []): Api {
  const own = indexFiles(set);
  if (more.length === 0) return new LazyApi(version, own);
  const { files, origins } = mergeFiles(own, more);
  const api = new LazyApi(version, files, new Set(origins.keys()));
  for (const [path, origin] of origins) checkFile(api, path, origin);
  return api;
}

/** What the codec would stumble over is found when the file is read, not when a resource comes. */
function checkFile(api: Api, path: string, origin: string): void {
  let file: DescFile | undefined;
  try {
    file = api.file(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot read descriptors "${origin}": "${path}" cannot be used: ${why}`, { cause: error });
  }
  for (const type of file === undefined ? [] : nestedTypes(file)) {
    const group = type.kind === "message" ? type.fields.find((field) => hasGroups(field)) : undefined;
    if (group === undefined) continue;
    throw new Error(`Cannot read descriptors "${origin}": "${group.parent.typeName}.${group.name}" is a group`);
  }
}

function hasGroups(field: DescField): boolean {
  return (field.fieldKind === "message" || field.fieldKind === "list" && field.listKind === "message") &&
    field.delimitedEncoding;
}

/** A name does not say where its package ends: `a.b.C.D` is `D` inside `C` of `a.b`, or `D` of `a.b.C`. */
function* packagesOf(typeName: string): Iterable<string> {
  for (let name = typeName; name !== "";) {
    name = name.slice(0, Math.max(0, name.lastIndexOf(".")));
    yield name;
  }
}

class LazyApi implements Api {
  readonly paths: readonly string[];
  readonly registry: Registry;
  readonly #byPath: ReadonlyMap<string, IndexedFile>;
  readonly #byPackage = new Map<string, IndexedFile[]>();
  /** File of each top-level type, for the packages that were asked for. */
  readonly #fileOfType = new Map<string, ReadonlyMap<string, IndexedFile>>();
  readonly #files = new Map<string, DescFile>();
  readonly #types = new Map<string, DescType>();

  constructor(
    readonly version: string,
    index: readonly IndexedFile[],
    readonly added: ReadonlySet<string> = new Set(),
  ) {
    this.paths = index.map((file) => file.path);
    this.#byPath = new Map(index.map((file) => [file.path, file]));
    for (const file of index) {
      const others = this.#byPackage.get(file.package);
      if (others === undefined) this.#byPackage.set(file.package, [file]);
      else others.push(file);
    }
    this.registry = this.#createRegistry();
  }

  get loadedFiles(): number {
    return this.#files.size;
  }

  message(typeName: string): DescMessage | undefined {
    const type = this.#type(typeName);
    return type?.kind === "message" ? type : undefined;
  }

  enum(typeName: string): DescEnum | undefined {
    const type = this.#type(typeName);
    return type?.kind === "enum" ? type : undefined;
  }

  extension(typeName: string): DescExtension | undefined {
    const type = this.#type(typeName);
    return type?.kind === "extension" ? type : undefined;
  }

  file(path: string): DescFile | undefined {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const indexed = this.#byPath.get(path);
    return indexed && this.#build(indexed);
  }

  descriptor(path: string): Uint8Array | undefined {
    return this.#byPath.get(path)?.bytes;
  }

  imports(path: string): readonly string[] {
    const indexed = this.#byPath.get(path);
    return indexed === undefined ? [] : importsOf(indexed);
  }

  extensionsOf(typeName: string): readonly DescExtension[] {
    const extendee = this.message(typeName);
    if (extendee === undefined || extendee.proto.extensionRange.length === 0) return [];
    return [...this.#byPath.values()].filter(hasExtensions)
      .flatMap(({ path }) => this.file(path)?.extensions ?? [])
      .filter((extension) => extension.extendee.typeName === typeName);
  }

  #type(typeName: string): DescType | undefined {
    const known = this.#types.get(typeName);
    if (known !== undefined) return known;
    for (const name of packagesOf(typeName)) {
      const [outermost = ""] = typeName.slice(name === "" ? 0 : name.length + 1).split(".", 1);
      const file = this.#filesOfPackage(name).get(outermost);
      if (file === undefined) continue;
      this.file(file.path);
      return this.#types.get(typeName);
    }
    return undefined;
  }

  /** Simple name of each top-level type of a package, with its file. */
  #filesOfPackage(name: string): ReadonlyMap<string, IndexedFile> {
    const known = this.#fileOfType.get(name);
    if (known !== undefined) return known;
    const found = new Map<string, IndexedFile>();
    const files = this.#byPackage.get(name);
    // Names come from strangers: of what is not there, nothing is kept.
    if (files === undefined) return found;
    for (const file of files) {
      for (const type of topLevelNames(file)) found.set(type, file);
    }
    this.#fileOfType.set(name, found);
    return found;
  }

  #build({ path, bytes }: IndexedFile): DescFile {
    const proto = fromBinary(FileDescriptorProtoSchema, bytes);
    const file = createFileRegistry(proto, (dependency) => this.#importable(dependency)).getFile(path);
    if (file === undefined) throw new Error(`Cannot read "${path}" of the Envoy API: the registry lost it`);
    this.#files.set(path, file);
    for (const type of nestedTypes(file)) this.#types.set(type.typeName, type);
    return file;
  }

  /**
   * A file as its importers need it: with its own types, and with the imports that it passes on. protobuf-es follows
   * `dependencies` along every path of the graph, and there are millions of paths.
   */
  #importable(path: string): DescFile | undefined {
    const file = this.file(path);
    if (file === undefined) return undefined;
    const dependencies = file.proto.publicDependency
      .map((index) => this.#importable(file.proto.dependency[index] ?? ""))
      .filter((dependency) => dependency !== undefined);
    return { ...file, dependencies };
  }

  #createRegistry(): Registry {
    const every = () => {
      for (const path of this.paths) this.file(path);
      return this.#types.values();
    };
    return {
      kind: "registry",
      [Symbol.iterator]: every,
      get: (typeName) => this.#type(typeName),
      getMessage: (typeName) => this.message(typeName),
      getEnum: (typeName) => this.enum(typeName),
      getExtension: (typeName) => this.extension(typeName),
      getExtensionFor: (extendee, number) => this.#extensionFor(extendee, number),
      getService: (typeName) => {
        const type = this.#type(typeName);
        return type?.kind === "service" ? type : undefined;
      },
    };
  }

  /** protobuf-es asks this for every unknown field that it prints, and only options can be extended here. */
  #extensionFor(extendee: DescMessage, number: number): DescExtension | undefined {
    if (extendee.proto.extensionRange.length === 0) return undefined;
    for (const indexed of this.#byPath.values()) {
      if (!hasExtensions(indexed)) continue;
      const found = this.file(indexed.path)?.extensions.find((extension) =>
        extension.number === number && extension.extendee.typeName === extendee.typeName
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
