import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CommandError } from "./exit.ts";
import { SETTINGS } from "./serve/flags.ts";
import { loadSettings, readSettings } from "./settings_file.ts";

const read = (text: string) => readSettings(text, "xcp.yaml", SETTINGS);

Deno.test("settings have the names of the flags, with - or _", () => {
  const { values, issues } = read(`
source: [./a, ./b]
listen: 127.0.0.1:1
tls_cert: x.pem
insecure-xds: yes
poll: 2s
`);
  assertEquals(issues, []);
  assertEquals(Object.fromEntries(values), {
    source: ["./a", "./b"],
    listen: ["127.0.0.1:1"],
    "tls-cert": ["x.pem"],
    "insecure-xds": ["true"],
    poll: ["2s"],
  });
});

Deno.test("a bare off is the choice of that name", () => {
  assertEquals(read("validate: off").values.get("validate"), ["off"]);
  assertEquals(read('validate: "off"').values.get("validate"), ["off"]);
});

Deno.test("an empty file has no settings", () => {
  assertEquals(read("# nothing\n"), { values: new Map(), issues: [] });
});

Deno.test("everything that is wrong is told with its place", () => {
  const { issues } = read("lisen: x\nvalidate: maybe\nadmin: [a, b]\ninsecure-xds: 7\npoll: null\n");
  assertEquals(issues.map(({ at, rule }) => [at?.line, at?.column, rule]), [
    [1, 1, "unknown-field"],
    [2, 11, "wrong-type"],
    [3, 8, "wrong-type"],
    [4, 15, "wrong-type"],
    [5, 7, "wrong-type"],
  ]);
  assertStringIncludes(issues[0]?.message ?? "", 'did you mean "listen"?');
});

Deno.test("what is no map, and a second document, are refused", () => {
  assertEquals(read("- a").issues.length, 1);
  assertEquals(read("listen: a:1\n---\nlisten: b:1").issues.length, 1);
  assertEquals(read("listen: [").issues[0]?.rule, "yaml-syntax");
});

Deno.test("a file that is not there is 66, a wrong one 65", async () => {
  const missing = await assertRejects(() => loadSettings("/nonexistent/xcp.yaml", SETTINGS), CommandError);
  assertEquals([missing.exitCode, missing.message], [
    66,
    'Cannot read "/nonexistent/xcp.yaml": no such file or directory',
  ]);
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, "bogus: 1");
  const wrong = await assertRejects(() => loadSettings(path, SETTINGS), CommandError);
  assertEquals(wrong.exitCode, 65);
  assertStringIncludes(wrong.message, `${path}:1:1: error: unknown setting "bogus"`);
  await Deno.remove(path);
});
