/**
 * Descriptor files of an operator's own types, to stand beside those of Envoy.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type IndexedFile, indexFiles, topLevelNames } from "./descriptor_index.ts";

/** A serialized `google.protobuf.FileDescriptorSet`, as `protoc -o` and `buf build -o` write it. */
export interface DescriptorFile {
  /** What it is called in an error. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** How to make a file that has all it needs. */
const HOW = "write it with protoc --include_imports -o FILE, or buf build -o FILE.binpb";

/**
 * The files of both, each after its imports, and for each new one the descriptor file that it comes from. A file that is
 * there already is left out: a set with its imports has Envoy's and Google's again.
 *
 * @throws {Error} For what is no such set, for one without an import, and for a type that is there under another path.
 */
export function mergeFiles(
  own: readonly IndexedFile[],
  more: readonly DescriptorFile[],
): { readonly files: readonly IndexedFile[]; readonly origins: ReadonlyMap<string, string> } {
  const paths = new Set(own.map((file) => file.path));
  const files = [...own];
  const origins = new Map<string, string>();
  for (const { name, bytes } of more) {
    const set = parse(name, bytes);
    const added = indexFiles(bytes).filter((file) => !paths.has(file.path));
    for (const file of added) {
      paths.add(file.path);
      origins.set(file.path, name);
    }
    for (const { name: path, dependency } of set.file) {
      const missing = dependency.find((each) => !paths.has(each));
      if (missing === undefined) continue;
      throw new Error(
        `Cannot read descriptors "${name}": "${path}" imports "${missing}", which is not there; ${HOW}`,
      );
    }
    for (const file of added) refuseKnownTypes(name, file, files);
    files.push(...added);
  }
  return { files, origins };
}

function parse(name: string, bytes: Uint8Array): FileDescriptorSet {
  const refuse = (state: string, cause?: unknown): Error =>
    new Error(`Cannot read descriptors "${name}": ${state}; ${HOW}`, { cause });
  if (bytes.length === 0) throw refuse("the file is empty");
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw refuse("the file is compressed");
  let set: FileDescriptorSet;
  try {
    set = fromBinary(FileDescriptorSetSchema, bytes);
  } catch (error) {
    throw refuse("it is no set of descriptors", error);
  }
  const whole = set.file.length > 0 && set.file.every((file) => file.name !== "") && set.$unknown === undefined;
  if (!whole) throw refuse("it is no set of descriptors");
  return set;
}

/** One type under two paths would be two types of one name. */
function refuseKnownTypes(name: string, file: IndexedFile, others: readonly IndexedFile[]): void {
  const types = new Set(topLevelNames(file));
  for (const other of others) {
    if (other.package !== file.package) continue;
    const twice = topLevelNames(other).find((type) => types.has(type));
    if (twice === undefined) continue;
    const typeName = file.package === "" ? twice : `${file.package}.${twice}`;
    throw new Error(
      `Cannot read descriptors "${name}": "${file.path}" defines ${typeName}, which "${other.path}" defines already`,
    );
  }
}
