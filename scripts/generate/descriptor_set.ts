/**
 * From the descriptors of many Go modules to one `google.protobuf.FileDescriptorSet`: Envoy's v3 API and all that it
 * imports, each file after its imports.
 *
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { descriptorLiterals } from "./go_literals.ts";

/** One file of the set, parsed and as the bytes that it came as. */
export interface ProtoFile {
  readonly proto: FileDescriptorProto;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * What the set is grown from. v2 is gone from Envoy and still registered by the Go module. `xds` and `udpa` have
 * messages that only an `Any` names (`xds.type.v3.TypedStruct`), so no import leads there; the same goes for the types
 * that every proto has at hand. The last are the services that any gRPC server offers beside its own.
 */
const ROOTS = [
  /^envoy\/(.+\/)?v3\//,
  /^envoy\/annotations\//,
  /^(xds|udpa)\//,
  /^google\/protobuf\/(any|duration|empty|field_mask|struct|timestamp|wrappers)\.proto$/,
  /^grpc\/(health|reflection)\//,
];

/** All descriptors in the `.pb.go` files of a folder, by proto path. Test data may disagree: a path keeps all contents. */
export async function readDescriptors(folder: string, into: Map<string, ProtoFile[]>): Promise<void> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  for (const { name, isDirectory } of entries) {
    const path = `${folder}/${name}`;
    if (isDirectory) await readDescriptors(path, into);
    else if (name.endsWith(".pb.go") && !name.endsWith("_vtproto.pb.go")) {
      for (const bytes of descriptorLiterals(await Deno.readTextFile(path))) {
        const proto = fromBinary(FileDescriptorProtoSchema, bytes);
        const known = into.get(proto.name) ?? [];
        if (!known.some((file) => equalBytes(file.bytes, bytes))) into.set(proto.name, [...known, { proto, bytes }]);
      }
    }
  }
}

/** The roots and their imports, every file after the files it imports, otherwise by name. */
export function selectFiles(all: ReadonlyMap<string, readonly ProtoFile[]>): ProtoFile[] {
  const selected = new Map<string, ProtoFile>();
  const visit = (path: string, importer: string) => {
    if (selected.has(path)) return;
    const [file, other] = all.get(path) ?? [];
    if (file === undefined) throw new Error(`Cannot find "${path}": no module has it, and "${importer}" imports it`);
    if (other !== undefined) throw new Error(`Cannot choose "${path}": two modules have it, with different content`);
    if (file.proto.sourceCodeInfo !== undefined) throw new Error(`Cannot take "${path}": it carries source info`);
    for (const dependency of file.proto.dependency.toSorted()) visit(dependency, path);
    selected.set(path, file);
  };
  for (const path of [...all.keys()].sort()) if (ROOTS.some((root) => root.test(path))) visit(path, "the set");
  return [...selected.values()];
}

/** The set on the wire: field 1 for each file, the file's bytes untouched. */
export function encodeSet(files: readonly ProtoFile[]): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  for (const { bytes } of files) writer.tag(1, WireType.LengthDelimited).bytes(bytes);
  return writer.finish();
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
