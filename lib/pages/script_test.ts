import { assertEquals } from "@std/assert";
import { eventReader } from "./browser/follow.js";
import { browserScript } from "./script.ts";

Deno.test("modules become one script in one scope", () => {
  const one = "// @ts-check\nexport const a = 1;\nexport function b() {}\nexport async function c() {}\n";
  const other =
    'import { a } from "./one.js";\nimport {\n  b,\n  c,\n} from "./one.js";\nconsole.log(a, "import x;");\n';
  assertEquals(
    browserScript(one, other),
    '// @ts-check\nconst a = 1;\nfunction b() {}\nasync function c() {}\n\nconsole.log(a, "import x;");\n',
  );
});

Deno.test("events are read wherever the network cuts them", () => {
  const stream = 'retry: 2000\n\nid: 1\nevent: rejected\ndata: {"a":"b: c"}\n\n:\n\ndata: plain\n\nid: 2\nevent: lost';
  const expected = [["rejected", '{"a":"b: c"}'], ["message", "plain"]];
  for (let size = 1; size <= stream.length; size++) {
    const heard: string[][] = [];
    const read = eventReader((kind, data) => heard.push([kind, data]));
    for (let at = 0; at < stream.length; at += size) read(stream.slice(at, at + size));
    assertEquals(heard, expected, `in pieces of ${size}`);
  }
});
