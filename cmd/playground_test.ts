import { assertEquals, assertStringIncludes } from "@std/assert";
import { firstPolicy, FLAWS, KINDS, type Policy } from "../lib/playground/policy.ts";
import { resources } from "../lib/playground/resources.ts";
import { ran } from "./testing/context.ts";

/** `xcp validate --strict` over what the adapter would generate. */
async function validated(policy: Policy) {
  const all = resources({ policy, backends: [20001, 20002, 20003], page: 20000, listen: { host: "::1", port: 10000 } });
  return await ran(["validate", "--strict", "-"], {}, false, [new TextEncoder().encode(JSON.stringify(all))]);
}

Deno.test("what the adapter makes of every policy passes xcp's own checks", async () => {
  for (const kind of KINDS) {
    const { code, stdout } = await validated({ ...firstPolicy(3), kind, weights: [0, 1, 100] });
    assertEquals({ kind, code, stdout }, { kind, code: 0, stdout: "" });
  }
});

Deno.test("of the ways to break it xcp finds the typo, and lets through what only Envoy can know", async () => {
  const codes = await Promise.all(FLAWS.map(async (flaw) => (await validated({ ...firstPolicy(3), flaw })).code));
  assertEquals(FLAWS.map((flaw, index) => [flaw, codes[index]]), [["typo", 65], ["missing_file", 0]]);
});

Deno.test("without an Envoy the playground says where to get one", async () => {
  const { code, stderr } = await ran(["playground"], { PATH: "/nonexistent" });
  assertEquals(code, 69);
  assertStringIncludes(stderr, 'Cannot start the playground: there is no program "envoy" on the PATH\n');
  assertStringIncludes(stderr, "https://www.envoyproxy.io/docs/envoy/latest/start/install");
  const named = await ran(["playground", "--envoy", "/nonexistent/envoy"]);
  assertEquals(named.code, 66);
  assertStringIncludes(named.stderr, 'Cannot start Envoy "/nonexistent/envoy": there is no program of this name');
});

Deno.test("what the playground cannot take is said before anything is started", async () => {
  const wrong: [string[], string][] = [
    [["--backends", "1"], 'Cannot take --backends "1": it is a number from 2 to 16'],
    [["--backends", "17"], "from 2 to 16"],
    [["--backends", "many"], "from 2 to 16"],
    [["--listen", "unix:/tmp/x"], "a browser needs a host and a port"],
    [["--listen", "example.com:80"], "Envoy listens on an IP address"],
    [["--listen", "80"], "neither host:port nor"],
    [["words"], "takes flags only"],
  ];
  for (const [args, why] of wrong) {
    const { code, stderr } = await ran(["playground", ...args], { PATH: "/nonexistent" });
    assertEquals(code, 64, stderr);
    assertStringIncludes(stderr, why);
  }
});
