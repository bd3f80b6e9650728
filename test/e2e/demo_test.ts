import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { fileURLToPath } from "node:url";
import { eventually, findEnvoy, runToEnd, spawn } from "./harness.ts";

const envoy = await findEnvoy();
const SCRIPT = fileURLToPath(new URL("../../scripts/demo.ts", import.meta.url));

Deno.test({
  name: "the demo shows the playground where it says, and a Ctrl-C for the whole group leaves nothing behind",
  ignore: envoy.path === undefined || Deno.build.os !== "linux",
  async fn() {
    // A session of its own, as a terminal gives: the signal reaches the demo, xcp and Envoy at the same time.
    const env = { ...Deno.env.toObject(), NO_COLOR: "1" };
    await using demo = spawn("setsid", [Deno.execPath(), "run", "-A", SCRIPT], { env });
    const url = await eventually(() => demo.stdout().match(/http:\/\/127\.0\.0\.1:\d+/)?.[0] ?? !demo.running(), {
      timeout: 60_000,
      describe: () => `the demo to say where to look; it wrote:\n${demo.stdout()}${demo.stderr()}`,
    });
    assertEquals(typeof url, "string", demo.stderr());
    const page = await fetch(`${url}/`);
    assertEquals(page.status, 200);
    assertMatch(await page.text(), /<title>xcp playground<\/title>/);
    const seen = new Set<string>();
    await eventually(async () => seen.add((await (await fetch(`${url}/color`)).json()).colour).size === 8);

    assertEquals(await signalGroup("INT", demo.pid), true);
    assertEquals((await demo.exit).code, 0, demo.stderr());
    assertEquals(await signalGroup("0", demo.pid), false, "a process of the demo still runs");
    await assertRejects(() => fetch(`${url}/`));
  },
});

/** Signals every process of a group; false when there is none. */
async function signalGroup(signal: string, group: number): Promise<boolean> {
  return (await runToEnd("sh", ["-c", `kill -s ${signal} -- -${group}`])).code === 0;
}
