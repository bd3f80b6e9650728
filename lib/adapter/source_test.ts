import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { CallError } from "./protocol.ts";
import { Followed, settle } from "./fake_program.ts";

function results(entries: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(Object.entries(entries));
}

const FAILED = "Cannot generate group";

Deno.test("the first layer has every group that the adapter lists, generated in the order of names", async () => {
  await using followed = await Followed.load({
    groups: ["edge", "core", "edge"],
    results: results({ edge: ["a=1"], core: ["b=1", "c=1"] }),
  });
  assertEquals(followed.shown, { core: ["b=1", "c=1"], edge: ["a=1"] });
  assertEquals(followed.run.said, ["init", "list", "core: all", "edge: all"]);
  assertEquals(followed.last.name, "./adapter.ts");
  const [resource] = followed.part("edge").resources;
  assertEquals(resource?.origin, { layer: "./adapter.ts", file: "./adapter.ts", line: 1, column: 1 });
});

Deno.test("four groups are generated at once, and of each one call at a time", async () => {
  await using followed = new Followed({ groups: ["a", "b", "c", "d", "e"] });
  const loaded = followed.source.load();
  await settle();
  const { run } = followed;
  assertEquals(run.open.map(({ text }) => text), ["a: all", "b: all", "c: all", "d: all"]);
  run.asked("b: all").answer([]);
  await settle();
  assertEquals(run.open.map(({ text }) => text), ["a: all", "c: all", "d: all", "e: all"]);
  for (const asked of [...run.open]) asked.answer([]);
  await loaded;
});

Deno.test("a burst of changes is one call with all ids, for the group that changed alone", async () => {
  await using followed = await Followed.load({
    groups: ["core", "edge"],
    results: results({ core: [], edge: ["a=1"] }),
  });
  const core = followed.part("core");
  const { run, clock, source, adapter } = followed;
  adapter.behaviour.results.set("edge", ["a=2"]);
  run.heard.changed("edge", ["x"]);
  run.heard.changed("edge", ["y", "x"]);
  const done = source.changed("edge", ["z"]);
  await clock.pass(10);
  assertEquals(await done, { kind: "published" });
  assertEquals(run.said.slice(4), ["edge: x, y, z"]);
  assertEquals(followed.shown, { core: [], edge: ["a=2"] });
  assertStrictEquals(followed.part("core"), core);
  assertEquals(followed.layers.length, 2);
});

Deno.test("without ids, with none, and with too many of them everything changed", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { run, clock } = followed;
  const many = Array.from({ length: 10_001 }, (_, i) => `${i}`);
  for (const ids of [undefined, [], many]) {
    run.heard.changed("edge", ["x"]);
    run.heard.changed("edge", ids);
    await clock.pass(10);
  }
  assertEquals(run.said.slice(3), ["edge: all", "edge: all", "edge: all"]);
});

Deno.test("a generation that is overtaken is dropped, and done again with the ids of both", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { run, clock, source, adapter } = followed;
  adapter.behaviour.results.clear();
  const first = source.changed("edge", ["x"]);
  await clock.pass(10);
  const second = source.changed("edge", ["y"]);
  run.asked("edge: x").answer(["a=2"]);
  await clock.pass(10);
  assertEquals(followed.shown, { edge: ["a=1"] });
  run.asked("edge: y, x").answer(["a=3"]);
  assertEquals(await Promise.all([first, second]), [{ kind: "published" }, { kind: "published" }]);
  assertEquals(followed.shown, { edge: ["a=3"] });
});

Deno.test("a group that changes all the time is published all the same, two seconds after it was last", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=0"] }) });
  const { run, clock, source, adapter } = followed;
  adapter.behaviour.results.clear();
  const first = source.changed("edge", ["0"]);
  let last = Promise.resolve<unknown>(undefined);
  let calls = 0;
  // A generation takes 300 ms, and something changes in each.
  for (; followed.layers.length === 1 && calls < 100; calls++) {
    await clock.pass(10);
    last = source.changed("edge", [`${calls + 1}`]);
    await clock.pass(290);
    run.open[0]?.answer([`a=${calls + 1}`]);
    await settle();
  }
  assertEquals(calls, 7);
  assertEquals(followed.run.said.at(-1), "edge: 6, 5, 4, 3, 2, 1, 0");
  assertEquals(followed.shown, { edge: ["a=7"] });
  assertEquals(await first, { kind: "published" });
  // What overtook it is generated next, and nothing that was taken already.
  await clock.pass(10);
  run.asked("edge: 7").answer(["a=9"]);
  assertEquals(await last, { kind: "published" });
  assertEquals(followed.shown, { edge: ["a=9"] });
});

Deno.test("a group that nobody listed is generated when it changes, and null is the end of a group", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"], new: ["b=1"] }) });
  const { clock, source, adapter } = followed;
  const there = source.changed("new");
  await clock.pass(10);
  assertEquals(await there, { kind: "published" });
  assertEquals(followed.shown, { edge: ["a=1"], new: ["b=1"] });
  assert(source.has("new"));
  for (const group of ["new", "other"]) {
    adapter.behaviour.results.set(group, null);
    const gone = source.changed(group);
    await clock.pass(10);
    assertEquals(await gone, { kind: "absent" });
  }
  assertEquals(followed.shown, { edge: ["a=1"] });
  assert(!source.has("new"));
});

Deno.test("what comes again in the same words is the same part, and no new layer", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1", "?odd"] }) });
  const { clock, source } = followed;
  const done = source.changed("edge");
  await clock.pass(10);
  assertEquals(await done, { kind: "published" });
  assertEquals(followed.layers.length, 1);
});

Deno.test("a resource that did not change is read once", async () => {
  const texts: string[] = [];
  const { readToy } = await import("./fake_program.ts");
  const read = (text: string, file: string) => {
    texts.push(text.split("\n").slice(1, -1).join(""));
    return readToy(text, file);
  };
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1", "b=1"] }) }, {
    read,
  });
  const [a] = followed.part("edge").resources;
  followed.adapter.behaviour.results.set("edge", ["c=1", "a=1", "b=2"]);
  followed.run.heard.changed("edge", undefined);
  await followed.clock.pass(10);
  assertEquals(followed.shown, { edge: ["c=1", "a=1", "b=2"] });
  assertEquals(texts, ['"a=1","b=1"', '"c=1","b=2"']);
  assertStrictEquals(followed.part("edge").resources[1], a);
});

for (
  const [what, result, words] of [
    ["throws", new CallError("failed", "no such table"), `${FAILED} "edge": no such table`],
    ["gives a resource that is not valid", ["a=2", "!wrong"], 'In resources[1] of group "edge": wrong (at name)'],
    [
      "gives no list",
      { resources: [] },
      `${FAILED} "edge": "generate" answered with an object instead of a list of resources`,
    ],
  ] as const
) {
  Deno.test(`a group that ${what} keeps what it had, says why, and is tried again less and less often`, async () => {
    await using followed = await Followed.load({
      groups: ["core", "edge"],
      results: results({ core: [], edge: ["a=1"] }),
    });
    const { run, clock, source, adapter } = followed;
    const core = followed.part("core");
    const { resources } = followed.part("edge");
    adapter.behaviour.results.set("edge", result);
    const done = source.changed("edge", ["x"]);
    await clock.pass(10);
    const changed = await done;
    assertEquals([changed.kind, "message" in changed && changed.message], ["failed", words]);
    assertEquals(followed.shown, { core: [], edge: ["a=1", `!${words}`] });
    assertStrictEquals(followed.part("edge").resources, resources);
    assertStrictEquals(followed.part("core"), core);
    assertEquals(followed.last.failures, []);
    const waits: number[][] = [];
    for (let i = 0; i < 7; i++) {
      waits.push(clock.waiting);
      await clock.pass(clock.waiting[0] ?? 0);
    }
    assertEquals(waits, [[1_000], [2_000], [4_000], [8_000], [16_000], [30_000], [30_000]]);
    assertEquals(followed.layers.length, 2);
    assertEquals(new Set(run.said.slice(4)), new Set(["edge: x"]));
    // A change does not wait for that.
    adapter.behaviour.results.set("edge", ["a=3"]);
    run.heard.changed("edge", ["y"]);
    await clock.pass(10);
    assertEquals(run.said.at(-1), "edge: y, x");
    assertEquals(followed.shown, { core: [], edge: ["a=3"] });
    assertEquals(clock.waiting, []);
  });
}

Deno.test("changes without end do not put off the next attempt at a group that failed", async () => {
  await using followed = await Followed.load({
    groups: ["edge"],
    results: results({ edge: new CallError("failed", "no") }),
  });
  const { run, clock } = followed;
  for (let i = 0; i < 4; i++) {
    run.heard.changed("edge", ["x"]);
    await clock.pass(4);
  }
  assertEquals(run.said.slice(3), ["edge: all"]);
});

Deno.test("a process that ends is started again, less and less soon, and groups keep what they have", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { clock, adapter } = followed;
  const part = followed.part("edge");
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    followed.run.exit("it exited with 3");
    await settle();
    assertEquals(followed.shown, { edge: ["a=1"], failures: ['Cannot run "./adapter.ts": it exited with 3'] });
    const [ms = 0] = clock.waiting;
    waits.push(ms);
    await clock.pass(ms);
    assertEquals(followed.shown, { edge: ["a=1"] });
    assertStrictEquals(followed.part("edge"), part);
  }
  assertEquals(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  // One that ran for a minute begins anew.
  await clock.pass(60_000);
  followed.run.exit("it exited with 3");
  await settle();
  assertEquals(clock.waiting, [500]);
  assertEquals(adapter.runs.length, 9);
  assert(adapter.runs.slice(0, -1).every(({ stopped }) => stopped));
});

Deno.test("after a restart everything is generated anew, and what is not listed any more is gone", async () => {
  await using followed = await Followed.load({
    groups: ["core", "edge"],
    results: results({ core: ["b=1"], edge: ["a=1"] }),
  });
  const { adapter, clock } = followed;
  followed.run.exit("it exited with 0");
  adapter.behaviour.groups = ["edge", "new"];
  adapter.behaviour.results.set("edge", ["a=2"]).set("new", ["c=1"]);
  await settle();
  await clock.pass(500);
  assertEquals(followed.shown, { edge: ["a=2"], new: ["c=1"] });
  assertEquals(followed.run.said, ["init", "list", "edge: all", "new: all"]);
  // First the failure, then all of the new: nothing in between.
  assertEquals(followed.layers.length, 3);
});

Deno.test("a change is refused while there is no process, and one that it was waiting for", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { source, adapter, clock } = followed;
  adapter.behaviour.results.clear();
  const waiting = source.changed("edge");
  await clock.pass(10);
  const behind = source.changed("edge");
  followed.run.exit("it exited with 3");
  const message = 'Cannot run "./adapter.ts": it exited with 3';
  assertEquals(await behind, { kind: "unavailable", message });
  assertEquals((await waiting).kind, "failed");
  assertEquals(await source.changed("edge"), { kind: "unavailable", message });
});

Deno.test("a group that the process hangs in is stopped with it, and then it is in no other group's way", async () => {
  await using followed = await Followed.load({
    groups: ["bad", "edge"],
    results: results({ bad: ["b=1"], edge: ["a=1"] }),
  });
  const { adapter, clock, source } = followed;
  adapter.behaviour.results.delete("bad");
  const done = source.changed("bad", ["x"]);
  await clock.pass(10);
  followed.run.asked("bad: x").fail("late", "no answer in 30 seconds");
  assertEquals(await done, {
    kind: "failed",
    message: `${FAILED} "bad": no answer in 30 seconds`,
    issues: [{
      at: { file: "./adapter.ts", line: 1, column: 1 },
      path: "",
      rule: "adapter",
      severity: "error",
      message: `${FAILED} "bad": no answer in 30 seconds`,
    }],
  });
  assert(followed.run.stopped);
  await settle();
  assertEquals(followed.shown["failures"], [
    'Cannot run "./adapter.ts": it hangs in "generate" of group "bad": no answer in 30 seconds',
  ]);
  adapter.behaviour.results.set("edge", ["a=2"]);
  await clock.pass(500);
  // The others are there before it is tried again.
  assertEquals(followed.shown, { bad: ["b=1", `!${FAILED} "bad": no answer in 30 seconds`], edge: ["a=2"] });
  assertEquals(followed.run.said, ["init", "list", "edge: all"]);
  await clock.pass(1_000);
  followed.run.asked("bad: all").answer(["b=2"]);
  await settle();
  assertEquals(followed.shown, { bad: ["b=2"], edge: ["a=2"] });
});

Deno.test("of several groups that are generated when the process ends, the one whose fault it is is found", async () => {
  await using followed = await Followed.load({
    groups: ["bad", "good", "other"],
    results: results({ bad: ["a=1"], good: ["b=1"], other: ["c=1"] }),
  });
  const { adapter, clock } = followed;
  adapter.behaviour.results.delete("bad");
  adapter.behaviour.results.delete("good");
  followed.run.heard.changed("bad", undefined);
  followed.run.heard.changed("good", undefined);
  await clock.pass(10);
  assertEquals(followed.run.open.length, 2);
  followed.run.exit("it exited with 1");
  await settle();
  await clock.pass(500);
  const why = (group: string) => `!${FAILED} "${group}": the adapter ended meanwhile: it exited with 1`;
  assertEquals(followed.shown, { bad: ["a=1", why("bad")], good: ["b=1", why("good")], other: ["c=1"] });
  // One at a time.
  await clock.pass(1_000);
  assertEquals(followed.run.open.map(({ text }) => text), ["bad: all"]);
  // Who is generated beside it is not blamed.
  adapter.behaviour.results.delete("other");
  followed.run.heard.changed("other", undefined);
  await clock.pass(10);
  assertEquals(followed.run.open.length, 2);
  adapter.behaviour.results.set("good", ["b=2"]).set("other", ["c=1"]);
  followed.run.exit("it exited with 1");
  await settle();
  await clock.pass(1_000);
  assertEquals(followed.shown, { bad: ["a=1", why("bad")], good: ["b=1", why("good")], other: ["c=1"] });
  await clock.pass(1_000);
  assertEquals(followed.shown, { bad: ["a=1", why("bad")], good: ["b=2"], other: ["c=1"] });
});

Deno.test("a group that ends every process in its first generation is served without", async () => {
  await using followed = new Followed({ groups: ["bad", "edge"], results: results({ edge: ["a=1"] }) });
  const loading = followed.source.load();
  await settle();
  followed.run.exit("it exited with 1");
  followed.layers.push(await loading);
  assertEquals(followed.shown["failures"], ['Cannot run "./adapter.ts": it exited with 1']);
  await followed.clock.pass(500);
  assertEquals(followed.shown, {
    bad: [`!${FAILED} "bad": the adapter ended meanwhile: it exited with 1`],
    edge: ["a=1"],
  });
});

for (
  const [what, init, words] of [
    ["cannot be started", undefined, "no such file"],
    ["fails in init", () => {
      throw new CallError("failed", "connection refused");
    }, 'it failed in "init": connection refused'],
    ["hangs in init", () => {
      throw new CallError("late", "no answer in 30 seconds");
    }, 'it hangs in "init": no answer in 30 seconds'],
  ] as const
) {
  Deno.test(`an adapter that ${what} is a layer with a failure, and heals`, async () => {
    let broken = true;
    await using followed: Followed = new Followed({ groups: ["edge"], results: results({ edge: ["a=1"] }) }, {
      start: (heard) => {
        if (broken && init === undefined) throw new Error("no such file");
        return followed.adapter.start(heard);
      },
    });
    if (init !== undefined) followed.adapter.behaviour.init = init;
    followed.layers.push(await followed.source.load());
    assertEquals(followed.shown, { failures: [`Cannot run "./adapter.ts": ${words}`] });
    broken = false;
    delete followed.adapter.behaviour.init;
    await followed.clock.pass(500);
    assertEquals(followed.shown, { edge: ["a=1"] });
  });
}

Deno.test("an adapter that suddenly lists nothing is a failure, and with allowEmpty what is meant", async () => {
  for (const allowEmpty of [false, true]) {
    await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) }, {
      allowEmpty,
    });
    followed.run.exit("it exited with 0");
    followed.adapter.behaviour.groups = [];
    await settle();
    await followed.clock.pass(500);
    const failure = 'Cannot read "./adapter.ts": it had resources and has none any more ' +
      "(--allow-empty takes that for what is meant)";
    assertEquals(followed.shown, allowEmpty ? {} : { edge: ["a=1"], failures: [failure] });
    followed.run.heard.changed("edge", undefined);
    await followed.clock.pass(10);
    assertEquals(followed.shown, { edge: ["a=1"] });
  }
});

Deno.test("a name that no group can have is left out, and said", async () => {
  await using followed = await Followed.load({ groups: ["a/b", "edge"], results: results({ edge: ["a=1"] }) });
  assertEquals(followed.shown, { edge: ["a=1"] });
  assertEquals(followed.last.common.issues.map(({ message, severity }) => [severity, message]), [
    ["warning", 'Cannot serve all of "./adapter.ts": "list" names group "a/b": it has a "/"'],
  ]);
  assertEquals((await followed.source.changed("..")).kind, "failed");
});

Deno.test("when its files change a new process takes over once it generated everything", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { adapter, clock } = followed;
  const old = followed.run;
  adapter.behaviour.results.clear();
  followed.touch();
  await settle();
  const next = followed.run;
  assert(next !== old);
  // Until then the old one goes on, and what the new one hears is kept.
  old.heard.changed("edge", ["x"]);
  await clock.pass(10);
  next.heard.changed("edge", ["y"]);
  assert(!old.stopped);
  next.asked("edge: all").answer(["a=2"]);
  await settle();
  assertEquals(followed.shown, { edge: ["a=2"] });
  assert(old.stopped);
  await clock.pass(10);
  next.asked("edge: x, y").answer(["a=3"]);
  await settle();
  assertEquals(followed.shown, { edge: ["a=3"] });
  assertEquals(followed.layers.length, 3);
  assertEquals(followed.last.failures, []);
});

for (
  const [what, break_, words] of [
    ["fails in one group", (followed: Followed) => {
      followed.adapter.behaviour.results.set("core", new CallError("failed", "no"));
    }, `${FAILED} "core": no`],
    ["generates what is not valid", (followed: Followed) => {
      followed.adapter.behaviour.results.set("edge", ["!wrong"]);
    }, 'In resources[0] of group "edge": wrong (at name)'],
    ["lists nothing", (followed: Followed) => {
      followed.adapter.behaviour.groups = [];
    }, "it generates no resources"],
    ["fails in init", (followed: Followed) => {
      followed.adapter.behaviour.init = () => {
        throw new CallError("failed", "syntax error");
      };
    }, 'Cannot run "./adapter.ts": it failed in "init": syntax error'],
  ] as const
) {
  Deno.test(`a new process that ${what} does not take over, and the groups say why until one does`, async () => {
    await using followed = await Followed.load({
      groups: ["core", "edge"],
      results: results({ core: ["b=1"], edge: ["a=1"] }),
    });
    const old = followed.run;
    break_(followed);
    followed.layers.push(await followed.source.reload());
    assertEquals(followed.shown, { core: ["b=1"], edge: ["a=1"] });
    assertEquals(followed.last.common.issues.map(({ severity, message }) => [severity, message]), [
      ["warning", `Cannot take the new "./adapter.ts", the one from before stays: ${words}`],
    ]);
    assertEquals(followed.last.failures, []);
    assert(followed.run !== old && followed.run.stopped && !old.stopped);
    followed.adapter.behaviour.results.set("edge", ["a=9"]);
    old.heard.changed("edge", undefined);
    await followed.clock.pass(10);
    assertEquals(followed.shown, { core: ["b=1"], edge: ["a=9"] });

    followed.adapter.behaviour.init = () => {};
    followed.adapter.behaviour.groups = ["edge"];
    followed.layers.push(await followed.source.reload());
    assertEquals([followed.shown, followed.last.common.issues], [{ edge: ["a=9"] }, []]);
  });
}

Deno.test("a process that ends while the next one starts is followed by that one, once", async () => {
  await using followed = await Followed.load({ groups: ["edge"], results: results({ edge: ["a=1"] }) });
  const { adapter, clock } = followed;
  const old = followed.run;
  adapter.behaviour.results.clear();
  followed.touch();
  await settle();
  old.exit("it exited with 1");
  await settle();
  followed.run.asked("edge: all").answer(["a=2"]);
  await settle();
  await clock.pass(60_000);
  assertEquals(adapter.runs.length, 2);
  assertEquals(followed.shown, { edge: ["a=2"] });
});

Deno.test("closing ends the process, whatever it is at, and whoever waits is told", async () => {
  for (const at of ["start", "change", "renewal"] as const) {
    const followed = new Followed({ groups: ["edge"], results: results(at === "start" ? {} : { edge: ["a=1"] }) });
    const loading = followed.source.load();
    await settle();
    if (at === "start") {
      const rejected = assertRejects(() => loading, Error, 'Cannot load "./adapter.ts": the source was closed');
      await followed.source.close();
      await rejected;
    } else {
      await loading;
      followed.adapter.behaviour.results.clear();
      const changed = followed.source.changed("edge");
      await followed.clock.pass(10);
      if (at === "renewal") followed.touch();
      await settle();
      await followed.source.close();
      assertEquals((await changed).kind, "unavailable");
    }
    assert(followed.adapter.runs.every(({ stopped }) => stopped), at);
    assertEquals(followed.clock.waiting, []);
    assertEquals(followed.layers, []);
  }
});
