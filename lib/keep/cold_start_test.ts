import { assert, assertEquals, assertMatch } from "@std/assert";
import { generateIdentity, identityToRecipient } from "age-encryption";
import type { Restored } from "../hub/status.ts";
import type { Log } from "../log.ts";
import { SILENT } from "../log.ts";
import { loadApi } from "../model/api.ts";
import type { Resource } from "../model/resource.ts";
import { StoreError } from "../store/blobs.ts";
import { moveAccepted, type SnapshotId } from "../store/snapshot/pointers.ts";
import { push, type PushOptions } from "../store/snapshot/push.ts";
import { cluster, content, pushing, secret } from "../store/snapshot/testing.ts";
import { Memory, MemoryBlobs } from "../store/testing.ts";
import { type Candidate, coldStart, type ColdStartOptions } from "./cold_start.ts";

const api = loadApi();
const STORED = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A store, and what was pushed to it. */
class Place {
  readonly memory = new Memory();
  readonly blobs = new MemoryBlobs(this.memory);

  async push(seconds: Readonly<Record<string, number>>, from = "./config"): Promise<SnapshotId> {
    const groups = Object.entries(seconds).map(([group, each]) => [group, [plain(group, each)]] as const);
    const provenance = { ...pushing(api).provenance, from };
    return await this.pushAll(Object.fromEntries(groups), { provenance });
  }

  async pushAll(groups: Record<string, readonly Resource[]>, more: Partial<PushOptions> = {}): Promise<SnapshotId> {
    const pushed = await push(this.blobs, content(groups), pushing(api, more));
    if (pushed.kind !== "pushed") throw new Error(`the push is ${pushed.kind}`);
    return { number: pushed.manifest.number, hash: pushed.hash };
  }

  async accept(groups: Readonly<Record<string, SnapshotId>>): Promise<void> {
    await moveAccepted(this.blobs, new Map(Object.entries(groups)));
  }

  /** Keys of the chunks that a push brought. */
  async bringing(act: () => Promise<unknown>): Promise<string[]> {
    const before = new Set(this.memory.list("chunks/"));
    await act();
    return this.memory.list("chunks/").filter((key) => !before.has(key));
  }

  cut(...keys: readonly string[]): void {
    for (const key of keys) this.memory.damage(key, (bytes) => bytes.subarray(0, bytes.length >> 1));
  }

  get store(): Candidate {
    return { kind: "store", url: "s3://bucket/xcp", open: () => Promise.resolve(this.blobs) };
  }

  copy(from = "./config"): Candidate {
    return { kind: "copy", url: "file:///state/copy", open: () => Promise.resolve(this.blobs), from };
  }
}

function plain(name: string, seconds: number): Resource {
  return { ...cluster(api, name, seconds), origin: undefined };
}

async function start(candidates: readonly Candidate[], more: Partial<ColdStartOptions> = {}) {
  const lines: string[] = [];
  const log: Log = { ...SILENT, warn: (line) => lines.push(line), error: (line) => lines.push(`error: ${line}`) };
  const { signal } = new AbortController();
  const restored = await coldStart(candidates, { api, identities: [], log, signal, ...more });
  return { restored, lines };
}

/** Number of seconds of each group. */
function told(restored: Restored | undefined): Record<string, number | undefined> {
  return Object.fromEntries(Array.from(restored?.groups ?? [], ([group, { resources: [only] }]) => {
    return [group, [1, 2, 3, 4, 5].find((seconds) => plain(group, seconds).version === only?.version)];
  }));
}

function issues(restored: Restored | undefined, group: string): string[] {
  return (restored?.groups.get(group)?.issues ?? []).map(({ severity, message }) => `${severity}: ${message}`);
}

Deno.test("a cold start takes what each group accepted, and what is newest for a group that no client accepted", async () => {
  const place = new Place();
  const first = await place.push({ edge: 1, inner: 1 });
  await place.push({ edge: 2, inner: 2, new: 2 });
  await place.accept({ edge: first });
  const { restored, lines } = await start([place.store]);
  assertEquals(told(restored), { edge: 1, inner: 2, new: 2 });
  assertEquals([restored?.source, lines], ["memory://test@2", []]);
  assertEquals(restored?.groups.get("edge")?.since, STORED);
  assertEquals(issues(restored, "edge"), []);
});

Deno.test("the first candidate that has anything is taken, and each that fails is logged once", async () => {
  const [empty, full] = [new Place(), new Place()];
  await full.push({ edge: 1 });
  const away: Candidate = {
    kind: "store",
    url: "s3://key:secret@bucket/xcp?endpoint=http://x",
    open: () => Promise.reject(new StoreError("unreachable", 'Cannot open "s3://bucket/xcp": no answer')),
  };
  const { restored, lines } = await start([away, empty.store, full.copy(), empty.store]);
  assertEquals(told(restored), { edge: 1 });
  assertEquals(restored?.source, "local copy of ./config");
  assertEquals(lines, [
    'Cannot start from "s3://bucket/xcp": cannot open "s3://bucket/xcp": no answer',
    'Cannot start from "s3://bucket/xcp": nothing was ever pushed',
  ]);
  const none = await start([away, empty.copy()]);
  assertEquals([none.restored, none.lines.length], [undefined, 2]);
});

Deno.test("a snapshot without resources is nothing to start from", async () => {
  const place = new Place();
  await place.pushAll({ edge: [] });
  const { restored, lines } = await start([place.store]);
  assertEquals([restored, lines], [undefined, ['Cannot start from "s3://bucket/xcp": it has no resources']]);
});

Deno.test("a group whose accepted snapshot is damaged is taken from the last one that has it whole", async () => {
  const place = new Place();
  await place.push({ edge: 1, inner: 1 });
  await place.push({ inner: 2 });
  const [edge = ""] = await place.bringing(() => place.push({ edge: 3, inner: 2 }));
  const third = await place.push({ edge: 3, inner: 4 });
  await place.accept({ edge: third, inner: third });
  place.cut(edge);
  const { restored, lines } = await start([place.store]);
  assertEquals([told(restored), lines], [{ edge: 1, inner: 4 }, []]);
  assertMatch(
    issues(restored, "edge").join(),
    /^warning: Cannot use snapshot 4: cannot read "chunks\/.*; group "edge" is served from snapshot 1$/,
  );
  assertEquals(issues(restored, "inner"), []);
});

Deno.test("a manifest that is damaged gives way to its parent, and a pointer to the newest that can be read", async () => {
  const cases = [
    ["snapshots/3.json", { edge: 2, inner: 2 }, /snapshot 3: .*; group "edge" is served from snapshot 2$/],
    ["latest.json", { edge: 3, inner: 2 }, /"latest.json" of "memory:\/\/test": it is no JSON; snapshot 3 is served$/],
    ["accepted.json", { edge: 3, inner: 3 }, /"accepted.json" of .*; snapshot 3 is served$/],
  ] as const;
  for (const [key, expected, words] of cases) {
    const place = new Place();
    await place.push({ edge: 1, inner: 1 });
    const second = await place.push({ edge: 2, inner: 2 });
    await place.push({ edge: 3, inner: 3 });
    await place.accept({ inner: second });
    place.cut(key);
    const { restored, lines } = await start([place.store]);
    assertEquals([key, told(restored), lines], [key, expected, []]);
    assertMatch(issues(restored, "edge").join(), words);
  }
});

Deno.test("what is damaged altogether is nothing to start from, and the next candidate is", async () => {
  const [place, copy] = [new Place(), new Place()];
  await place.push({ edge: 1 });
  await copy.push({ edge: 2 });
  place.cut(...place.memory.list("chunks/"));
  const { restored, lines } = await start([place.store, copy.copy()]);
  assertEquals(told(restored), { edge: 2 });
  assertMatch(
    lines.join(),
    /^Cannot start from "s3:\/\/bucket\/xcp": no snapshot can be read: cannot use snapshot 1: /,
  );
});

Deno.test("a group that is lost does not keep the others from starting", async () => {
  const place = new Place();
  await place.push({ inner: 1 });
  place.cut(...await place.bringing(() => place.push({ edge: 2, inner: 1 })));
  const { restored, lines } = await start([place.store]);
  assertEquals(told(restored), { inner: 1 });
  assertMatch(lines.join(), /^Cannot start group "edge" from "memory:\/\/test": cannot use snapshot 2: /);
});

Deno.test("a local copy of other sources is never used", async () => {
  const place = new Place();
  const first = await place.push({ edge: 1 }, "./other");
  const { restored, lines } = await start([place.copy()]);
  assertEquals(restored, undefined);
  assertEquals(lines, [
    'Cannot start from the local copy "file:///state/copy": it was made from "./other", and this server has "./config"',
  ]);
  // Nor does any part of it show through where the newest one is damaged, or a group was accepted of it.
  await place.push({ edge: 2, inner: 2 });
  await place.accept({ edge: first });
  assertEquals(told((await start([place.copy()])).restored), { edge: 2, inner: 2 });
  place.cut("snapshots/2.json");
  assertEquals((await start([place.copy()])).restored, undefined);
  place.cut("latest.json");
  assertEquals((await start([place.copy()])).restored, undefined);
  assertEquals(told((await start([place.copy("./other")])).restored), { edge: 1 });
});

Deno.test("secrets that cannot be decrypted are left out, and said", async () => {
  const place = new Place();
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  await place.pushAll({ edge: [plain("edge", 1), secret(api, "cert")] }, { secrets: { mode: "encrypt", recipients } });
  const without = await start([place.store]);
  assertEquals(told(without.restored), { edge: 1 });
  assertEquals(issues(without.restored, "edge"), [
    'warning: Secret "cert" is left out: it is encrypted, and there is no identity',
  ]);
  const foreign = await start([place.store], { identities: [await generateIdentity()] });
  assertMatch(issues(foreign.restored, "edge").join(), /none of the identities is of its recipients$/);
  const { restored } = await start([place.store], { identities: [identity] });
  assertEquals(restored?.groups.get("edge")?.resources.map(({ name }) => name), ["edge", "cert"]);
  assertEquals(issues(restored, "edge"), []);
});

Deno.test("a store that hangs does not keep the local copy from being used", async () => {
  const copy = new Place();
  await copy.push({ edge: 1 });
  const hanging: Candidate = { kind: "store", url: "s3://bucket/xcp", open: () => new Promise(() => {}) };
  const { restored, lines } = await start([hanging, copy.copy()], { patienceMs: 200 });
  assertEquals(told(restored), { edge: 1 });
  assertEquals(lines, ['Cannot start from "s3://bucket/xcp": it took more than 200 ms']);
});

Deno.test("a start that is called off ends at once, and tries nothing more", async () => {
  const closing = new AbortController();
  let tried = 0;
  const hanging: Candidate = {
    kind: "store",
    url: "s3://bucket/xcp",
    open: () => {
      tried++;
      closing.abort();
      return new Promise(() => {});
    },
  };
  const { restored, lines } = await start([hanging, hanging], { signal: closing.signal });
  assertEquals([restored, tried], [undefined, 1]);
  assert(lines.join().endsWith("the start was called off"));
});
