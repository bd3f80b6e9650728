import { assert, assertEquals } from "@std/assert";
import type { Standings } from "../hub/status.ts";
import { createResource } from "../model/resource.ts";
import { createSnapshot, type Snapshot } from "../model/snapshot.ts";
import { CLUSTER } from "../model/types.ts";
import { Acceptance } from "./acceptance.ts";
import type { KeptGroup, KeptHub } from "./port.ts";
import { FakeTime } from "./testing_time.ts";

const SETTLE = 1_000;
/** Until a change was looked at. */
const LOOK = 100;

const TAKEN = { clients: 2, open: 0, refused: 0 };
const OPEN = { clients: 2, open: 1, refused: 0 };
const REFUSED = { clients: 2, open: 0, refused: 1 };
const ALONE = { clients: 0, open: 0, refused: 0 };

function snapshot(content: number): Snapshot {
  const origin = undefined;
  return createSnapshot([
    createResource({ type: CLUSTER.url, name: "c", bytes: new Uint8Array([content]), references: [], origin }),
  ]);
}

class FakeHub implements KeptHub {
  readonly groups = new Map<string, Standings>();
  readonly #listeners = new Set<(group: string) => void>();
  /** How often standings were asked for. */
  asked = 0;

  get kept(): readonly string[] {
    return [...this.groups.keys()].sort();
  }

  standings(group: string): Standings | undefined {
    this.asked++;
    return this.groups.get(group);
  }

  rules() {
    return [];
  }

  onStanding(listener: (group: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  set(group: string, standings: Partial<Standings> | undefined): void {
    const before = this.groups.get(group) ?? { snapshot: undefined, restored: false, ...ALONE };
    if (standings === undefined) this.groups.delete(group);
    else this.groups.set(group, { ...before, ...standings });
    this.tell(group);
  }

  tell(group: string): void {
    for (const listener of this.#listeners) listener(group);
  }
}

function setUp() {
  const hub = new FakeHub();
  const time = new FakeTime();
  const changes: string[][] = [];
  const acceptance = new Acceptance({
    ...{ hub, settleMs: SETTLE, clock: time.clock, after: time.after },
    onChange: () => changes.push(told()),
  });
  /** What is kept, in short: `edge=1+` was accepted, `edge=1-` was not, `edge=1~` was restored. */
  const told = () =>
    Array.from(acceptance.state(), ([group, { snapshot, accepted, restored }]) => {
      const [resource] = snapshot.set(CLUSTER.url);
      return `${group}=${resource?.bytes[0]}${restored ? "~" : accepted ? "+" : "-"}`;
    });
  return { hub, time, acceptance, told, changes };
}

Deno.test("what all clients took is kept when it stood for the settle time, and not before", () => {
  const { hub, time, told, changes } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...OPEN });
  time.pass(10 * SETTLE);
  assertEquals(told(), []);
  hub.set("edge", TAKEN);
  time.pass(LOOK + SETTLE - 1);
  assertEquals(told(), []);
  time.pass(1);
  assertEquals(told(), ["edge=1+"]);
  assertEquals(changes, [["edge=1+"]]);
});

Deno.test("what is rejected while it settles is not kept, what was kept before stays, and other groups go on", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  hub.set("web", { snapshot: snapshot(1), ...TAKEN });
  time.pass(LOOK + SETTLE);
  hub.set("edge", { snapshot: snapshot(2), ...TAKEN });
  hub.set("web", { snapshot: snapshot(2), ...TAKEN });
  hub.set("new", { snapshot: snapshot(2), ...REFUSED });
  time.pass(LOOK + SETTLE - 1);
  hub.set("edge", REFUSED);
  time.pass(10 * SETTLE);
  assertEquals(told(), ["edge=1+", "web=2+"]);
});

Deno.test("that who rejected a snapshot left says nothing for it, and who takes it does", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...REFUSED });
  time.pass(LOOK);
  hub.set("edge", ALONE);
  time.pass(10 * SETTLE);
  assertEquals(told(), []);
  // The same content once more.
  hub.set("edge", { snapshot: snapshot(1) });
  time.pass(10 * SETTLE);
  assertEquals(told(), []);
  hub.set("edge", TAKEN);
  time.pass(LOOK + SETTLE);
  assertEquals(told(), ["edge=1+"]);
});

Deno.test("a group without clients is kept as accepted by nobody; clients that leave take nothing back", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1) });
  time.pass(LOOK + SETTLE - 1);
  assertEquals(told(), []);
  time.pass(1);
  assertEquals(told(), ["edge=1-"]);
  hub.set("edge", TAKEN);
  time.pass(LOOK + SETTLE);
  assertEquals(told(), ["edge=1+"]);
  hub.set("edge", ALONE);
  time.pass(10 * SETTLE);
  assertEquals(told(), ["edge=1+"]);
  hub.set("edge", { snapshot: snapshot(2) });
  time.pass(LOOK + SETTLE);
  assertEquals(told(), ["edge=2-"]);
});

Deno.test("what was kept because nobody was there to ask is given up for what was taken when somebody comes and rejects it", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  hub.set("web", { snapshot: snapshot(1) });
  time.pass(LOOK + SETTLE);
  hub.set("edge", { snapshot: snapshot(2), ...ALONE });
  time.pass(LOOK + SETTLE);
  assertEquals(told(), ["edge=2-", "web=1-"]);
  hub.set("edge", REFUSED);
  hub.set("web", REFUSED);
  time.pass(LOOK);
  assertEquals(told(), ["edge=1+"]);
  hub.set("web", TAKEN);
  time.pass(LOOK + SETTLE);
  assertEquals(told(), ["edge=1+", "web=1+"]);
});

Deno.test("clients that come and go do not put the others off, and none that has just come is passed over", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  time.pass(LOOK);
  for (let at = 0; at < SETTLE - 2 * LOOK; at += LOOK) {
    hub.set("edge", at % 200 === 0 ? OPEN : TAKEN);
    time.pass(LOOK);
  }
  hub.set("edge", OPEN);
  time.pass(10 * SETTLE);
  assertEquals(told(), []);
  hub.set("edge", TAKEN);
  time.pass(LOOK);
  assertEquals(told(), ["edge=1+"]);
});

Deno.test("all clients gone in between is a new beginning: what makes them crash is not kept as accepted", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  for (let i = 0; i < 20; i++) {
    time.pass(SETTLE / 2);
    hub.set("edge", i % 2 === 0 ? ALONE : TAKEN);
  }
  assertEquals(told(), []);
});

Deno.test("another snapshot begins to settle anew, also one with the same content", () => {
  const { hub, time, told } = setUp();
  for (let i = 0; i < 10; i++) {
    hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
    time.pass(LOOK + SETTLE / 2);
  }
  assertEquals(told(), []);
  time.pass(SETTLE / 2);
  assertEquals(told(), ["edge=1+"]);
});

Deno.test("what was restored is not accepted anew, and is when its sources are back", () => {
  const { hub, time, told } = setUp();
  hub.set("edge", { snapshot: snapshot(1), restored: true, ...TAKEN });
  time.pass(LOOK);
  assertEquals(told(), ["edge=1~"]);
  time.pass(10 * SETTLE);
  assertEquals(told(), ["edge=1~"]);
  hub.set("edge", { restored: false });
  time.pass(LOOK + SETTLE - 1);
  assertEquals(told(), ["edge=1~"]);
  time.pass(1);
  assertEquals(told(), ["edge=1+"]);
});

Deno.test("a group that is no more is dropped and remembered as gone, until it comes back", () => {
  const { hub, time, acceptance, told, changes } = setUp();
  hub.set("edge", { snapshot: snapshot(1) });
  hub.set("waiting", { snapshot: snapshot(1), ...OPEN });
  hub.tell("never there");
  time.pass(LOOK + SETTLE);
  hub.set("edge", undefined);
  hub.set("waiting", undefined);
  time.pass(LOOK);
  assertEquals([told(), [...acceptance.gone()].sort()], [[], ["edge", "waiting"]]);
  hub.set("edge", { snapshot: snapshot(1) });
  time.pass(LOOK + SETTLE);
  assertEquals([told(), [...acceptance.gone()]], [["edge=1-"], ["waiting"]]);
  assertEquals(changes.length, 4);
});

Deno.test("a storm of answers is one look in a while, and no change without a difference", () => {
  const { hub, time, acceptance, changes } = setUp();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  time.pass(LOOK + SETTLE);
  hub.asked = 0;
  const before = acceptance.state();
  for (let i = 0; i < 10_000; i++) {
    hub.tell("edge");
    if (i % 100 === 99) time.pass(1);
  }
  time.pass(SETTLE);
  assertEquals(hub.asked, 1);
  assertEquals(changes.length, 1);
  assert(acceptance.state() === before);
});

Deno.test("at the end counts what stands well, and not what nobody is left to speak for", () => {
  const { hub, time, acceptance, told } = setUp();
  hub.set("taken", { snapshot: snapshot(1), ...TAKEN });
  hub.set("open", { snapshot: snapshot(1), ...OPEN });
  hub.set("left", { snapshot: snapshot(1), ...OPEN });
  hub.set("refused", { snapshot: snapshot(1), ...REFUSED });
  hub.set("alone", { snapshot: snapshot(1) });
  time.pass(LOOK);
  hub.set("left", ALONE);
  hub.set("late", { snapshot: snapshot(1), ...TAKEN });
  acceptance.settleNow();
  assertEquals(told(), ["alone=1-", "late=1+", "taken=1+"]);
});

Deno.test("what is there before is seen, and after the end nothing is asked or waits any more", () => {
  const hub = new FakeHub();
  hub.set("edge", { snapshot: snapshot(1), ...TAKEN });
  const time = new FakeTime();
  const acceptance = new Acceptance({
    ...{ hub, settleMs: SETTLE, clock: time.clock, after: time.after, onChange: () => {} },
  });
  time.pass(LOOK);
  hub.tell("edge");
  assertEquals([time.pending, hub.listeners], [2, 1]);
  time.pass(SETTLE);
  assertEquals(acceptance.state().size, 1);
  hub.set("edge", { snapshot: snapshot(2) });
  acceptance.close();
  assertEquals([time.pending, hub.listeners], [0, 0]);
  acceptance.settleNow();
  assertEquals(acceptance.state().size, 1);
});

Deno.test("whatever happens, what is kept as accepted stood well for the settle time, and what was rejected is not kept", () => {
  for (let seed = 1; seed <= 200; seed++) {
    let state = seed * 7919;
    const below = (n: number) => (state = (state * 48_271) % 2_147_483_647) % n;
    const { hub, time, acceptance } = setUp();
    let current = snapshot(0);
    /** Since when all clients are seen to have taken it; undefined while that is not so. */
    let taken: number | undefined;
    /** Rejected, and not taken by all of its clients for the settle time since. */
    const rejected = new Set<string>();
    /** What was kept as accepted last. */
    let good: KeptGroup | undefined;
    for (let step = 0; step < 200; step++) {
      const standing = [TAKEN, TAKEN, TAKEN, OPEN, REFUSED, ALONE][below(6)] ?? TAKEN;
      const other = below(4) === 0;
      if (other) current = snapshot(below(4));
      if (other || standing === REFUSED || standing === ALONE) taken = undefined;
      if (standing === TAKEN) taken ??= time.clock() + LOOK;
      if (standing === REFUSED) rejected.add(current.revision);
      const before = acceptance.state().get("edge");
      hub.set("edge", { snapshot: current, ...standing });
      time.pass([LOOK, LOOK, SETTLE / 2, 2 * SETTLE][below(4)] ?? LOOK);
      const accepted = standing === TAKEN && time.clock() - (taken ?? Infinity) >= SETTLE;
      if (accepted) rejected.delete(current.revision);
      const kept = acceptance.state().get("edge");
      const where = `seed ${seed}, step ${step}`;
      if (accepted) assert(kept?.accepted && kept.snapshot.revision === current.revision, `${where}: it is not kept`);
      if (kept?.accepted === false) assert(!rejected.has(kept.snapshot.revision), `${where}: it was rejected`);
      if (kept === undefined || kept === before) continue;
      if (standing === REFUSED) {
        assert(before?.accepted === false && kept === good, `${where}: it is not what was taken last`);
        continue;
      }
      if (kept.accepted) good = kept;
      assert(kept.snapshot === current, `${where}: it is not the current one`);
      assertEquals(kept.accepted, accepted, `${where}: too early, or too late`);
      if (!accepted) assert(standing === ALONE, `${where}: somebody is there`);
    }
  }
});
