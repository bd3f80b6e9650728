import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { GroupRule } from "../model/layer.ts";
import { loadApi } from "../model/api.ts";
import type { Resource } from "../model/resource.ts";
import { createSnapshot } from "../model/snapshot.ts";
import { type Blobs, StoreError } from "../store/blobs.ts";
import { push } from "../store/snapshot/push.ts";
import { readAccepted, readLatest } from "../store/snapshot/pointers.ts";
import { readContent, readManifest } from "../store/snapshot/read.ts";
import { SecretFinder } from "../store/snapshot/secrets.ts";
import { cluster, content, pushing, secretCluster } from "../store/snapshot/testing.ts";
import { type Fates, Memory, MemoryBlobs } from "../store/testing.ts";
import { Keeper, type KeeperOptions } from "./keeper.ts";
import type { KeptGroup } from "./port.ts";
import { FakeTime, until } from "./testing_time.ts";

const api = loadApi();
const GAP = 1_000;

/** A keeper of a store in memory, and what it is told. */
function setUp(more: Partial<KeeperOptions> = {}, memory = new Memory()) {
  const time = new FakeTime();
  const log: string[] = [];
  const opened: MemoryBlobs[] = [];
  /** What becomes of calls from now on. */
  const fate: { now: Fates } = { now: () => {} };
  const world = {
    groups: new Map<string, KeptGroup>(),
    gone: new Set<string>(),
    rules: [] as readonly GroupRule[],
  };
  const keeper = new Keeper({
    open: () => {
      const blobs = new MemoryBlobs(memory, (call, index) => fate.now(call, index));
      opened.push(blobs);
      return Promise.resolve(blobs);
    },
    ...{ url: "memory://test", role: "store", gapMs: GAP, secrets: { mode: "refuse" }, finder: new SecretFinder(api) },
    provenance: { who: "ana@edge", from: "./config", xcp: "0.1.0", envoyApi: api.version },
    now: () => Date.UTC(2026, 0, 2) + time.clock(),
    ...{ clock: time.clock, after: time.after, random: () => 0 },
    ...{ state: () => world.groups, gone: () => world.gone, rules: () => world.rules },
    log: {
      warn: (message) => log.push(`warn ${message}`),
      info: (message) => log.push(`info ${message}`),
      debug: () => {},
    },
    ...more,
  });
  return {
    ...{ time, log, memory, opened, fate, world, keeper },
    /** `content` is a number, or resources. */
    keep(group: string, content: number | readonly Resource[], more: Partial<KeptGroup> = {}) {
      const resources = typeof content === "number" ? [cluster(api, `${group}-c`, content)] : content;
      const kept = { snapshot: createSnapshot(resources), accepted: true, restored: false, ...more };
      world.groups = new Map(world.groups).set(group, kept);
      keeper.changed();
    },
    drop(group: string) {
      world.groups = new Map(world.groups);
      world.groups.delete(group);
      world.gone = new Set(world.gone).add(group);
      keeper.changed();
    },
    /** Lets time pass until the keeper waits for nothing but a change, `stop` is so, or it waits longer than `ms`. */
    async rest(ms = GAP, stop: () => boolean = () => false) {
      for (let quiet = 0; quiet < 50 && !stop();) {
        const { next } = time;
        if (next !== undefined && next <= ms) time.pass(next), quiet = 0;
        else quiet++;
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    },
    calls: () => opened.reduce((sum, { calls }) => sum + calls.length, 0),
  };
}

/** Reads a store anew: by group, the seconds of its first cluster, and what `accepted` has. */
async function read(memory: Memory) {
  const blobs = new MemoryBlobs(memory);
  const latest = await readLatest(blobs);
  const accepted = Object.entries((await readAccepted(blobs))?.pointer.groups ?? {});
  const found = latest && await readManifest(blobs, latest.pointer.number, { hash: latest.pointer.hash });
  const stored = found && await readContent(blobs, api, found.manifest);
  return {
    number: latest?.pointer.number,
    groups: Object.fromEntries(
      stored === undefined ? [] : [...stored.groups].map(([group, all]) => [group, secs(all)]),
    ),
    accepted: Object.fromEntries(accepted.map(([group, { number }]) => [group, number])),
    leftOut: stored?.leftOut.map(({ group, name }) => `${group}/${name}`) ?? [],
    rules: stored?.rules.map(({ group, id }) => `${group} ${id}`) ?? [],
  };
}

function secs(resources: readonly Resource[]): number | undefined {
  return [1, 2, 3, 4, 5, 6, 7, 8, 9].find((seconds) =>
    resources.some(({ name, version }) => cluster(api, name, seconds).version === version)
  );
}

Deno.test("what is kept is stored, and accepted of the groups whose clients took it", async () => {
  const { keep, rest, keeper, memory, time } = setUp();
  assertEquals(keeper.health().succeeded, undefined);
  keep("edge", 1);
  keep("web", 2, { accepted: false });
  await rest();
  assertEquals(await read(memory), {
    number: 1,
    groups: { edge: 1, web: 2 },
    accepted: { edge: 1 },
    leftOut: [],
    rules: [],
  });
  keep("web", 2);
  await rest();
  // The content is the same, so the snapshot is.
  assertEquals((await read(memory)).accepted, { edge: 1, web: 1 });
  keep("web", 3);
  await rest();
  assertEquals((await read(memory)).accepted, { edge: 2, web: 2 });
  const succeeded = Date.UTC(2026, 0, 2) + time.clock();
  assertEquals(keeper.health(), { url: "memory://test", role: "store", failure: undefined, succeeded, snapshot: 2 });
  await keeper.close();
});

Deno.test("nothing is asked of the store while nothing is kept, and nothing twice; other rules are another state", async () => {
  const { keep, rest, keeper, opened, calls, world, memory } = setUp();
  keeper.changed();
  await rest();
  assertEquals(opened.length, 0);
  keep("edge", 1);
  await rest();
  const before = calls();
  for (let i = 0; i < 5; i++) {
    keep("edge", 1);
    await rest();
  }
  assertEquals([calls(), opened.length], [before, 1]);
  world.rules = [{ group: "edge", id: "e-*" }];
  keeper.changed();
  await rest();
  assertEquals((await read(memory)).rules, ["edge e-*"]);
  await keeper.close();
});

Deno.test("a storm of changes is a push at a time with a gap between, and the last state is stored", async () => {
  const starts: number[] = [];
  let under = 0;
  let most = 0;
  const memory = new Memory();
  const { keep, rest, keeper, time } = setUp({
    open: () => {
      const blobs = new MemoryBlobs(memory, ({ method, key }) => {
        // A push begins with `latest`, and a move of `accepted` ends it.
        if (method === "get" && key === "latest.json") {
          starts.push(time.clock());
          most = Math.max(most, ++under);
        }
        if (method === "get" && key === "accepted.json") under--;
      });
      return Promise.resolve(blobs);
    },
  });
  for (let i = 0; i < 100; i++) {
    keep("edge", i % 9 + 1);
    if (i % 10 === 9) await rest(300);
    else await new Promise<void>((resolve) => setImmediate(resolve));
    time.pass(20);
  }
  await rest();
  assertEquals(most, 1);
  assert(starts.length > 1 && starts.length <= 4, `${starts.length} pushes`);
  assert(starts.every((at, i) => i === 0 || at - (starts[i - 1] ?? 0) >= GAP), starts.join());
  assertEquals((await read(memory)).groups, { edge: 99 % 9 + 1 });
  await keeper.close();
});

Deno.test("a change while a push is under way is one more push, of what is to be kept then", async () => {
  const { keep, drop, rest, keeper, fate, opened, memory } = setUp();
  const held = Promise.withResolvers<void>();
  fate.now = () => held.promise;
  keep("edge", 1);
  await rest(GAP, () => opened[0]?.calls.length === 1);
  keep("edge", 2);
  keep("edge", 3);
  fate.now = () => {};
  held.resolve();
  await rest();
  const { number, groups } = await read(memory);
  assertEquals([number, groups], [2, { edge: 3 }]);
  drop("edge");
  await rest();
  // That there is nothing is not stored.
  assertEquals((await read(memory)).groups, { edge: 3 });
  await keeper.close();
});

Deno.test("what is no more when the store is open at last is not stored", async () => {
  const opening = Promise.withResolvers<Blobs>();
  const { keep, drop, rest, keeper, memory } = setUp({ open: () => opening.promise });
  keep("edge", 1);
  await rest();
  drop("edge");
  opening.resolve(new MemoryBlobs(memory));
  await rest();
  assertEquals(memory.list(), []);
  await keeper.close();
});

Deno.test("what somebody else has in the store stays, and so does what this server knows nothing newer of", async () => {
  const memory = new Memory();
  const blobs = new MemoryBlobs(memory);
  const rules = [{ group: "theirs", id: "t-*" }, { group: "edge", id: "old-*" }, { group: "lost", id: "l-*" }];
  const secrets = { mode: "without" } as const;
  await push(
    blobs,
    content({
      theirs: [cluster(api, "theirs-c", 5), secretCluster(api, "hidden")],
      edge: [cluster(api, "edge-c", 5)],
      waiting: [cluster(api, "waiting-c", 5)],
      restored: [cluster(api, "restored-c", 5)],
      lost: [cluster(api, "lost-c", 5)],
    }, { rules }),
    pushing(api, { secrets }),
  );
  const { keep, drop, rest, keeper, world, log } = setUp({}, memory);
  world.rules = [{ group: "edge", id: "e-*" }];
  keep("edge", 1);
  keep("restored", 2, { accepted: false, restored: true });
  keep("elsewhere", 3, { accepted: false, restored: true });
  drop("lost");
  await rest();
  assertEquals(await read(memory), {
    number: 2,
    groups: { edge: 1, elsewhere: 3, restored: 5, theirs: 5, waiting: 5 },
    accepted: { edge: 2 },
    leftOut: ["theirs/hidden"],
    rules: ["edge e-*", "theirs t-*"],
  });
  drop("edge");
  await rest();
  const after = await read(memory);
  assertEquals([Object.keys(after.groups), after.accepted], [["elsewhere", "restored", "theirs", "waiting"], {}]);
  // Everything that was restored is there as it was.
  keep("restored", 2);
  await rest();
  assertEquals((await read(memory)).groups.restored, 2);
  assertEquals(log, []);
  await keeper.close();
});

Deno.test("a group is taken out of the store once: that another server puts it there again is not undone", async () => {
  const memory = new Memory();
  const [a, b] = [setUp({}, memory), setUp({}, memory)];
  a.keep("moves", 1);
  a.keep("edge", 1);
  await a.rest();
  a.drop("moves");
  a.fate.now = ({ key }) => key === "accepted.json" ? "fail" : undefined;
  await a.rest(GAP);
  assertEquals((await read(memory)).accepted, { edge: 1, moves: 1 });
  a.fate.now = () => {};
  await a.rest(60_000);
  assertEquals(await read(memory), { number: 2, groups: { edge: 1 }, accepted: { edge: 2 }, leftOut: [], rules: [] });

  b.keep("moves", 2);
  await b.rest();
  a.keep("edge", 2);
  await a.rest();
  const both = { groups: { edge: 2, moves: 2 }, accepted: { edge: 4, moves: 3 }, leftOut: [], rules: [] };
  assertEquals(await read(memory), { number: 4, ...both });
  // It was there again, and goes again.
  a.world.gone = new Set();
  a.keep("moves", 3);
  await a.rest();
  a.drop("moves");
  await a.rest();
  assertEquals(Object.keys((await read(memory)).groups), ["edge"]);
  await Promise.all([a.keeper.close(), b.keeper.close()]);
});

Deno.test("two servers with groups of their own leave each other's alone, also when both push at once", async () => {
  const memory = new Memory();
  const [a, b] = [setUp({}, memory), setUp({ random: () => 0.5 }, memory)];
  for (let round = 1; round <= 5; round++) {
    a.keep("a", round);
    b.keep("b", round);
    await Promise.all([a.rest(), b.rest()]);
    await Promise.all([a.rest(), b.rest()]);
    const { groups, accepted } = await read(memory);
    assertEquals([groups, Object.keys(accepted)], [{ a: round, b: round }, ["a", "b"]]);
  }
  assertEquals([...a.log, ...b.log], []);
  await a.keeper.close();
  await b.keeper.close();
});

Deno.test("a store that is down is tried less and less often, said once, and heals by itself", async () => {
  const { keep, rest, keeper, fate, log, time, memory, opened } = setUp();
  fate.now = () => "fail";
  const waits: number[] = [];
  keep("edge", 1);
  for (let i = 0; i < 8; i++) {
    const tries = opened.length;
    await rest(0, () => opened.length > tries && time.pending > 0);
    keep("edge", i % 9 + 1);
    waits.push(time.next ?? 0);
    time.pass(time.next ?? 0);
  }
  assertEquals(waits, [1, 2, 4, 8, 16, 30, 30, 30].map((seconds) => seconds * 1_000));
  assertEquals(log, ['warn Cannot store in "memory://test": Cannot get "latest.json": no answer']);
  assertEquals(keeper.health().failure, log[0]?.slice("warn ".length));
  fate.now = () => {};
  await rest(30_000);
  assertEquals(await read(memory), { number: 1, groups: { edge: 8 }, accepted: { edge: 1 }, leftOut: [], rules: [] });
  assertEquals(log.slice(1), ['info Stores in "memory://test" again, after 121 s']);
  assertEquals(keeper.health().failure, undefined);
  await keeper.close();
});

Deno.test("a store that cannot be opened at the start is opened later", async () => {
  let tries = 0;
  const memory = new Memory();
  const blobs = new MemoryBlobs(memory);
  const { keep, rest, keeper, log } = setUp({
    open: (): Promise<Blobs> =>
      ++tries < 4
        ? Promise.reject(new StoreError("missing", 'Cannot open "b": no such bucket'))
        : Promise.resolve(blobs),
  });
  keep("edge", 1);
  await rest(30_000);
  assertEquals([tries, log.length, (await read(memory)).groups], [4, 2, { edge: 1 }]);
  await keeper.close();
});

Deno.test("whichever call a store dies at, what is stored is a state that was, and it heals to the last one", async () => {
  const probe = setUp();
  probe.keep("edge", 1);
  await probe.rest();
  const start = probe.calls();
  probe.keep("edge", 2);
  await probe.rest();
  const steps = probe.calls() - start;
  await probe.keeper.close();
  assert(steps > 5, `${steps} calls`);
  for (let at = 0; at < steps; at++) {
    for (const last of ["fail", "lost"] as const) {
      const { keep, rest, keeper, memory, fate, log, time } = setUp();
      keep("edge", 1);
      await rest();
      let calls = 0;
      fate.now = () => calls++ < at ? undefined : calls === at + 1 ? last : "fail";
      keep("edge", 2);
      await rest(GAP, () => keeper.health().failure !== undefined && time.pending > 0);
      const torn = await read(memory);
      assert(torn.groups.edge === 1 || torn.groups.edge === 2, `step ${at}: ${JSON.stringify(torn)}`);
      fate.now = () => {};
      keep("edge", 1);
      await rest(30_000);
      const healed = await read(memory);
      assertEquals([healed.groups, healed.accepted], [{ edge: 1 }, { edge: healed.number }], `step ${at}, ${last}`);
      assertEquals(log.length, 2, `step ${at}, ${last}: ${log.join("; ")}`);
      await keeper.close();
    }
  }
});

Deno.test("secrets that nobody said anything about are a failure that says what to do, until the content is another", async () => {
  const { keep, rest, keeper, memory, log, calls, time } = setUp();
  keep("web", 1);
  await rest();
  keep("edge", [secretCluster(api, "hidden")]);
  await rest();
  assertEquals(log, [
    'warn Cannot store in "memory://test": a resource holds a secret: cluster "hidden" of group "edge"; ' +
    "--with-secrets RECIPIENTS encrypts them, --without-secrets leaves them out",
  ]);
  const before = calls();
  keeper.changed();
  await rest(60_000);
  await keeper.flush(1_000);
  assertEquals([calls(), time.pending], [before, 0]);
  assertStringIncludes(log.at(-1) ?? "", "is not stored: Cannot store");
  keep("edge", 2);
  await rest();
  assertEquals((await read(memory)).groups, { edge: 2, web: 1 });
  assertEquals(keeper.health().failure, undefined);
  await keeper.close();
});

Deno.test("of a copy only so many snapshots stay", async () => {
  const { keep, rest, keeper, memory } = setUp({ role: "copy", keepSnapshots: 3 });
  for (let i = 1; i <= 6; i++) {
    keep("edge", i);
    await rest();
  }
  assertEquals(memory.list("snapshots/"), ["snapshots/4.json", "snapshots/5.json", "snapshots/6.json"]);
  assertEquals(memory.list().filter((key) => key.startsWith("clock/")), []);
  await keeper.close();
});

Deno.test("at the end what is not stored is, without waiting for the gap or the next try", async () => {
  const { keep, rest, keeper, memory, fate, log, time } = setUp();
  keep("edge", 1);
  await rest();
  keep("edge", 2);
  await keeper.flush(5_000);
  assertEquals((await read(memory)).groups, { edge: 2 });
  fate.now = () => "fail";
  keep("edge", 3);
  await rest(GAP, () => keeper.health().failure !== undefined);
  fate.now = () => {};
  assert(time.pending > 0);
  await keeper.flush(5_000);
  assertEquals((await read(memory)).groups, { edge: 3 });
  assertEquals([log.length, time.pending], [2, 0]);
  await keeper.close();
});

Deno.test("the end waits for a store no longer than it is told, and says what is lost", async () => {
  const { keep, keeper, fate, log, time, memory, opened } = setUp();
  const never = Promise.withResolvers<void>();
  fate.now = () => never.promise;
  keep("edge", 1);
  let ended = false;
  const flushed = keeper.flush(5_000).then(() => ended = true);
  await until(() => opened.length > 0 && opened[0]?.calls.length === 1);
  time.pass(4_999);
  await until(() => true);
  assertEquals(ended, false);
  time.pass(1);
  await flushed;
  assertEquals(log, [
    'warn What clients accepted last is not stored: Cannot store in "memory://test": it takes longer than 5000 ms',
  ]);
  never.resolve();
  await keeper.close();
  keep("edge", 2);
  assertEquals([time.pending, memory.list(), log.length], [0, [], 1]);
});

Deno.test("a store that opens when everything is over is closed", async () => {
  const opening = Promise.withResolvers<Blobs>();
  const { keep, rest, keeper } = setUp({ open: () => opening.promise });
  keep("edge", 1);
  await rest();
  await keeper.close();
  const late = new MemoryBlobs();
  let closed = false;
  late.close = () => Promise.resolve(void (closed = true));
  opening.resolve(late);
  await until(() => closed);
});
