import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { hasExtensions, indexFiles, topLevelNames } from "./descriptor_index.ts";

function encodedSet(): Uint8Array {
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, {
      file: [
        { name: "bare.proto" },
        {
          name: "full.proto",
          package: "a.b",
          dependency: ["bare.proto"],
          messageType: [{ name: "M".repeat(300), nestedType: [{ name: "Nested" }] }, { name: "Second" }],
          enumType: [{ name: "E", value: [{ name: "ZERO", number: 0 }] }],
          service: [{ name: "S" }],
          extension: [{ name: "x", number: 1071, extendee: ".google.protobuf.FieldOptions" }],
          options: { deprecated: true },
        },
      ],
    }),
  );
}

Deno.test("an index has each file's path and package, in the order of the set", () => {
  assertEquals(indexFiles(encodedSet()).map((file) => [file.path, file.package]), [
    ["bare.proto", ""],
    ["full.proto", "a.b"],
  ]);
  assertEquals(indexFiles(new Uint8Array()), []);
});

Deno.test("the names of a file are those of its top level, of every kind", () => {
  const [bare, full] = indexFiles(encodedSet());
  assert(bare !== undefined && full !== undefined);
  assertEquals(bare === undefined ? [] : topLevelNames(bare), []);
  assertEquals(full === undefined ? [] : topLevelNames(full), ["M".repeat(300), "Second", "E", "S", "x"]);
});

Deno.test("a file that extends something says so, although its options come after the extension", () => {
  assertEquals(indexFiles(encodedSet()).map(hasExtensions), [false, true]);
});

Deno.test("a set that is cut off is an error, not a shorter set", () => {
  const set = encodedSet();
  assertThrows(() => indexFiles(set.subarray(0, set.length - 1)), Error, "it ends inside a field");
  assertThrows(() => indexFiles(Uint8Array.of(0x0a, 0xff)), Error, "it ends inside a number");
  assertThrows(() => indexFiles(Uint8Array.of(0x0f)), Error, "wire type 7");
});
