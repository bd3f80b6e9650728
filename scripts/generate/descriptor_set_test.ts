import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assertEquals, assertThrows } from "@std/assert";
import { encodeSet, type ProtoFile, selectFiles } from "./descriptor_set.ts";

function file(name: string, ...dependency: string[]): [string, ProtoFile[]] {
  const proto = create(FileDescriptorProtoSchema, { name, dependency });
  return [name, [{ proto, bytes: toBinary(FileDescriptorProtoSchema, proto) }]];
}

function select(...all: [string, ProtoFile[]][]): string[] {
  return selectFiles(new Map(all)).map((one) => one.proto.name);
}

Deno.test("takes v3 and its imports, imports first, whatever the order of the input", () => {
  const all = [
    file("envoy/b/v3/b.proto", "lib/z.proto", "envoy/b/v3/c.proto"),
    file("lib/unused.proto"),
    file("envoy/b/v3/c.proto"),
    file("lib/z.proto", "lib/a.proto"),
    file("lib/a.proto"),
    file("envoy/api/v2/old.proto"),
    file("xds/type/v3/typed_struct.proto"),
  ];
  const wanted = [
    "envoy/b/v3/c.proto",
    "lib/a.proto",
    "lib/z.proto",
    "envoy/b/v3/b.proto",
    "xds/type/v3/typed_struct.proto",
  ];
  assertEquals(select(...all), wanted);
  assertEquals(select(...all.toReversed()), wanted);
});

Deno.test("an import that no module has, and one that two have differently, are errors", () => {
  assertThrows(() => select(file("envoy/v3/a.proto", "b.proto")), Error, '"envoy/v3/a.proto" imports it');
  const [name, [one]] = file("b.proto");
  if (one === undefined) throw new Error("no file");
  assertThrows(() => select(file("envoy/v3/a.proto", "b.proto"), [name, [one, one]]), Error, "with different content");
});

Deno.test("the encoded set is a FileDescriptorSet of the same files", () => {
  const selected = selectFiles(new Map([file("envoy/v3/a.proto", "b.proto"), file("b.proto")]));
  const set = fromBinary(FileDescriptorSetSchema, encodeSet(selected));
  assertEquals(set.file, selected.map((one) => one.proto));
});
