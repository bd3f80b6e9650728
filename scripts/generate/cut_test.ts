import { create } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import {
  FieldDescriptorProto_Type,
  type FieldOptions,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { assertEquals, assertThrows } from "@std/assert";
import { cutToTypes } from "./cut.ts";

function reference(name: string, typeName: string) {
  return { name, type: FieldDescriptorProto_Type.MESSAGE, typeName };
}

function withCustomOption(): FieldOptions {
  const options = create(FieldOptionsSchema, { deprecated: true });
  options.$unknown = [{ no: 1071, wireType: WireType.LengthDelimited, data: Uint8Array.of(0) }];
  return options;
}

function files(): FileDescriptorProto[] {
  return [
    create(FileDescriptorProtoSchema, { name: "far.proto", package: "far", messageType: [{ name: "Far" }] }),
    create(FileDescriptorProtoSchema, {
      name: "base.proto",
      package: "base",
      messageType: [{ name: "Used", nestedType: [{ name: "Inner" }] }, {
        name: "Unused",
        field: [reference("far", ".far.Far")],
      }],
      enumType: [{ name: "UnusedEnum" }],
      dependency: ["far.proto"],
    }),
    create(FileDescriptorProtoSchema, {
      name: "top.proto",
      package: "top",
      dependency: ["far.proto", "base.proto"],
      messageType: [{
        name: "Root",
        field: [{
          ...reference("inner", ".base.Used.Inner"),
          options: withCustomOption(),
        }, reference("self", ".top.Root")],
      }],
      service: [{ name: "Service" }],
    }),
  ];
}

Deno.test("keeps a root, the top-level type around each nested one that it reaches, and the imports for those", () => {
  const cut = cutToTypes(files(), ["top.Root"]);
  assertEquals(
    cut.map((file) => [file.name, file.messageType.map((type) => type.name), file.dependency]),
    [["base.proto", ["Used"], []], ["top.proto", ["Root"], ["base.proto"]]],
  );
  assertEquals(cut.map((file) => file.enumType.length + file.service.length), [0, 0]);
});

Deno.test("custom options go, `deprecated` stays, and the input keeps both", () => {
  const input = files();
  const options = cutToTypes(input, ["top.Root"])[1]?.messageType[0]?.field[0]?.options;
  assertEquals([options?.deprecated, options?.$unknown], [true, undefined]);
  assertEquals(input[2]?.messageType[0]?.field[0]?.options?.$unknown?.length, 1);
});

Deno.test("a root that no file defines is an error", () => {
  assertThrows(() => cutToTypes(files(), ["top.Rot"]), Error, 'Cannot cut the API to "top.Rot": no file defines it');
});
