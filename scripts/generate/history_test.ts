import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { assertEquals } from "@std/assert";
import { additions, historyModule, type Release } from "./history.ts";

/** `name`, or `name: Type` of the same package. */
function message(name: string, fields: string[], nestedType: DescriptorProto[] = []): DescriptorProto {
  const field = fields.map((text) => {
    const [name = "", type] = text.split(": ");
    return type === undefined
      ? { name, type: FieldDescriptorProto_Type.STRING }
      : { name, type: FieldDescriptorProto_Type.MESSAGE, typeName: `.envoy.a.v3.${type}` };
  });
  return create(DescriptorProtoSchema, { name, field, nestedType });
}

function release(name: string, messageType: DescriptorProto[], values: string[], ofPackage = "envoy.a.v3"): Release {
  const enumType = [create(EnumDescriptorProtoSchema, { name: "E", value: values.map((name) => ({ name })) })];
  return { name, files: [create(FileDescriptorProtoSchema, { package: ofPackage, messageType, enumType })] };
}

function linesOf(...releases: Release[]): Record<string, readonly string[]> {
  return Object.fromEntries(additions(releases));
}

Deno.test("each release has what the one before it has not: fields and values of what is old, and new messages", () => {
  const first = release("1.1", [message("Old", ["b"])], ["X"]);
  const second = release("1.2", [message("Old", ["b", "c", "a"]), message("New", ["x"])], ["X"]);
  const third = release("1.3", [message("Old", ["b", "c", "a"]), message("New", ["x", "y"])], ["Y", "X"]);
  assertEquals(linesOf(first, second, third), {
    "1.2": ["envoy.a.v3.New", "envoy.a.v3.Old a c"],
    "1.3": ["envoy.a.v3.E Y", "envoy.a.v3.New y"],
  });
});

Deno.test("a new message that a field holds is not listed, be the field of a map or of a message that is new", () => {
  const entry = message("FEntry", ["key", "value: InMap"]);
  entry.options = { $typeName: "google.protobuf.MessageOptions", mapEntry: true } as NonNullable<typeof entry.options>;
  const old = message("Old", ["a", "f: Old.FEntry", "g: Held"], [entry]);
  const root = message("Root", ["n: Root.Nested"], [message("Nested", ["back: Root", "self: Root.Nested"])]);
  assertEquals(
    linesOf(
      release("1", [message("Old", ["a"])], []),
      release("2", [old, message("Held", []), message("InMap", []), root], []),
    ),
    { "2": ["envoy.a.v3.Old f g", "envoy.a.v3.Root"] },
  );
});

Deno.test("what goes, and what is not of Envoy's own packages, leaves no trace", () => {
  const before = release("1", [message("Gone", ["a"])], ["X"]);
  assertEquals(linesOf(before, release("2", [], [])), { "2": [] });
  const between = release("2", [message("Gone", ["a", "b"]), message("New", []), message("Kept", ["x"])], ["X", "Y"]);
  const after = release("3", [message("Gone", ["a"]), message("Kept", ["x"])], ["X"]);
  assertEquals(linesOf(before, between, after), { "2": ["envoy.a.v3.Kept"], "3": [] });
  for (const name of ["envoy.api.v2", "envoy.a.v4", "xds.a.v3"]) {
    assertEquals(linesOf(release("1", [], [], name), release("2", [message("New", [])], [], name)), { "2": [] }, name);
  }
});

Deno.test("the module is text that holds the lines in their order", () => {
  const text = historyModule(new Map([["1.2", ["a.B", "a.C d e"]], ["1.3", []]]));
  assertEquals(text.slice(text.indexOf("= {")), '= {\n  "1.2": `\na.B\na.C d e\n`,\n  "1.3": `\n\n`,\n};\n');
});
