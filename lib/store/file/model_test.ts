/** Random calls on a disk that fails and loses power, beside a plain model of what must be there. */
import { assert, assertEquals } from "@std/assert";
import { type Blobs, StoreError } from "../blobs.ts";
import type { Lock } from "./lock.ts";
import { openFileStore } from "./store.ts";
import { chance, FragileDisk } from "./testing.ts";

const KEYS = ["p", "a/1", "a/b/2", "a/b/3"];
const FREE: Lock = {
  hold(check, act) {
    check();
    return act({ check() {} });
  },
};
const limit = 1e6;
const MINUTE = 60_000;

type State = string | undefined;
type Act = { readonly kind: "create" | "replace" | "remove"; readonly key: string; readonly text: string };

function open(disk: FragileDisk): Promise<Blobs> {
  return openFileStore("file:///store", { disk, lock: FREE, now: () => disk.nowMs });
}

async function contentOf(store: Blobs, key: string): Promise<State> {
  const found = await store.get(key, { limit });
  return found && new TextDecoder().decode(found.bytes);
}

/** What a call says: whether it did something. */
async function perform(store: Blobs, { kind, key, text }: Act): Promise<boolean> {
  const bytes = new TextEncoder().encode(text);
  if (kind === "create") return await store.create(key, bytes) !== undefined;
  const found = await store.get(key, { limit });
  if (kind === "remove") return await store.remove(key), found !== undefined;
  return found !== undefined && await store.replace(key, bytes, found.version) !== undefined;
}

/** What is there after an act; undefined for nothing. */
function after(state: State, { kind, text }: Act): State {
  if (kind === "remove") return undefined;
  return (state === undefined) === (kind === "create") ? text : state;
}

class Play {
  readonly #random: () => number;
  #disk: FragileDisk;
  #store: Blobs | undefined;
  /** What each key may hold: more than one state when a call did not say which. */
  readonly #states = new Map<string, Set<State>>(KEYS.map((key) => [key, new Set([undefined])]));
  #texts = 0;
  readonly counts: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = chance(seed);
    this.#disk = new FragileDisk(this.#random);
  }

  async run(batches: number, faults: boolean): Promise<void> {
    for (let batch = 0; batch < batches; batch++) {
      this.#disk.failures = faults && this.#random() < 0.4 ? this.#random() * 0.2 : 0;
      if (faults && this.#random() < 0.2) this.#disk.fuse = Math.floor(this.#random() * 40);
      this.#store ??= await open(this.#disk);
      const keys = KEYS.filter(() => this.#random() < 0.4);
      await Promise.all(keys.map((key) => this.#one(this.#act(key))));
      await this.#check();
    }
  }

  async #one(act: Act): Promise<void> {
    const store = this.#store ??= await open(this.#disk);
    const before = this.#states.get(act.key) ?? new Set();
    const then = new Set([...before].map((state) => after(state, act)));
    try {
      const did = await perform(store, act);
      this.#count(did ? "done" : "not");
      // It was answered: what it did not change is what it found.
      const told = [...before].filter((state) =>
        after(state, act) !== state === did || (act.kind === "remove" && !did)
      );
      assert(told.length > 0, `${act.kind} of "${act.key}" says ${did} where ${[...before]} is`);
      this.#states.set(act.key, new Set(told.map((state) => after(state, act))));
    } catch (error) {
      assert(error instanceof StoreError, String(error));
      this.#count(this.#disk.dead ? "crash" : error.fault);
      const doubt = this.#disk.dead || error.fault === "unreachable";
      if (doubt) this.#states.set(act.key, new Set([...before, ...then]));
    }
  }

  /** What another process finds, now and after a loss of power, is what was answered, and whole. */
  async #check(): Promise<void> {
    const dead = this.#disk.dead;
    const disks = dead ? [this.#disk.afterCrash()] : [this.#disk.copy(), this.#disk.afterCrash()];
    for (const disk of disks) {
      const found = await this.#find(disk);
      for (const key of KEYS) {
        const possible = this.#states.get(key);
        assert(possible?.has(found.get(key)), `"${key}" is ${found.get(key)}, not of ${[...possible ?? []]}`);
      }
    }
    const [disk] = disks;
    if (!dead || disk === undefined) return;
    this.#disk = disk;
    this.#store = undefined;
    const found = await this.#find(disk);
    for (const key of KEYS) this.#states.set(key, new Set([found.get(key)]));
    assert(disk.files().every((path) => /^\/store\/(p|a\/1|a\/b\/[23]|\.xcp~\/new\/[0-9a-f]{24})$/.test(path)));
    // In the end nothing is left of it.
    disk.nowMs += 11 * MINUTE;
    await this.#one(this.#act(KEYS[0] ?? "", "create"));
    await this.#one(this.#act(KEYS[0] ?? "", "replace"));
    assertEquals(disk.files().filter((path) => path.includes("~")), []);
  }

  async #find(disk: FragileDisk): Promise<Map<string, State>> {
    const store = await open(disk);
    const found = new Map<string, State>();
    try {
      for await (const { key } of store.list("")) found.set(key, "listed");
      for (const key of KEYS) {
        const state = await contentOf(store, key);
        assertEquals(found.get(key), state && "listed");
        found.set(key, state);
      }
      assertEquals([...found.keys()].sort(), KEYS.toSorted());
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== "missing") throw error;
    }
    return found;
  }

  #act(key: string, kind?: Act["kind"]): Act {
    const luck = this.#random();
    const text = `${this.#texts++} `.repeat(1 + Math.floor(this.#random() * 20));
    return { key, text, kind: kind ?? (luck < 0.35 ? "create" : luck < 0.85 ? "replace" : "remove") };
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

async function play(seeds: number, batches: number, faults: boolean): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const one = new Play(seed);
    try {
      await one.run(batches, faults);
    } catch (error) {
      throw new Error(`seed ${seed}, faults ${faults}`, { cause: error });
    }
    for (const [what, count] of Object.entries(one.counts)) total[what] = (total[what] ?? 0) + count;
  }
  return total;
}

Deno.test("random calls come to what a plain model says", async () => {
  const { done = 0, not = 0, missing, ...rest } = await play(30, 30, false);
  assert(done > 200 && not > 100, `${done} ${not}`);
  // Before the first of them that creates.
  assert(missing !== undefined && missing > 0);
  assertEquals(rest, {});
});

Deno.test("a disk that fails and power that goes anywhere lose no call that was answered, and half of none", async () => {
  const counts = await play(500, 20, true);
  assert((counts["unreachable"] ?? 0) > 20, JSON.stringify(counts));
  for (const what of ["done", "not", "failed", "full", "forbidden", "crash"]) {
    assert((counts[what] ?? 0) > 100, JSON.stringify(counts));
  }
});

Deno.test("after a cut at every step each key is in its old or its new state", async () => {
  const acts: readonly Act[] = [
    { kind: "create", key: "a/b/2", text: "first of all" },
    { kind: "create", key: "p", text: "the first pointer" },
    { kind: "replace", key: "p", text: "the second pointer" },
    { kind: "create", key: "p", text: "too late" },
    { kind: "replace", key: "a/b/2", text: "second of all" },
    { kind: "remove", key: "p", text: "" },
    { kind: "create", key: "p", text: "the third pointer" },
  ];
  let cuts = 0;
  for (let fuse = 0;; fuse++) {
    let done = 0;
    for (let seed = 0; seed < 10; seed++) {
      const disk = new FragileDisk(chance(fuse * 100 + seed));
      disk.fuse = fuse;
      const store = await open(disk);
      const state = new Map<string, State>();
      let next: Act | undefined;
      done = 0;
      for (const act of acts) {
        next = act;
        if (await perform(store, act).then(() => false, () => disk.dead)) break;
        state.set(act.key, after(state.get(act.key), act));
        next = undefined;
        done++;
      }
      const found = await open(disk.afterCrash());
      for (const key of ["p", "a/b/2"]) {
        const possible: State[] = [state.get(key)];
        if (next?.key === key) possible.push(after(state.get(key), next));
        const content = await contentOf(found, key).catch((error) => {
          // Not even the store itself was made.
          assertEquals([error.fault, done], ["missing", 0]);
          return undefined;
        });
        assert(possible.includes(content), `cut ${fuse}, seed ${seed}: "${key}" is ${content}, not of ${possible}`);
      }
    }
    if (done === acts.length) break;
    cuts++;
  }
  assert(cuts > 80, `${cuts}`);
});
