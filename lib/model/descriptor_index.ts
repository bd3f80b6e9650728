/**
 * Finds files in a serialized `google.protobuf.FileDescriptorSet` without decoding it. Start-up reads two short fields
 * of each file; the names of types are read for the packages that somebody asks for.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @module
 */

/** A file of the set: where it is, and its package. */
export interface IndexedFile {
  /** Proto path: `envoy/config/cluster/v3/cluster.proto`. */
  readonly path: string;
  readonly package: string;
  /** The serialized `google.protobuf.FileDescriptorProto`: a view, not a copy. */
  readonly bytes: Uint8Array;
}

/** Field numbers of `FileDescriptorProto`. */
const FILE = { name: 1, package: 2, dependency: 3, messageType: 4, enumType: 5, service: 6, extension: 7 } as const;
/** Fields of a file that name a type; in a message, enum, service and extension alike the name is field 1. */
const NAMING: ReadonlySet<number> = new Set([FILE.messageType, FILE.enumType, FILE.service, FILE.extension]);

/** Calls `visit` for each length-delimited field of a message, until it says true. All other fields are skipped. */
function eachField(bytes: Uint8Array, visit: (field: number, start: number, end: number) => boolean): void {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; at < bytes.length; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new Error("Cannot read the descriptor set: it ends inside a number");
  };
  while (at < bytes.length) {
    const tag = varint();
    switch (tag & 7) {
      case 0:
        varint();
        break;
      case 1:
        at += 8;
        break;
      case 2: {
        const length = varint();
        const start = at;
        at += length;
        if (at > bytes.length) throw new Error("Cannot read the descriptor set: it ends inside a field");
        if (visit(tag >>> 3, start, at)) return;
        break;
      }
      case 5:
        at += 4;
        break;
      default:
        throw new Error(`Cannot read the descriptor set: a field has the wire type ${tag & 7}`);
    }
  }
}

/** Every file of a set, in the order of the set (imports first). */
export function indexFiles(set: Uint8Array): IndexedFile[] {
  const decoder = new TextDecoder();
  const files: IndexedFile[] = [];
  eachField(set, (_, from, to) => {
    const bytes = set.subarray(from, to);
    let path = "";
    let name = "";
    eachField(bytes, (field, start, end) => {
      if (field === FILE.name) path = decoder.decode(bytes.subarray(start, end));
      if (field === FILE.package) name = decoder.decode(bytes.subarray(start, end));
      // Serializers write fields in the order of their numbers: what comes behind the package is not needed here.
      return field >= FILE.package;
    });
    files.push({ path, package: name, bytes });
    return false;
  });
  return files;
}

/** Simple names of the messages, enums, services and extensions at the top level of a file. */
export function topLevelNames(file: IndexedFile): string[] {
  const decoder = new TextDecoder();
  const names: string[] = [];
  eachField(file.bytes, (field, from, to) => {
    if (NAMING.has(field)) {
      const bytes = file.bytes.subarray(from, to);
      eachField(bytes, (inner, start, end) => {
        if (inner === 1) names.push(decoder.decode(bytes.subarray(start, end)));
        return inner >= 1;
      });
    }
    return false;
  });
  return names;
}

/** Whether a file extends anything at its top level (`validate.rules` is an extension of `google.protobuf.FieldOptions`). */
export function hasExtensions(file: IndexedFile): boolean {
  let found = false;
  eachField(file.bytes, (field) => found = field === FILE.extension);
  return found;
}

/** Proto paths of the files that a file imports, in its own order. */
export function importsOf(file: IndexedFile): string[] {
  const decoder = new TextDecoder();
  const paths: string[] = [];
  eachField(file.bytes, (field, start, end) => {
    if (field === FILE.dependency) paths.push(decoder.decode(file.bytes.subarray(start, end)));
    return field > FILE.dependency;
  });
  return paths;
}
