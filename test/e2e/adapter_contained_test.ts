import { assert, assertEquals, assertMatch } from "@std/assert";
import process from "node:process";
import {
  ADAPTER,
  type AdapterWorld,
  clientsOf,
  eventually,
  eventuallyAnswers,
  freePort,
  groupOf,
  isGone,
  MODES,
  NEEDS_ENVOY,
  pids,
  responses,
  runXcp,
  startAdapterWorld,
  startFollower,
  startLoad,
  tell,
  type Xcp,
} from "./harness.ts";

/** So that what hangs is noticed in a moment. */
const ARGS = ["--adapter-timeout", "2s"];

interface Mischief {
  readonly name: string;
  /** What the definition says. */
  readonly mischief: string;
  /** Why the adapter cannot be run, as the log has it. */
  readonly logged: RegExp;
  /** The same as every surface has it, whether it is just being started or runs again without that group. */
  readonly words: RegExp;
  readonly args?: readonly string[];
}

/** What ends the process. */
const MISCHIEFS: readonly Mischief[] = [
  {
    name: "hangs",
    mischief: "hang",
    logged: /Cannot run "\S+adapter\.ts": it hangs in "generate" of group "site": it did not answer within 2 s/,
    words: /it did not answer within 2 s/,
  },
  {
    name: "spins",
    mischief: "spin",
    logged: /Cannot run "\S+adapter\.ts": it .*did not answer (within|for) 2 s/,
    words: /it did not answer (within|for) 2 s/,
  },
  {
    name: "leaks",
    mischief: "leak",
    logged: /Cannot run "\S+adapter\.ts": it used more than 300 MiB/,
    words: /it used more than 300 MiB/,
    args: ["--adapter-memory", "300MiB"],
  },
  {
    name: "exits",
    mischief: "exit",
    logged: /Cannot run "\S+adapter\.ts": it exited with 3/,
    words: /it exited with 3/,
  },
];

/** The issues of a group; `undefined` while it follows its sources. */
async function issueOf(xcp: Xcp, group: string): Promise<string | undefined> {
  const { stale, issues } = await groupOf(xcp, group);
  return stale ? issues.map(({ message }) => message).join("; ") : undefined;
}

/** Waits until every surface says why a group keeps what it has. */
async function isTold(xcp: Xcp, words: RegExp): Promise<void> {
  const surfaces = async () => {
    const { status, text } = await xcp.get("/readyz");
    const { reasons }: { readonly reasons: readonly string[] } = JSON.parse(text);
    const reason = reasons.find((reason) => reason.startsWith('group "site" keeps its last good snapshot: '));
    const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
    return {
      groups: await issueOf(xcp, "site"),
      readyz: status === 200 ? reason : `status ${status}`,
      status: code === 0 ? /^ {2}site:\n {4}(.*)$/m.exec(stdout)?.[1] : `exit ${code}`,
    };
  };
  let last = {};
  await eventually(async () => Object.values(last = await surfaces()).every((text) => words.test(text ?? "")), {
    describe: () => `${words} on every surface, found ${JSON.stringify(last, null, 2)}; the log:\n${xcp.log()}`,
  });
}

async function follows(xcp: Xcp, group = "site"): Promise<void> {
  let last: string | undefined;
  await eventually(async () => (last = await issueOf(xcp, group)) === undefined, {
    describe: () => `group "${group}" to follow its sources: ${last}\n${xcp.log()}`,
    timeout: 20_000,
  });
}

const streamsOf = async (xcp: Xcp) => (await clientsOf(xcp)).map(({ stream }) => stream);

/**
 * What holds for all mischief: Envoy keeps its stream, its configuration and its traffic; nothing is sent to it while the
 * adapter misbehaves, nor when the adapter is there again with what it had; the next change is followed.
 */
async function contained(world: AdapterWorld, during: () => Promise<void>): Promise<void> {
  const { xcp, envoy, url, blue, answers, define } = world;
  const [before, streams] = [await responses(xcp), await streamsOf(xcp)];
  assertEquals(before, { cluster: 1, listener: 1, route: 1 });
  await using load = startLoad({ url, rate: 50, freshEvery: 5 });
  await during();
  await follows(xcp);
  assertEquals(await responses(xcp), before, "something was sent");
  const { bodies } = load.report();
  assertEquals(Object.keys(bodies), ["red"]);

  await define({ backend: blue.port });
  assertEquals(await tell(xcp, "site").then(({ status, outcome }) => [status, outcome]), [200, "accepted"]);
  await answers({ status: 200, body: "blue" });
  // One after the other on one stream: what was on its way before would have been counted.
  assertEquals(await responses(xcp), { ...before, cluster: 2 });
  assertEquals(await streamsOf(xcp), streams);
  assertEquals(await envoy.stat("listener_manager.lds.update_rejected"), 0);
  const { failures, succeeded } = await load.stop();
  assertEquals(failures, []);
  assert(succeeded > 0);
}

for (const [index, { name, mischief, logged, words, args = ARGS }] of MISCHIEFS.entries()) {
  const what = "Envoy goes on, every surface says why, and it is started again and heals";
  Deno.test(`an adapter ${name}: ${what}`, NEEDS_ENVOY, async () => {
    await using world = await startAdapterWorld({ mode: MODES[index % 2] ?? "delta", args });
    const { xcp, define } = world;
    await contained(world, async () => {
      await define({ mischief });
      const told = tell(xcp, "site");
      await isTold(xcp, words);
      const { status, detail } = await told;
      assertEquals(status, 422);
      assertMatch(`${detail}`, words);
      assertMatch(xcp.log(), logged);
      const [first = 0] = pids(xcp);
      await isGone(first);
      await define({});
    });
    assert(pids(xcp).length > 1, xcp.log());
  });
}

Deno.test(
  "an adapter is killed, and crashes at its start: Envoy goes on, and it heals when it is mended",
  NEEDS_ENVOY,
  async () => {
    await using world = await startAdapterWorld({ args: ARGS });
    const { xcp, folder } = world;
    await contained(world, async () => {
      const crashes: readonly [source: string, words: RegExp][] = [
        [
          'throw new Error("no credentials");',
          /Cannot run "\S+": it failed in "init": no credentials \(\S+adapter\.ts:1:/,
        ],
        ['console.log("pid", process.pid);\nprocess.exit(4);', /Cannot run "\S+": it exited with 4/],
      ];
      for (const [index, [source, words]] of crashes.entries()) {
        await folder.write("adapter.ts", source);
        if (index === 0) process.kill(pids(xcp)[0] ?? 0, "SIGKILL");
        await isTold(xcp, words);
      }
      assertMatch(xcp.log(), /Cannot run "\S+": it was killed by SIGKILL/);
      assertEquals((await tell(xcp, "site")).status, 503);
      await folder.write("adapter.ts", ADAPTER);
    });
  },
);

Deno.test(
  "an adapter throws: its group keeps what it has, and another one follows its changes",
  NEEDS_ENVOY,
  async () => {
    await using world = await startAdapterWorld({ args: ARGS });
    const { xcp, define, red, blue } = world;
    const other = { port: freePort(), backend: red.port };
    const otherUrl = `http://127.0.0.1:${other.port}/`;
    await define({}, { other });
    assertEquals((await tell(xcp, "other")).status, 200);
    await using _other = await startFollower({ xds: xcp.xds, mode: "sotw", cluster: "other" });
    await eventuallyAnswers(otherUrl, { body: "red" });
    const [begin, streams] = [await responses(xcp), await streamsOf(xcp)];
    await using load = startLoad({ url: world.url, rate: 50, freshEvery: 5 });

    await define({ mischief: "throw", backend: blue.port }, { other });
    const { status, detail } = await tell(xcp, "site");
    assertEquals(status, 422);
    const words = /^Cannot generate group "site": no connection to the registry \(\S+adapter\.ts:7:\d+\)$/;
    assertMatch(`${detail}`, words);
    await isTold(xcp, /Cannot generate group "site": no connection to the registry \(\S+adapter\.ts:7:\d+\)/);
    await define({ mischief: "throw", backend: blue.port }, { other: { ...other, backend: blue.port } });
    assertEquals((await tell(xcp, "other")).status, 200);
    await eventuallyAnswers(otherUrl, { body: "blue" });
    assertEquals(await issueOf(xcp, "other"), undefined);
    assertMatch(await issueOf(xcp, "site") ?? "", words);
    assertEquals(Object.keys(load.report().bodies), ["red"]);
    assertEquals(await responses(xcp), { ...begin, cluster: (begin["cluster"] ?? 0) + 1 }, "more was sent than to one");

    // Nobody tells it of the end of that: it is tried again.
    await define({ backend: blue.port }, { other: { ...other, backend: blue.port } });
    await world.answers({ status: 200, body: "blue" });
    await follows(xcp);
    assertEquals(await streamsOf(xcp), streams);
    assertEquals(pids(xcp).length, 1);
    assertEquals((await load.stop()).failures, []);
  },
);
