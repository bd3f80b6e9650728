import { assertEquals } from "@std/assert";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthority, type Pair } from "../../test/certificates.ts";
import { followTls } from "./tls_reload.ts";
import { memoryLog, temporaryFolder } from "./testing.ts";

/** A reloader whose timer never fires: the test says when it looks. */
async function reloader(folder: string, pair: Pair) {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  writeFileSync(files.cert, pair.cert);
  writeFileSync(files.key, pair.key);
  const log = memoryLog();
  const applied: string[] = [];
  const tls = await followTls({
    files,
    log,
    now: Date.now,
    poll: 3_600_000,
    apply: ({ cert }) => applied.push(cert.toString()),
  });
  const errors = () => log.lines.filter((line) => line.level === "error").length;
  return { files, tls, applied, errors, [Symbol.dispose]: () => tls.stop() };
}

const authority = createAuthority();
const issue = () => authority.issue({ commonName: "server", dns: ["localhost"] });

Deno.test("the moment between a new certificate and its key is no error", async () => {
  await using folder = await temporaryFolder();
  const next = issue();
  using here = await reloader(folder.path, issue());
  writeFileSync(here.files.cert, next.cert);
  assertEquals(await here.tls.poll(), "refused");
  writeFileSync(here.files.key, next.key);
  assertEquals(await here.tls.poll(), "taken");
  assertEquals(await here.tls.poll(), "unchanged");
  assertEquals(here.errors(), 0);
  assertEquals(here.applied, [next.cert]);
  assertEquals(here.tls.current.cert.toString(), next.cert);
});

Deno.test("what stays broken is said once, another breakage anew, and again to whoever asks", async () => {
  await using folder = await temporaryFolder();
  const pair = issue();
  using here = await reloader(folder.path, pair);
  writeFileSync(here.files.cert, issue().cert);
  for (const errors of [0, 1, 1, 1]) {
    assertEquals(await here.tls.poll(), "refused");
    assertEquals(here.errors(), errors);
  }
  rmSync(here.files.key);
  for (const errors of [1, 2, 2]) {
    assertEquals(await here.tls.poll(), "refused");
    assertEquals(here.errors(), errors);
  }
  assertEquals(await here.tls.reload(), "refused");
  assertEquals(here.errors(), 3);
  writeFileSync(here.files.cert, pair.cert);
  writeFileSync(here.files.key, pair.key);
  assertEquals(await here.tls.poll(), "unchanged");
  assertEquals(here.errors(), 3);
  assertEquals(here.applied, []);
});

Deno.test("looks that overlap are taken one after the other", async () => {
  await using folder = await temporaryFolder();
  const next = issue();
  using here = await reloader(folder.path, issue());
  writeFileSync(here.files.cert, next.cert);
  writeFileSync(here.files.key, next.key);
  const results = await Promise.all([here.tls.reload(), here.tls.poll(), here.tls.reload()]);
  assertEquals(results, ["taken", "unchanged", "unchanged"]);
  assertEquals(here.applied.length, 1);
});
