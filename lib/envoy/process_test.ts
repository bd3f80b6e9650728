import { assertEquals, assertRejects } from "@std/assert";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { eventually } from "../../test/e2e/harness/eventually.ts";
import { Envoy, findEnvoy, NoEnvoy } from "./process.ts";

/** A script that answers for Envoy: `validate` is what it does when it is asked about a file, which is `$4`. */
async function fakeEnvoy(validate: string, version = "envoy  version: abc/1.40.0/Clean/RELEASE/BoringSSL") {
  const folder = await mkdtemp(join(tmpdir(), "xcp-test-"));
  const path = join(folder, "envoy");
  await writeFile(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo "${version}"; exit; fi\n${validate}\n`);
  await chmod(path, 0o755);
  return { folder, path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const OK = `echo "configuration 'a' OK"`;

Deno.test("a program is asked for its version, and about a file that only this user can read", async () => {
  await using fake = await fakeEnvoy(`cat "$4" >> "$0.seen"; ls -l "$4" | cut -c1-10 >> "$0.seen"; ${OK}`);
  let folder = "";
  {
    await using envoy = await Envoy.open(fake.path);
    assertEquals([envoy.version, envoy.path], ["1.40.0", fake.path]);
    assertEquals(await envoy.ask("{}\n", "json"), { kind: "accepted" });
    folder = dirname(envoy.emptyFile);
    assertEquals([(await stat(folder)).mode & 0o777, envoy.runs], [0o700, 1]);
  }
  assertEquals(await Deno.readTextFile(`${fake.path}.seen`), "{}\n-rw-------\n");
  await assertRejects(() => stat(folder));
});

Deno.test("a program that is no Envoy is refused, and leaves no folder", async () => {
  await using fake = await fakeEnvoy(OK, "bash 5.2");
  await assertRejects(() => Envoy.open(fake.path), NoEnvoy);
  await assertRejects(() => Envoy.open(join(fake.folder, "gone")), NoEnvoy);
});

Deno.test("one that does not answer is ended with its children, and that is no verdict", async () => {
  await using fake = await fakeEnvoy(`sleep 60 & echo $! > "$0.child"; wait`);
  await using envoy = await Envoy.open(fake.path, { timeout: 1000 });
  assertEquals(await envoy.ask("{}", "json"), { kind: "none", why: "it did not answer within 1 s" });
  const child = Number(await Deno.readTextFile(`${fake.path}.child`));
  // An ended process that nobody waited for is a zombie, which has no command line.
  await eventually(async () => await Deno.readTextFile(`/proc/${child}/cmdline`).catch(() => "") === "");
});

Deno.test("one that crashes gives no verdict, and one that writes without end is bounded", async () => {
  await using crash = await fakeEnvoy("kill -SEGV $$");
  await using first = await Envoy.open(crash.path);
  assertEquals(await first.ask("{}", "json"), { kind: "none", why: "it ended with SIGSEGV" });
  const words = `error initializing configuration 'a': goo.gle/debugonly`;
  await using chatty = await fakeEnvoy(`{ echo "${words}"; seq 1 1000000; echo ": too short"; } >&2; exit 1`);
  await using second = await Envoy.open(chatty.path);
  assertEquals(await second.ask("{}", "json"), { kind: "rejected", words: "too short" });
});

Deno.test("a question ends with the signal", async () => {
  await using fake = await fakeEnvoy(`touch "$0.asked"; sleep 60`);
  const ending = new AbortController();
  await using envoy = await Envoy.open(fake.path, { signal: ending.signal });
  const answer = envoy.ask("{}", "json");
  await eventually(async () => (await readdir(fake.folder)).includes("envoy.asked"));
  ending.abort();
  await assertRejects(() => answer, DOMException);
});

Deno.test("an Envoy is found in the folders of the path, in their order", async () => {
  await using one = await fakeEnvoy(OK);
  await using other = await fakeEnvoy(OK);
  await chmod(one.path, 0o644);
  assertEquals(await findEnvoy(["", "/nowhere", one.folder, other.folder].join(delimiter)), other.path);
  assertEquals(await findEnvoy("/nowhere"), undefined);
});
