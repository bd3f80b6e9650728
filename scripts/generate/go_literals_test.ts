import { assertEquals, assertThrows } from "@std/assert";
import { descriptorLiterals } from "./go_literals.ts";

function text(source: string): string[] {
  return descriptorLiterals(source).map((bytes) =>
    [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  );
}

Deno.test("reads a string of several pieces, each Go escape as its byte", () => {
  const source = String.raw`
const file_a_b_proto_rawDesc = "" +
	"\n" +
	"\x05a\x00\"\\\a\b\t\v\f\r" +
	"\377\u00e9\U0001F600é"

var other = "x"
`;
  assertEquals(text(source), ["0a" + "056100225c070809" + "0b0c0d" + "ffc3a9f09f9880c3a9"]);
});

Deno.test("reads a byte slice", () => {
  assertEquals(text("var file_a_proto_rawDesc = []byte{\n\t0x0a, 0x1f,\n\t0xff,\n}\nvar x = []byte{0x01}\n"), [
    "0a1fff",
  ]);
});

Deno.test("a file without a descriptor has none, a file with two has two", () => {
  assertEquals(text("package x\n\nfunc file_a_proto_rawDescGZIP() []byte { return nil }\n"), []);
  assertEquals(text('const file_a_rawDesc = "" +\n\t"a"\nconst file_b_rawDesc = "" +\n\t"b"\n'), ["61", "62"]);
});

Deno.test("an escape that Go does not know is an error", () => {
  assertThrows(() => text('const file_a_rawDesc = "" +\n\t"\\q"\n'), Error, 'Cannot read the Go escape "\\q"');
});
