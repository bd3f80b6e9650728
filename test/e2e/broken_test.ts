import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  cluster,
  documents,
  endpoints,
  eventually,
  groupOf,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  runXcp,
  startBackend,
  startLoad,
  startWorld,
  startXcp,
  temporaryFolder,
  type World,
} from "./harness.ts";

/** One way to break a directory: what is written (undefined: the file vanishes), and what xcp says of it. */
interface Breakage {
  readonly name: string;
  readonly file: string;
  readonly content: string | undefined;
  /** Where the trouble is: `file:line:column`, with the file relative to the directory. */
  readonly place: string;
  readonly rule: string;
  readonly message: RegExp;
}

const BREAKAGES: readonly Breakage[] = [
  {
    name: "broken YAML",
    file: "cluster.yaml",
    content: `${cluster("one")}lb_policy: [ROUND_ROBIN\n`,
    place: "cluster.yaml:7:1",
    rule: "yaml-syntax",
    message: /./,
  },
  {
    name: "an unknown field",
    file: "cluster.yaml",
    content: `${cluster("one")}lb_polizy: ROUND_ROBIN\n`,
    place: "cluster.yaml:6:1",
    rule: "unknown-field",
    message: /lb_polizy.*did you mean "lb_policy"/,
  },
  {
    name: "a file that vanished, which others refer to",
    file: "cluster.yaml",
    content: undefined,
    place: "route.yaml:8:27",
    rule: "dangling-reference",
    message: /"web".*cluster "one"/,
  },
];

/** The sentence stands on every surface. */
async function isToldEverywhere({ xcp, config }: World, { place, rule, message }: Breakage): Promise<void> {
  const where = `${config.path}/${place}`;
  await eventually(async () => (await groupOf(xcp)).stale);
  const { issues } = await groupOf(xcp);
  const found = issues.map(({ file, line, column }) => `${file}:${line}:${column}`);
  assertEquals({ found, rules: issues.map((issue) => issue.rule) }, { found: [where], rules: [rule] });
  assertMatch(issues[0]?.message ?? "", message);

  const logged = xcp.log().split("\n").filter((line) => line.includes(`${where}: error: ${issues[0]?.message}`));
  assertEquals(logged.length, 1, xcp.log());
  // It goes on serving what it has, so it stays ready, and says what is wrong all the same.
  const { status, text } = await xcp.get("/readyz");
  const { ready, reasons }: { ready: boolean; reasons: string[] } = JSON.parse(text);
  assertEquals({ status, ready, reasons: reasons.length }, { status: 200, ready: true, reasons: 1 });
  assertStringIncludes(reasons[0] ?? "", where);
  const metrics = (await xcp.get("/metrics")).text;
  assertMatch(metrics, /^xcp_last_reload_successful 0$/m);
  // No client rejects anything: that is what the exit code tells.
  const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, where);
}

async function isHealed({ xcp }: World): Promise<void> {
  await eventually(async () => !(await groupOf(xcp)).stale);
  assertEquals((await groupOf(xcp)).issues, []);
  const { ready, reasons } = JSON.parse((await xcp.get("/readyz")).text);
  assertEquals([ready, reasons], [true, []]);
  assertMatch((await xcp.get("/metrics")).text, /^xcp_last_reload_successful 1$/m);
  assertStringIncludes(xcp.log(), "Fixed: ");
  const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
  assertEquals({ code, stale: stdout.includes("cannot follow") }, { code: 0, stale: false });
}

for (const mode of MODES) {
  for (const breakage of BREAKAGES) {
    const name = `${mode}: ${breakage.name} is told with its place on every surface, changes nothing, and heals`;
    Deno.test(name, NEEDS_ENVOY, async () => {
      await using red = await startBackend("red");
      await using blue = await startBackend("blue");
      await using world = await startWorld({
        mode,
        files: (port) => ({
          "listener.yaml": listener({ port }),
          "route.yaml": route("one"),
          "cluster.yaml": cluster("one"),
          "endpoints.yaml": endpoints("one", red.port),
        }),
      });
      const { config, envoy } = world;
      await world.answers({ body: "red" });
      const { revision } = await groupOf(world.xcp);
      await using load = startLoad({ url: world.url, freshEvery: 2 });
      const updates = await updatesOf(world);

      if (breakage.content === undefined) await config.remove(breakage.file);
      else await config.write(breakage.file, breakage.content);
      await isToldEverywhere(world, breakage);
      // Another file changes: the group is held as a whole, so that nobody gets half of it.
      const failures = await failedReloads(world);
      await config.write("endpoints.yaml", endpoints("one", blue.port));
      await eventually(async () => await failedReloads(world) > failures);
      assertEquals((await groupOf(world.xcp)).revision, revision);
      assertEquals(Object.keys(await envoy.clusters()).sort(), ["one", "xcp"]);
      assertEquals(await updatesOf(world), updates);

      await config.write(breakage.file, cluster("one"));
      await world.answers({ status: 200, body: "blue" });
      await isHealed(world);
      assertEquals((await load.stop()).failures, []);
    });
  }
}

/** How many updates Envoy took, of all types. */
async function updatesOf({ envoy }: World): Promise<number> {
  return Object.values(await envoy.stats("update_success$")).reduce((sum, count) => sum + count, 0);
}

async function failedReloads({ xcp }: World): Promise<number> {
  return Number((await xcp.get("/metrics")).text.match(/^xcp_reloads_total{result="failure"} (\d+)$/m)?.[1]);
}

Deno.test("a directory that is broken at the start is told with its place, xcp is not ready, and heals", async () => {
  await using config = await temporaryFolder();
  const file = await config.write("site.yaml", `${cluster("one")}lb_polizy: ROUND_ROBIN\n`);
  await using xcp = await startXcp({ args: [config.path], ready: false });
  const { status, text } = await xcp.get("/readyz");
  assertEquals(status, 503);
  assertStringIncludes(text, `${file}:6:1`);
  assertStringIncludes(xcp.log(), `${file}:6:1: error: `);
  assertEquals((await xcp.get("/healthz")).status, 200);
  assertEquals((await groupOf(xcp)).revision, null);
  await config.write("site.yaml", documents(cluster("one"), endpoints("one", 1)));
  await eventually(async () => (await xcp.get("/readyz")).status === 200);
  await xcp.child.waitFor(/xcp is serving xDS/);
  assertEquals((await groupOf(xcp)).issues, []);
});
