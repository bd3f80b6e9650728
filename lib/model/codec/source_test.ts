import { assertEquals } from "@std/assert";
import { Source } from "./source.ts";

Deno.test("lines end with LF, CR LF or CR, and columns count from one", () => {
  const source = new Source("f", "a\nbb\r\n\rd");
  const places = [0, 1, 2, 4, 6, 7, 8].map((offset) => {
    const { line, column } = source.position(offset);
    return `${line}:${column}`;
  });
  assertEquals(places, ["1:1", "1:2", "2:1", "2:3", "3:1", "4:1", "4:2"]);
});

Deno.test("bytes that are not UTF-8 are an issue, and leave nothing to read", () => {
  const source = new Source("f", new Uint8Array([0x61, 0xff]));
  assertEquals(source.text, "");
  assertEquals(source.issues().map((issue) => issue.rule), ["not-utf8"]);
});

Deno.test("a byte order mark is no part of the text", () => {
  assertEquals(new Source("f", "\ufeffa").text, "a");
  assertEquals(new Source("f", new Uint8Array([0xef, 0xbb, 0xbf, 0x61])).text, "a");
});

Deno.test("issues come in the order of the text, each place and message once", () => {
  const source = new Source("f", "ab\ncd");
  source.issue({ rule: "unknown-field", offset: 4, message: "late" });
  source.issue({ rule: "unknown-field", offset: 1, message: "early" });
  source.issue({ rule: "unknown-field", offset: 4, message: "late", path: "again" });
  assertEquals(source.issues().map((issue) => issue.message), ["early", "late"]);
});

Deno.test("of a text with thousands of issues the first ones are kept, and the others counted", () => {
  const source = new Source("f", "x".repeat(30_000));
  for (let offset = 0; offset < 30_000; offset++) {
    source.issue({ rule: "unknown-field", offset, message: "no", severity: offset < 15_000 ? "warning" : "error" });
  }
  const issues = source.issues();
  assertEquals(issues.filter(({ severity }) => severity === "error").length, 10_000);
  assertEquals(issues.length, 20_001);
  assertEquals(issues.at(-1)?.message, "10000 more issues are not listed");
});
