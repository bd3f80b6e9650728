import { assertEquals } from "@std/assert";
import { verdictOf } from "./process.ts";
import { clipped, isAboutThisMachine, wordsOf } from "./verdict.ts";

const BEFORE = "[2026-01-01 00:00:00.000][1][critical][main] [source/server/config_validation/server.cc:76] " +
  "error initializing configuration '/tmp/a.json': ";

Deno.test("words are one line, without the log's own", () => {
  assertEquals(wordsOf(`${BEFORE}route:  unknown\n  cluster 'nope'\n`), "route: unknown cluster 'nope'");
});

Deno.test("a message that Envoy prints whole is left out, before and behind its reason", () => {
  const dump = `goo.gle/debugonly   \nrds {\n  route_config_name: "secret"\n}\n`;
  assertEquals(
    wordsOf(`${BEFORE}${dump}: Proto constraint validation failed (A.B: too short)\n`),
    "Proto constraint validation failed (A.B: too short)",
  );
  assertEquals(
    wordsOf(`${BEFORE}Invalid duration: Expected positive duration: ${dump}`),
    "Invalid duration: Expected positive duration",
  );
});

Deno.test("output without a reason has no words", () => {
  assertEquals(wordsOf("Couldn't find match for argument\n"), undefined);
});

Deno.test("long words are cut", () => {
  assertEquals([clipped("a".repeat(300)).length, clipped("a".repeat(5000)).length], [300, 300]);
});

Deno.test("only an answer that says what it is counts", () => {
  const run = { code: 0, ended: "exit code 0", timedOut: false, stdout: "configuration 'a.json' OK\n", stderr: "" };
  assertEquals(verdictOf(run, 1000), { kind: "accepted" });
  assertEquals(verdictOf({ ...run, stdout: "" }, 1000), { kind: "none", why: "it ended with exit code 0" });
  assertEquals(verdictOf({ ...run, code: 1, stdout: "", stderr: `${BEFORE}no` }, 1000), {
    kind: "rejected",
    words: "no",
  });
  assertEquals(verdictOf({ ...run, code: 1, ended: "exit code 1", stdout: "", stderr: "usage" }, 1000), {
    kind: "none",
    why: "it ended with exit code 1",
  });
  assertEquals(verdictOf({ ...run, code: null, ended: "SIGSEGV" }, 1000).kind, "none");
  assertEquals(verdictOf({ ...run, timedOut: true }, 10_000), {
    kind: "none",
    why: "it did not answer within 10 s",
  });
});

Deno.test("a file that is not here is told from one that is wrong", () => {
  const exists = (path: string) => path === "here.pem";
  const about = (words: string) => isAboutThisMachine(words, exists);
  assertEquals(about("Failed to load private key from path: gone.pem"), true);
  assertEquals(about("Failed to load private key from path: here.pem"), false);
  assertEquals(about("Failed to load certificate chain from <inline>"), false);
  assertEquals(about("paths must refer to an existing path in the system: '/x' does not exist"), true);
  assertEquals(about("cluster 'x' does not exist, was added via api, or is an EDS cluster"), false);
});
