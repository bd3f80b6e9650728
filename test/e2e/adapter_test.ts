import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ReadinessJson } from "../../lib/admin/readiness.ts";
import {
  ADAPTER,
  adapterFolder,
  eventually,
  eventuallyAnswers,
  type Folder,
  freePort,
  groupOf,
  isGone,
  type LogEntry,
  MODES,
  NEEDS_ENVOY,
  pids,
  replaceFile,
  responses,
  runToEnd,
  runXcp,
  startAdapterWorld,
  startBackend,
  startFollower,
  startLoad,
  startXcp,
  tell,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/adapters/", import.meta.url));

/** Looks at its definitions by itself. */
const LOOKING = `
import { read, resources } from "./site.ts";

export default {
  init({ changed, log }) {
    let before = JSON.stringify(read());
    setInterval(() => {
      const now = JSON.stringify(read());
      if (now === before) return;
      before = now;
      log.info("the definitions changed");
      changed("site", ["site"]);
    }, 20);
  },
  async *list() { for (const group of Object.keys(read())) yield { group, id: "site" }; },
  generate: (_state, group) => resources(read()[group]),
};
`;

/** What is wrong with a group that does not follow its sources. */
async function errorsOf(xcp: Xcp, group = "site"): Promise<string> {
  const { stale, issues } = await groupOf(xcp, group);
  return stale ? issues.map(({ message }) => message).join("; ") : "";
}

for (const mode of MODES) {
  Deno.test(
    `${mode}: Envoy gets what an adapter generates, and follows what changes inside of it`,
    NEEDS_ENVOY,
    async () => {
      await using world = await startAdapterWorld({ adapter: LOOKING, mode });
      const { xcp, url, red, blue, define, answers } = world;
      await using load = startLoad({ url, rate: 50, freshEvery: 5 });
      for (const { port, colour } of [blue, red, blue]) {
        await define({ backend: port });
        await answers({ status: 200, body: colour });
      }
      assertStringIncludes(xcp.log(), `the definitions changed adapter=${world.path}`);
      assertEquals((await load.stop()).failures, []);
      assertEquals((await runXcp(["status", "--admin-url", xcp.admin])).code, 0);
    },
  );
}

Deno.test("whoever tells of a change hears what became of it, and Envoy keeps what is good", NEEDS_ENVOY, async () => {
  await using world = await startAdapterWorld();
  const { xcp, url, red, blue, define, answers } = world;
  await using load = startLoad({ url, rate: 50, freshEvery: 5 });

  await define({ backend: blue.port });
  const accepted = await tell(xcp, "site");
  assertEquals([accepted.status, accepted["outcome"], accepted["group"]], [200, "accepted", "site"]);
  await answers({ status: 200, body: "blue" });
  const { revision } = await groupOf(xcp, "site");
  assertEquals(accepted["revision"], revision);

  // Nothing new is nothing to wait for.
  const same = await tell(xcp, "site");
  assertEquals([same.status, same["outcome"], same["revision"]], [200, "accepted", revision]);

  const before = await responses(xcp);
  const refused: readonly [change: Parameters<typeof define>[0], words: RegExp][] = [
    [{ mischief: "throw" }, /^Cannot generate group "site": no connection to the registry \(\S+adapter\.ts:7:\d+\)$/],
    [{ timeout: "soon" }, /^In cluster "one" of group "site": .*"soon".* \(at connect_timeout\)$/],
    [{ timeout: "0s" }, /^In cluster "one" of group "site": .*greater than 0/],
  ];
  for (const [change, words] of refused) {
    await define({ backend: red.port, ...change });
    const answer = await tell(xcp, "site");
    assertEquals(answer.status, 422, JSON.stringify(answer));
    assertMatch(`${answer["detail"]}`, words);
    assertMatch(await errorsOf(xcp), words);
    const { revision: now } = await groupOf(xcp, "site");
    assertEquals(now, revision);
  }
  assertEquals((await tell(xcp, "nobody")).status, 404);
  assertEquals(await responses(xcp), before);
  await define({ backend: red.port });
  assertEquals((await tell(xcp, "site")).status, 200);
  await answers({ status: 200, body: "red" });
  assertEquals(await errorsOf(xcp), "");
  const { failures, bodies } = await load.stop();
  assertEquals(failures, []);
  assertEquals(Object.keys(bodies).sort(), ["blue", "red"]);
});

Deno.test("what Envoy refuses of an adapter is told in Envoy's words", NEEDS_ENVOY, async () => {
  await using world = await startAdapterWorld({ args: ["--validate", "warn"] });
  const { xcp, url, blue, define, answers } = world;
  await using load = startLoad({ url, rate: 50, freshEvery: 5 });
  await define({ timeout: "0s" });
  const answer = await tell(xcp, "site");
  const words = /ConnectTimeout: value must be greater than 0s/;
  assertEquals([answer.status, answer["outcome"]], [422, "rejected-by-clients"]);
  assertMatch(`${answer["detail"]}`, words);
  const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
  assertEquals(code, 1);
  assertMatch(stdout, words);
  await define({ backend: blue.port });
  assertEquals((await tell(xcp, "site")).status, 200);
  await answers({ status: 200, body: "blue" });
  assertEquals((await load.stop()).failures, []);
});

/** Prints, and starts a process that outlives whoever forgets it. */
const TALKING = `
import { spawn } from "node:child_process";
import process from "node:process";

export default {
  init({ log }) {
    console.log("pid", process.pid);
    console.log("pid", spawn("sleep", ["1000"], { stdio: "inherit" }).pid);
    console.log("it is %s", "said", { a: 1 });
    console.warn("it is warned");
    console.error("it is wrong");
    console.debug("it is detailed");
    log.info("it is", "logged");
    process.stdout.write("it is written\\n");
    process.stderr.write("it is printed\\n");
    console.log("environment", JSON.stringify(process.env));
  },
  *list() {},
  generate: () => [],
};
`;

async function startTalking(folder: Folder): Promise<Xcp> {
  const env = { GRANTED: "yes", MANY_ONE: "1", MANY_TWO: "2", MANYFOLD: "no", SECRET: "do-not-tell" };
  const grants = ["--adapter-env", "GRANTED", "--adapter-env", "MANY_*"];
  return await startXcp({ args: [await folder.write("talking.ts", TALKING), ...grants], env, ready: false });
}

Deno.test("what an adapter prints is in the log with its name, and it sees what it was granted", async () => {
  await using folder = await temporaryFolder();
  await using xcp = await startTalking(folder);
  await eventually(() => xcp.log().includes("it is printed"), { describe: xcp.log });
  const lines = xcp.log().split("\n").filter((line) => line.includes("it is "));
  const name = ` adapter=${folder.at("talking.ts")}`;
  assertEquals(lines.map((line) => line.replace(/^\S+ /, "")).sort(), [
    `error it is wrong${name}`,
    `info  it is logged${name}`,
    `info  it is printed${name}`,
    `info  it is said { a: 1 }${name}`,
    `info  it is written${name}`,
    `warn  it is warned${name}`,
  ]);
  const [, text = ""] = /environment (\{.*?\}) /.exec(xcp.log()) ?? [];
  const { GRANTED, MANY_ONE, MANY_TWO, ...rest } = JSON.parse(text);
  assertEquals([GRANTED, MANY_ONE, MANY_TWO], ["yes", "1", "2"]);
  assertEquals(Object.keys(rest).filter((key) => !/^(PATH|HOME|LANG|LC_ALL|TZ|TMPDIR)$/.test(key)), []);
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`no process of an adapter is left after ${signal}`, async () => {
    await using folder = await temporaryFolder();
    await using xcp = await startTalking(folder);
    const [adapter = 0, its = 0] = await eventually(() => pids(xcp).length === 2 && pids(xcp), { describe: xcp.log });
    await xcp.child.stop(signal);
    await isGone(adapter);
    await isGone(its);
  });
}

Deno.test(
  "--watch follows the files of an adapter, and keeps the old one while the new one is no good",
  NEEDS_ENVOY,
  async () => {
    await using world = await startAdapterWorld({ args: ["--watch"] });
    const { xcp, folder, url, red, blue, answers } = world;
    await using load = startLoad({ url, rate: 50, freshEvery: 5 });
    const before = await responses(xcp);
    const pointed = (port: number) =>
      ADAPTER.replace("resources(definition)", `resources({ ...definition, backend: ${port} })`);
    const isTold = async (words: RegExp) => {
      await eventually(() => xcp.log().split("\n").some((line) => line.includes(" warn ") && words.test(line)), {
        describe: () => `${words} in the log:\n${xcp.log()}`,
      });
      const { stale, issues } = await groupOf(xcp, "site");
      assertEquals(stale, false);
      assertMatch(issues.map(({ message }) => message).join("\n"), words);
      assertMatch((await runXcp(["status", "--admin-url", xcp.admin])).stdout, words);
    };

    // What changes nothing is nothing new to Envoy.
    await folder.write("adapter.ts", `${ADAPTER}// changed\n`);
    await eventually(() => pids(xcp).length === 2 && xcp.log().match(/An adapter is running/g)?.length === 2);
    await isGone(pids(xcp)[0] ?? 0);
    assertEquals(await responses(xcp), before);
    await folder.write("adapter.ts", pointed(blue.port));
    await answers({ status: 200, body: "blue" });

    const running = pids(xcp).at(-1) ?? 0;
    const kept = /Cannot take the new "\S+adapter\.ts", the one from before stays: /.source;
    const broken: readonly [name: string, source: string, words: string][] = [
      ["adapter.ts", "export default {\n  init: ;\n};\n", 'it failed in "init": .+ \\(\\S+adapter\\.ts:2:9\\)'],
      ["adapter.ts", ADAPTER.replace("init() {", 'init() { throw new Error("no credentials");'), "no credentials"],
      [
        "adapter.ts",
        pointed(red.port).replace("definition.mischief", '"throw"'),
        'Cannot generate group "site": no connection',
      ],
      [
        "site.ts",
        (await readFile(folder.at("site.ts"), "utf8")).replace("connect_timeout", "conect_timeout"),
        'In cluster "one" of group "site": .*did you mean "connect_timeout"',
      ],
    ];
    for (const [name, source, words] of broken) {
      const good = await readFile(folder.at(name));
      await folder.write(name, source);
      await isTold(new RegExp(kept + ".*" + words));
      assertEquals((await tell(xcp, "site")).status, 200);
      await folder.write(name, good);
      // Taken again: the next break is one of this.
      const starts = xcp.log().match(/An adapter is running/g)?.length ?? 0;
      await eventually(() => (xcp.log().match(/An adapter is running/g)?.length ?? 0) > starts, { describe: xcp.log });
    }
    assert(running !== pids(xcp).at(-1));
    await folder.write("adapter.ts", pointed(red.port));
    await answers({ status: 200, body: "red" });
    assertEquals((await groupOf(xcp, "site")).issues, []);
    assertEquals((await runXcp(["status", "--admin-url", xcp.admin])).stdout.includes("Cannot"), false);
    assertEquals(await responses(xcp), { ...before, cluster: (before["cluster"] ?? 0) + 2 });
    assertEquals((await load.stop()).failures, []);
  },
);

const go = await runToEnd("go", ["version"]).then(({ code }) => code === 0, () => false);
const python = await runToEnd("python3", ["--version"]).then(({ code }) => code === 0, () => false);

interface Program {
  readonly name: string;
  readonly ignore: boolean;
  /** Makes the program of `examples/adapters` in a folder, with another port; returns its command. */
  make(folder: Folder, port: number): Promise<string>;
}

const PROGRAMS: readonly Program[] = [
  {
    name: "Python",
    ignore: !python,
    async make(folder, port) {
      const source = await readFile(join(EXAMPLES, "python/adapter.py"), "utf8");
      return `python3 ${await folder.write("adapter.py", source.replace("10000", `${port}`))}`;
    },
  },
  {
    name: "Go",
    ignore: !go,
    async make(folder, port) {
      const source = await readFile(join(EXAMPLES, "go/main.go"), "utf8");
      await folder.write("go/main.go", source.replace("10000", `${port}`));
      await copyFile(join(EXAMPLES, "go/go.mod"), folder.at("go/go.mod"));
      const env = { HOME: Deno.env.get("HOME") ?? "/" };
      const { code, stderr } = await runToEnd("go", ["build", "-o", folder.at("adapter"), "."], {
        cwd: folder.at("go"),
        env,
      });
      assertEquals(code, 0, stderr);
      return folder.at("adapter");
    },
  },
];

for (const { name, ignore, make } of PROGRAMS) {
  Deno.test({
    name: `${name}: the example serves a real Envoy, and follows its file`,
    ignore: NEEDS_ENVOY.ignore || ignore,
    async fn() {
      await using folder = await temporaryFolder();
      await using red = await startBackend("red");
      await using blue = await startBackend("blue");
      const port = freePort();
      const command = await make(folder, port);
      const services = (...[orders, site]: readonly { readonly port: number }[]) =>
        folder.write(
          "services.json",
          JSON.stringify([
            { name: "orders", group: "edge", prefix: "/orders", address: "127.0.0.1", port: orders?.port },
            { name: "site", group: "edge", prefix: "/", address: "127.0.0.1", port: site?.port },
          ]),
        );
      const env = { SERVICES: await services(red, blue) };
      const source = [`exec:${command}`, "--adapter-env", "SERVICES"];
      const checked = await runXcp(["validate", ...source], { env });
      assertEquals([checked.code, checked.stderr], [0, "0 errors, 0 warnings in 1 file (4 resources)\n"]);
      await using xcp = await startXcp({ args: source, env });
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta", cluster: "edge" });
      const answer = (path: string, body: string) =>
        eventuallyAnswers(`http://127.0.0.1:${port}${path}`, { status: 200, body });
      await answer("/orders", "red");
      await answer("/", "blue");
      await services(blue, red);
      await answer("/orders", "blue");
      await answer("/", "red");
      await folder.write("services.json", "nonsense");
      const told = await tell(xcp, "edge");
      assertEquals(told.status, 422, JSON.stringify(told));
      assertMatch(`${told["detail"]}`, /^Cannot generate group "edge": .+/);
      await answer("/orders", "blue");
    },
  });
}

Deno.test("xcp validate says what is wrong with what an adapter generates, and where", async () => {
  await using made = await adapterFolder();
  const { folder } = made;
  const validate = (...args: string[]) => runXcp(["validate", ...args], { cwd: folder.path });
  const good = await validate("./adapter.ts");
  assertEquals([good.code, good.stdout], [0, ""]);
  assertMatch(good.stderr, /^\.\/adapter\.ts: pid \d+\n0 errors, 0 warnings in 1 file \(3 resources\)\n$/);

  const site = await readFile(folder.at("site.ts"), "utf8");
  const wrong = site.replace("connect_timeout:", "conect_timeout:").replace("port_value }", "port_valu: port_value }");
  await folder.write("site.ts", wrong);
  const misspelled = await validate("./adapter.ts");
  assertEquals(misspelled.code, 65);
  const messages = [
    `./adapter.ts:1:1: error: In cluster "one" of group "site": envoy.config.cluster.v3.Cluster has no field ` +
    `"conect_timeout"; did you mean "connect_timeout"? [unknown-field]`,
    `./adapter.ts:1:1: error: In cluster "one" of group "site": envoy.config.core.v3.SocketAddress has no field ` +
    `"port_valu"; did you mean "port_value"? (at load_assignment.endpoints[0].lb_endpoints[0].endpoint.address` +
    `.socket_address.port_valu) [unknown-field]`,
  ];
  for (const message of messages) assertStringIncludes(misspelled.stdout, `${message}\n`);
  const { issues } = JSON.parse((await validate("-o", "json", "./adapter.ts")).stdout);
  assertEquals(
    issues.find(({ path }: { path: string }) => path.includes("conect")).path,
    "resources[2].conect_timeout",
  );

  await folder.write("site.ts", site);
  await made.define({ mischief: "throw" });
  const thrown = await validate("./adapter.ts");
  assertEquals(thrown.code, 65);
  assertMatch(
    thrown.stdout,
    /^\.\/adapter\.ts:1:1: error: Cannot generate group "site": no connection to the registry \(\.\/adapter\.ts:7:\d+\) \[adapter\]\n$/,
  );
  await made.define({ mischief: "exit" });
  const exited = await validate("./adapter.ts");
  assertEquals([exited.code, exited.stdout], [
    65,
    './adapter.ts:1:1: error: Cannot generate group "site": it exited with 3 [adapter]\n',
  ]);
  await folder.write("adapter.ts", "export default { init() {} };");
  const none = await validate("./adapter.ts");
  assertEquals([none.code, none.stderr], [
    66,
    'xcp: Cannot run "./adapter.ts": it failed in "init": its default export has no function "list"\n',
  ]);
  const gone = await validate("./gone.ts");
  assertEquals([gone.code, gone.stderr], [66, 'xcp: Cannot read "./gone.ts": no such file or directory\n']);
});

Deno.test("what an adapter generates is pushed to a store, and compared with it", async () => {
  await using made = await adapterFolder();
  const { folder, path, blue, define } = made;
  const store = `file://${folder.at("store")}`;
  const xcp = (...args: string[]) => runXcp(args);
  const pushed = await xcp("snapshot", "push", path, store);
  assertEquals(pushed.code, 0, pushed.stderr);
  assertMatch(pushed.stdout, /^Pushed snapshot 1 \w+ to file:\S+: 3 resources, /);
  assertMatch((await xcp("snapshot", "push", path, store)).stdout, /^Nothing to push: snapshot 1 /);
  assertEquals((await xcp("diff", path, store)).code, 0);

  await define({ backend: blue.port });
  const differs = await xcp("diff", store, path, "--full");
  assertEquals(differs.code, 1);
  assertMatch(differs.stdout, new RegExp(`group "site"\n  ~ cluster one\n[^]*\\+ +port_value: ${blue.port}\n`));
  await define({ mischief: "throw" });
  const failed = await xcp("snapshot", "push", path, store);
  assertEquals(failed.code, 65);
  assertStringIncludes(failed.stderr, 'Cannot generate group "site": no connection to the registry');
  const log = JSON.parse((await xcp("snapshot", "log", store, "-o", "json")).stdout);
  assertEquals(log.map(({ number, resources }: LogEntry) => [number, resources]), [[1, 3]]);
});

Deno.test(
  "the example of xcp types is clean, serves a real Envoy, and follows its services.json",
  NEEDS_ENVOY,
  async () => {
    await using folder = await temporaryFolder();
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    const directory = folder.at("mine");
    const adapter = folder.at("mine/adapter.ts");
    assertEquals((await runXcp(["types", directory])).code, 0);
    const checked = await runXcp(["validate", adapter]);
    assertEquals([checked.code, checked.stdout, checked.stderr], [
      0,
      "",
      "0 errors, 0 warnings in 1 file (4 resources)\n",
    ]);

    const port = freePort();
    await replaceFile(adapter, (await readFile(adapter, "utf8")).replace("port_value: 10000", `port_value: ${port}`));
    const services = (hello: number, orders: number) =>
      folder.write(
        "mine/services.json",
        JSON.stringify({
          default: {
            hello: { prefix: "/", upstreams: [`127.0.0.1:${hello}`] },
            orders: { prefix: "/orders", upstreams: [`127.0.0.1:${orders}`] },
          },
        }),
      );
    await services(red.port, blue.port);
    await using xcp = await startXcp({ args: [adapter] });
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
    const answer = (path: string, body: string) =>
      eventuallyAnswers(`http://127.0.0.1:${port}${path}`, { status: 200, body });
    await answer("/", "red");
    await answer("/orders", "blue");
    await services(blue.port, red.port);
    await answer("/", "blue");
    await answer("/orders", "red");
  },
);

for (const kind of ["--store", "--state-dir"] as const) {
  Deno.test(
    `${kind}: an adapter that is gone at a restart: Envoy gets what it accepted before`,
    NEEDS_ENVOY,
    async () => {
      await using made = await adapterFolder();
      const { folder, path, port, blue, define } = made;
      const url = `http://127.0.0.1:${port}/`;
      const keep = kind === "--store"
        ? (state: string) => ["--store", `file://${folder.at("store")}`, "--state-dir", folder.at(state)]
        : () => ["--state-dir", folder.at("state")];
      const serve = (state: string) => startXcp({ args: [path, ...keep(state), "--settle", "200ms"] });
      const readiness = async (xcp: Xcp): Promise<ReadinessJson> => JSON.parse((await xcp.get("/readyz")).text);
      await define({ backend: blue.port });
      {
        await using xcp = await serve("first");
        await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
        await eventuallyAnswers(url, { body: "blue" });
        await eventually(async () => (await readiness(xcp)).stores.every(({ age }) => age !== null), {
          describe: () => `what Envoy has to be kept:\n${xcp.log()}`,
        });
      }
      const source = await readFile(path, "utf8");
      await folder.remove("adapter.ts");
      await using xcp = await serve("second");
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
      await eventuallyAnswers(url, { status: 200, body: "blue" });
      const { reasons, groups } = await readiness(xcp);
      assertEquals(groups.find(({ name }) => name === "site")?.restored, true);
      assertMatch(reasons.join("\n"), /Cannot run "\S+adapter\.ts": it failed in "init": /);
      assertMatch(reasons.join("\n"), /^group "site" serves what was stored/m);
      const before = await responses(xcp);

      await folder.write("adapter.ts", source);
      await eventually(async () => (await readiness(xcp)).reasons.length === 0, { describe: xcp.log });
      // The adapter says what was stored: that is nothing new to Envoy.
      await eventually(async () => (await groupOf(xcp, "site")).restored === false);
      assertEquals(await responses(xcp), before);
    },
  );
}
