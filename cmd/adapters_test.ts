import { assertEquals, assertStringIncludes } from "@std/assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { adapterOf } from "./adapters.ts";
import { ran } from "./testing/context.ts";

/** A folder of files, which goes with the test. */
async function folderOf(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "xcp-adapters-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text, { mode: 0o755 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** An adapter with a cluster in each of two groups; `field` is set in that of "edge". */
const adapter = (field = "connect_timeout") => `
const cluster = (name, field) => ({ "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", name, [field]: "1s" });
export default {
  init() {},
  *list() { for (const group of ["edge", "core"]) yield { group, id: "a" }; },
  generate: (_, group) => [cluster(group + "-a", group === "edge" ? "${field}" : "connect_timeout")],
};
`;

/** What a shell has that runs a command; what Deno compiled is kept where it always is. */
const env = Object.fromEntries(
  ["PATH", "HOME", "DENO_DIR"].flatMap((name) => process.env[name] === undefined ? [] : [[name, process.env[name]]]),
);
const WORLD = { ...env, XCP_ADAPTER_ENV: "DENO_DIR,GRANTED" };

Deno.test("an adapter is a module, a program or a part of xcp, and nothing else", async () => {
  await using folder = await folderOf({ "program.py": "" });
  await mkdir(join(folder.path, "config.js"));
  const of = async (word: string) => {
    const found = await adapterOf(word);
    return found && [found.name, found.entry];
  };
  for (const word of ["./config", "one.yaml", "file:///srv/store", "http://127.0.0.1:18001", "a.tsx"]) {
    assertEquals(await of(word), undefined, word);
  }
  assertEquals(await of(join(folder.path, "config.js")), undefined);
  for (const ending of ["ts", "mts", "js", "mjs"]) {
    assertEquals(await of(`./no.${ending}`), [`./no.${ending}`, join(process.cwd(), `no.${ending}`)]);
  }
  const program = `exec:python3  ${folder.path}/program.py --fast`;
  assertEquals(await adapterOf(program), {
    name: program,
    command: "python3",
    args: [`${folder.path}/program.py`, "--fast"],
    entry: `${folder.path}/program.py`,
  });
  assertEquals(await of("builtin:playground"), ["builtin:playground", undefined]);
});

Deno.test("an adapter is run once, and what it generates is checked", async () => {
  await using folder = await folderOf({ "good.ts": adapter(), "bad.ts": adapter("conect_timeout") });
  const good = await ran(["validate", `${folder.path}/good.ts`], WORLD);
  assertEquals(good, { code: 0, stdout: "", stderr: "0 errors, 0 warnings in 1 file (2 resources)\n" });
  const file = `${folder.path}/bad.ts`;
  const bad = await ran(["validate", file], WORLD);
  assertEquals(bad, {
    code: 65,
    stdout: `${file}:1:1: error: In cluster "edge-a" of group "edge": envoy.config.cluster.v3.Cluster has no field ` +
      `"conect_timeout"; did you mean "connect_timeout"? [unknown-field]\n`,
    stderr: "1 error, 0 warnings in 1 file (1 resource)\n",
  });
});

Deno.test("an adapter that cannot be run says why", async () => {
  await using folder = await folderOf({
    "throws.ts": 'throw new Error("no database");',
    "hangs.mjs": "export default { init: () => new Promise(() => {}), *list() {}, generate: () => [] };",
  });
  const run = (name: string, ...flags: string[]) => ran(["validate", `${folder.path}/${name}`, ...flags], WORLD);
  const told = async (name: string, ...flags: string[]) => {
    const { code, stderr } = await run(name, ...flags);
    return [code, stderr.replaceAll(folder.path, "")];
  };
  assertEquals(await told("none.ts"), [66, 'xcp: Cannot read "/none.ts": no such file or directory\n']);
  const [code, text] = await told("throws.ts");
  assertEquals(code, 66);
  assertStringIncludes(String(text), 'xcp: Cannot run "/throws.ts": it failed in "init": no database');
  assertEquals(await told("hangs.mjs", "--adapter-timeout", "300ms"), [
    66,
    'xcp: Cannot run "/hangs.mjs": it hangs in "init": it did not answer within 0.3 s\n',
  ]);
  const hint = "It is exec:./program, which is executable and whose interpreter is there, or exec:python3 ./adapter.py";
  for (
    const [word, code, why] of [["exec:", 64, "no program is named"], [`exec:${folder.path}/none`, 66, "no such file"]]
  ) {
    const program = await ran(["validate", String(word)], WORLD);
    assertEquals([program.code, program.stderr.split("\n")[1]], [code, hint]);
    assertStringIncludes(program.stderr, String(why));
  }
});

Deno.test("a program in any language is asked in lines, and sees of the environment what it is granted", async () => {
  await using folder = await folderOf({
    "program.sh": `#!/bin/sh
read line; echo '{"id":1,"result":{}}'; echo "granted=$GRANTED secret=$SECRET $1" >&2
read line; echo '{"id":2,"items":[{"group":"edge","id":"a"}]}'; echo '{"id":2,"result":null}'
read line; echo '{"id":3,"result":[]}'
`,
  });
  const world = { ...WORLD, GRANTED: "yes", SECRET: "no" };
  const word = `exec:${folder.path}/program.sh argument`;
  const { code, stderr } = await ran(["validate", word], world);
  assertEquals([code, stderr], [
    0,
    `${word}: granted=yes secret= argument\n0 errors, 0 warnings in 1 file (0 resources)\n`,
  ]);
});

Deno.test("what an adapter generates is pushed and compared as files are", async () => {
  await using folder = await folderOf({ "good.ts": adapter(), "bad.ts": adapter("conect_timeout") });
  const store = `file://${folder.path}/store`;
  const push = await ran(["snapshot", "push", `${folder.path}/good.ts`, store, "-o", "json"], WORLD);
  assertEquals([push.code, JSON.parse(push.stdout).resources, JSON.parse(push.stdout).label], [0, 2, null]);
  assertEquals((await ran(["diff", store, `${folder.path}/good.ts`], WORLD)).code, 0);
  await writeFile(`${folder.path}/good.ts`, adapter().replace('"-a"', '"-b"'));
  assertEquals((await ran(["diff", store, `${folder.path}/good.ts`], WORLD)).code, 1);
  const refused = await ran(["snapshot", "push", `${folder.path}/bad.ts`, store], WORLD);
  assertEquals(refused.code, 65);
  assertStringIncludes(refused.stderr, `Cannot use "${folder.path}/bad.ts": it has an error`);
});
