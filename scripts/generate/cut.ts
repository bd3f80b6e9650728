/**
 * Cuts a descriptor set down to some messages and what they are made of, so that generated types stay readable and
 * quick to check.
 *
 * @module
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** A type at the top level of a file. Nested ones stay and go with it. */
interface TopLevel {
  readonly file: FileDescriptorProto;
  readonly type: DescriptorProto | EnumDescriptorProto;
}

/**
 * The files that define `roots` (full proto names) and all that their fields reach, in the order of `files`, without
 * services, extensions, and custom options. The files given are not changed.
 */
export function cutToTypes(files: readonly FileDescriptorProto[], roots: readonly string[]): FileDescriptorProto[] {
  const index = topLevelTypes(files);
  const kept = new Set<TopLevel["type"]>();
  const imports = new Map<FileDescriptorProto, Set<FileDescriptorProto>>();
  const keep = (typeName: string, importer?: FileDescriptorProto) => {
    const { file, type } = outermost(index, typeName);
    if (importer !== undefined && importer !== file) imports.get(importer)?.add(file);
    if (!imports.has(file)) imports.set(file, new Set());
    if (kept.has(type)) return;
    kept.add(type);
    if (type.$typeName === "google.protobuf.DescriptorProto") {
      for (const reference of fieldTypes(type)) keep(reference, file);
    }
  };
  for (const root of roots) keep(root);
  return files.filter((file) => imports.has(file)).map((file) =>
    create(FileDescriptorProtoSchema, {
      name: file.name,
      package: file.package,
      syntax: file.syntax,
      edition: file.edition,
      dependency: [...imports.get(file) ?? []].map((dependency) => dependency.name).sort(),
      messageType: file.messageType.filter((type) => kept.has(type)).map(withoutCustomOptions),
      enumType: file.enumType.filter((type) => kept.has(type)),
    })
  );
}

function topLevelTypes(files: readonly FileDescriptorProto[]): ReadonlyMap<string, TopLevel> {
  const index = new Map<string, TopLevel>();
  for (const file of files) {
    for (const type of [...file.messageType, ...file.enumType]) {
      index.set(`${file.package}.${type.name}`, { file, type });
    }
  }
  return index;
}

/** The type at the top level that has, or is, the type of this name. */
function outermost(index: ReadonlyMap<string, TopLevel>, typeName: string): TopLevel {
  for (let name = typeName; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    const found = index.get(name);
    if (found !== undefined) return found;
  }
  throw new Error(`Cannot cut the API to "${typeName}": no file defines it`);
}

/** Names of all messages and enums that fields of a message, and of those nested in it, have as their type. */
function fieldTypes(message: DescriptorProto): string[] {
  const own = message.field.map((field) => field.typeName.slice(1)).filter((name) => name !== "");
  return [...own, ...message.nestedType.flatMap(fieldTypes)];
}

/** Custom options would need their files; the generated code asks for none of them. */
function withoutCustomOptions(message: DescriptorProto): DescriptorProto {
  const copy = fromBinary(DescriptorProtoSchema, toBinary(DescriptorProtoSchema, message));
  const strip = (inner: DescriptorProto) => {
    const holders = [inner, ...inner.field, ...inner.oneofDecl, ...inner.enumType];
    const values = inner.enumType.flatMap((type) => type.value);
    for (const { options } of [...holders, ...values]) delete options?.$unknown;
    inner.nestedType.forEach(strip);
  };
  strip(copy);
  return copy;
}
