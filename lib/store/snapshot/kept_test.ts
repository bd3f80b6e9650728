import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { loadApi } from "../../model/api.ts";
import { toJson } from "../../model/codec/print.ts";
import type { Resource } from "../../model/resource.ts";

import { Memory, MemoryBlobs } from "../testing.ts";
import { encodeChunk } from "./chunks.ts";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey, type Manifest } from "./format.ts";
import { keptGroups, type KeptResource, readKept, type StoredGroup } from "./kept.ts";
import { sha256 } from "./pack.ts";
import { push } from "./push.ts";
import { cluster, content, pushing, resource, secret, TYPES } from "./testing.ts";

const api = loadApi();
const print = (kept: KeptResource) => toJson(api, kept, { redact: false });

async function stored(groups: Record<string, readonly Resource[]>, recipient?: string) {
  const memory = new Memory();
  const secrets = recipient === undefined ? {} : { secrets: { mode: "encrypt", recipients: [recipient] } as const };
  const pushed = await push(new MemoryBlobs(memory), content(groups), pushing(api, secrets));
  if (pushed.kind !== "pushed") throw new Error(pushed.kind);
  return { memory, manifest: pushed.manifest };
}

function groupsOf(manifest: Manifest, decrypts = false): StoredGroup[] {
  const newest = { number: 1, hash: "" };
  const snapshots = new Map(Object.keys(manifest.groups).map((group) => [group, newest]));
  return keptGroups({ snapshots, manifests: new Map([[1, manifest]]), rules: [], newest }, decrypts);
}

type Told = readonly [group: string, type: string, resources: readonly (readonly [name: string, bytes: number])[]];

async function read(
  memory: Memory,
  groups: readonly StoredGroup[],
  identities: readonly string[] = [],
): Promise<Told[]> {
  const told: Told[] = [];
  for await (const set of readKept(new MemoryBlobs(memory), api, groups, { identities })) {
    told.push([set.group, set.type, Array.from(set, ({ name, bytes }) => [name, bytes.length] as const)]);
    assertEquals(set.names(), Array.from(set, ({ name }) => name));
  }
  return told;
}

const toldOf = (resources: readonly Resource[]) =>
  resources.toSorted((a, b) => a.name < b.name ? -1 : 1).map(({ name, bytes }) => [name, bytes.length] as const);

Deno.test("what is kept comes in order of group, type and name, however many chunks it is in", async () => {
  const many = Array.from({ length: 2000 }, (_, at) => cluster(api, `cluster-${at * 7919 % 2000}`));
  const listener = resource(api, TYPES.listener, { name: "http" });
  const { memory, manifest } = await stored({ b: [...many, listener], a: [cluster(api, "one")], empty: [] });
  const groups = groupsOf(manifest);
  assert((manifest.groups.b?.types[TYPES.cluster]?.chunks.length ?? 0) > 3);
  assertEquals(groups.map(({ name, resources, leftOut }) => [name, resources, leftOut]), [
    ["a", 1, []],
    ["b", 2001, []],
    ["empty", 0, []],
  ]);
  assertEquals(await read(memory, groups), [
    ["a", TYPES.cluster, toldOf([cluster(api, "one")])],
    ["b", TYPES.cluster, toldOf(many)],
    ["b", TYPES.listener, toldOf([listener])],
  ]);
});

Deno.test("a chunk that groups have in common is read once, and where resources came from is not read", async () => {
  const common = [cluster(api, "a"), cluster(api, "b")];
  const { memory, manifest } = await stored({ one: common, two: common, three: common });
  const blobs = new MemoryBlobs(memory);
  let names = 0;
  for await (const set of readKept(blobs, api, groupsOf(manifest))) names += set.size;
  assertEquals([names, blobs.calls.length], [6, 1]);
});

Deno.test("what is encrypted is left out and named, or decrypted", async () => {
  const identity = await generateIdentity();
  const { memory, manifest } = await stored(
    { edge: [cluster(api, "a"), secret(api, "cert")] },
    await identityToRecipient(identity),
  );
  const [without] = groupsOf(manifest);
  assertEquals([without?.leftOut, without?.resources, without?.sealed], [
    [{ group: "edge", type: TYPES.secret, name: "cert" }],
    1,
    true,
  ]);
  assertEquals((await read(memory, groupsOf(manifest))).map(([, type]) => type), [TYPES.cluster]);
  const [all] = groupsOf(manifest, true);
  assertEquals([all?.leftOut, all?.resources, all?.sealed], [[], 2, false]);
  const types = await read(memory, groupsOf(manifest, true), [identity]);
  assertEquals(types.map(([, type]) => type), [TYPES.cluster, TYPES.secret]);
  const stranger = await generateIdentity();
  const error = await assertRejects(() => read(memory, groupsOf(manifest, true), [stranger]), SnapshotError);
  assertEquals(error.fault, "identity");
});

Deno.test("a chunk that is not what was written is an error that names it", async () => {
  const { memory, manifest } = await stored({ edge: [cluster(api, "a")] });
  const [entry] = manifest.groups.edge?.types[TYPES.cluster]?.chunks.filter(({ origins }) => !origins) ?? [];
  const key = chunkKey(entry?.sha256 ?? "");
  const whole = memory.keys.get(key)?.bytes ?? new Uint8Array();
  for (
    const bytes of [
      whole.subarray(0, whole.length - 9),
      gzipSync(gunzipSync(whole).map((byte, at, all) => at === all.length - 1 ? byte ^ 1 : byte)),
      gzipSync(new Uint8Array(50_000_000)),
    ]
  ) {
    memory.put(key, bytes);
    const error = await assertRejects(() => read(memory, groupsOf(manifest)), SnapshotError);
    assertEquals([error.fault, error.key], ["damaged", key]);
  }
  memory.keys.delete(key);
  assertEquals((await assertRejects(() => read(memory, groupsOf(manifest)), SnapshotError)).fault, "absent");
});

/** A group of one type whose chunks are whole, and hold these bytes. */
function forged(memory: Memory, type: string, chunks: readonly (readonly [Uint8Array, Partial<ChunkEntry>])[]) {
  const entries = chunks.map(([bytes, more]) => {
    memory.put(chunkKey(sha256(bytes)), gzipSync(bytes));
    return { sha256: sha256(bytes), resources: 1, bytes: bytes.length, stored: 1, ...more };
  });
  return [{
    name: "edge",
    resources: 1,
    leftOut: [],
    sealed: false,
    types: [{ group: "edge", type, chunks: entries }],
  }];
}

Deno.test("a chunk that holds something else than the manifest says is damaged, and of a lost type it is said", async () => {
  const memory = new Memory();
  const one = cluster(api, "a");
  const chunk = (...resources: Parameters<typeof encodeChunk>[0]["resources"][number][]) =>
    encodeChunk({ type: TYPES.cluster, resources });
  const bytes = chunk(one);
  for (
    const [type, chunks] of [
      [TYPES.cluster, [[bytes, { resources: 2 }]]],
      [TYPES.listener, [[bytes, {}]]],
      [TYPES.cluster, [[bytes, {}], [chunk({ ...one, aliases: ["x"] }), {}]]],
      [TYPES.cluster, [[bytes, { names: ["b"] }]]],
      [TYPES.cluster, [[chunk(one, one), { resources: 2 }]]],
      [TYPES.cluster, [[new Uint8Array([10, 200]), {}]]],
    ] as const
  ) {
    const error = await assertRejects(() => read(memory, forged(memory, type, chunks)), SnapshotError);
    assertEquals(error.fault, "damaged");
  }
  const nonsense = forged(memory, TYPES.cluster, [[chunk({ ...one, bytes: new Uint8Array([255]) }), {}]]);
  const lost = "type.googleapis.com/no.such.Type";
  const unknown = forged(memory, lost, [[encodeChunk({ type: lost, resources: [one] }), {}]]);
  for (const [group, fault] of [[nonsense, "damaged"], [unknown, "unknown-type"]] as const) {
    const [set] = await Array.fromAsync(readKept(new MemoryBlobs(memory), api, group));
    assertEquals(assertThrows(() => [...set?.map(print) ?? []], SnapshotError).fault, fault);
    assertEquals(assertThrows(() => set?.get("a", print), SnapshotError).fault, fault);
    assertEquals(set?.get("b", print), undefined);
  }
});

Deno.test("whoever stops early leaves nothing under way", async () => {
  const groups = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`g${at}`, [cluster(api, `c${at}`)]]));
  const { memory, manifest } = await stored(groups);
  const blobs = new MemoryBlobs(memory);
  for await (const _ of readKept(blobs, api, groupsOf(manifest))) break;
  const get = blobs.calls.length;
  assert(get < 20, String(get));
});
