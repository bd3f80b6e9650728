import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  type FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadApi } from "./api.ts";

type File = MessageInitShape<typeof FileDescriptorProtoSchema>;

function set(...file: File[]): Uint8Array {
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file }));
}

const load = (...sets: Uint8Array[]) => loadApi(sets.map((bytes, i) => ({ name: `${"abc"[i]}.binpb`, bytes })));
const CLUSTER_FILE = "envoy/config/cluster/v3/cluster.proto";

/** A message with one field, which is of the type `of`. */
function holder(path: string, of: string, dependency: string[], more: File = {}): File {
  const field = { name: "held", number: 1, label: Label.OPTIONAL, type: Type.MESSAGE, typeName: `.${of}` };
  return {
    name: path,
    package: "mine",
    syntax: "proto3",
    dependency,
    messageType: [{ name: "Holder", field: [field] }],
    ...more,
  };
}

Deno.test("types of a descriptor file stand beside those of Envoy and use them", () => {
  const api = load(set(holder("mine.proto", "envoy.config.cluster.v3.Cluster", [CLUSTER_FILE])));
  assertEquals(api.message("mine.Holder")?.field["held"]?.message, api.message("envoy.config.cluster.v3.Cluster"));
  assertEquals([...api.added], ["mine.proto"]);
  assertEquals(loadApi().added.size, 0);
  assert(api.paths.includes("mine.proto"));
});

Deno.test("a type without a package is found, and what is in it", () => {
  const file: File = { name: "m.proto", syntax: "proto3", messageType: [{ name: "A", nestedType: [{ name: "B" }] }] };
  const api = load(set(file));
  assertEquals([api.message("A")?.typeName, api.message("A.B")?.typeName], ["A", "A.B"]);
  assertEquals(api.message("B"), undefined);
});

Deno.test("a file that Envoy's API has is left out of a set with its imports", () => {
  const theirs: File = { name: CLUSTER_FILE, package: "envoy.config.cluster.v3", messageType: [{ name: "Cluster" }] };
  const api = load(set(theirs, holder("mine.proto", "envoy.config.cluster.v3.Cluster", [CLUSTER_FILE])));
  assert((api.message("envoy.config.cluster.v3.Cluster")?.fields.length ?? 0) > 10);
  assertEquals([...api.added], ["mine.proto"]);
});

Deno.test("a file may import what an earlier one has, and be in both", () => {
  const base: File = { name: "base.proto", package: "base", syntax: "proto3", messageType: [{ name: "Base" }] };
  const api = load(set(base), set(base, holder("mine.proto", "base.Base", ["base.proto"])));
  assertEquals(api.message("mine.Holder")?.field["held"]?.message, api.message("base.Base"));
});

Deno.test("a file that is no set of descriptors is an error that says so, and how to make one", () => {
  const how = "; write it with protoc --include_imports -o FILE, or buf build -o FILE.binpb";
  const table: [Uint8Array, string][] = [
    [new Uint8Array(), "the file is empty"],
    [new Uint8Array([0x1f, 0x8b, 8, 0]), "the file is compressed"],
    [new TextEncoder().encode('{"file": []}'), "it is no set of descriptors"],
    [new TextEncoder().encode('syntax = "proto3";\n'), "it is no set of descriptors"],
    [set(), "the file is empty"],
    [set({}), "it is no set of descriptors"],
    [set({ name: "a.proto" }).slice(0, -1), "it is no set of descriptors"],
    [new Uint8Array([0x12, 1, 0x61]), "it is no set of descriptors"],
  ];
  for (const [bytes, state] of table) {
    const error = assertThrows(() => load(bytes), Error);
    assertEquals(error.message, `Cannot read descriptors "a.binpb": ${state}${how}`);
  }
});

Deno.test("what a file lacks, or has a second time, is an error", () => {
  const cluster: File = { name: "x.proto", package: "envoy.config.cluster.v3", messageType: [{ name: "Cluster" }] };
  const group: File = {
    name: "g.proto",
    package: "mine",
    syntax: "proto2",
    messageType: [{
      name: "M",
      nestedType: [{ name: "G" }],
      field: [{ name: "g", number: 1, label: Label.OPTIONAL, type: Type.GROUP, typeName: ".mine.M.G" }],
    }],
  };
  const table: [File, string][] = [
    [holder("mine.proto", "base.Base", ["base.proto"]), '"mine.proto" imports "base.proto", which is not there'],
    [holder("mine.proto", "gone.Gone", []), '"mine.proto" cannot be used'],
    [cluster, `"x.proto" defines envoy.config.cluster.v3.Cluster, which "${CLUSTER_FILE}" defines already`],
    [group, '"mine.M.g" is a group'],
  ];
  for (const [file, state] of table) {
    const error = assertThrows(() => load(set(file)), Error);
    assert(error.message.startsWith(`Cannot read descriptors "a.binpb": ${state}`), error.message);
  }
});
