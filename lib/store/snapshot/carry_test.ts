import { assert, assertEquals } from "@std/assert";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { loadApi } from "../../model/api.ts";
import type { Resource } from "../../model/resource.ts";
import { Memory, MemoryBlobs } from "../testing.ts";
import type { Secrets } from "./content.ts";
import { readLatest } from "./pointers.ts";
import { push } from "./push.ts";
import { readContent, readManifest } from "./read.ts";
import { cluster, content, pushing, secret, secretCluster } from "./testing.ts";
import { verify } from "./verify.ts";

const api = loadApi();

async function newest(memory: Memory) {
  const blobs = new MemoryBlobs(memory);
  const { number = 0, hash = "" } = (await readLatest(blobs))?.pointer ?? {};
  const manifest = (await readManifest(blobs, number, { hash }))?.manifest;
  assert(manifest !== undefined);
  return manifest;
}

/** Group by group, name and version of everything. */
async function contents(memory: Memory, identities: readonly string[] = []) {
  const read = await readContent(new MemoryBlobs(memory), api, await newest(memory), { identities });
  assertEquals(read.leftOut, []);
  return told(Object.fromEntries(read.groups));
}

function told(groups: Readonly<Record<string, readonly Resource[]>>) {
  return Object.entries(groups).map(([group, resources]) => [
    group,
    resources.map(({ name, version }) => `${name} ${version}`).sort(),
  ]);
}

Deno.test("what stays costs no read of a chunk, and equal content is unchanged", async () => {
  const memory = new Memory();
  const [a, b, other] = [cluster(api, "a"), cluster(api, "b"), cluster(api, "b", 2)];
  await push(new MemoryBlobs(memory), content({ a: [a], b: [b] }), pushing(api));
  const types = Object.values((await newest(memory)).groups.b?.types ?? {});
  const keys = types.flatMap(({ chunks }) => chunks).map(({ sha256 }) => `chunks/${sha256}`);
  const blobs = new MemoryBlobs(memory);
  const stays = (group: string) => group !== "a";
  const changed = [cluster(api, "a", 2)];
  await push(blobs, content({ a: changed, b: [other], c: [other] }), pushing(api, { stays }));
  assertEquals(await contents(memory), told({ a: changed, b: [b], c: [other] }));
  assertEquals([keys.length, blobs.calls.filter(({ key }) => keys.includes(key))], [2, []]);
  const same = await push(new MemoryBlobs(memory), content({ a: changed }), pushing(api, { stays }));
  assertEquals(same.kind, "unchanged");
  const without = await push(new MemoryBlobs(memory), content({ a: changed }), pushing(api));
  assertEquals([without.kind, Object.keys((await newest(memory)).groups)], ["pushed", ["a"]]);
});

Deno.test("secrets of a group that stays are not asked about", async () => {
  const memory = new Memory();
  await push(new MemoryBlobs(memory), content({ a: [cluster(api, "a")], b: [cluster(api, "b")] }), pushing(api));
  const held = content({ a: [cluster(api, "a", 2)], b: [secretCluster(api, "b")] });
  const stays = (group: string) => group === "b";
  assertEquals((await push(new MemoryBlobs(memory), held, pushing(api, { stays }))).kind, "pushed");
  assertEquals((await push(new MemoryBlobs(memory), held, pushing(api, { stays: () => false }))).kind, "refused");
});

Deno.test("secrets that stay are there without a key, whichever others come, go and come back", async () => {
  const identity = await generateIdentity();
  const secrets: Secrets = { mode: "encrypt", recipients: [await identityToRecipient(identity)] };
  const [plain, key, hidden] = [cluster(api, "plain"), secret(api, "key"), secretCluster(api, "hidden")];
  const other = secret(api, "key", "another key");
  // What each push says of a group; what it says nothing of stays.
  const rounds: Record<string, readonly Resource[]>[] = [
    { a: [plain, key], b: [plain, hidden] },
    // The secrets of one group come back, so that all together are those of the first round.
    { a: [plain] },
    { a: [plain, key], b: [plain, hidden] },
    // The secrets of one group stay, and are gone when those of the other are the same.
    { a: [plain, other] },
    { a: [plain, other], b: [plain] },
    // Everything secret stays.
    { b: [other] },
    { c: [plain] },
    { a: [plain, other], b: [other], c: [plain] },
  ];
  const memory = new Memory();
  let all: Record<string, readonly Resource[]> = {};
  for (const [index, groups] of rounds.entries()) {
    all = { ...all, ...groups };
    const stays = (group: string) => !(group in groups);
    const { kind } = await push(new MemoryBlobs(memory), content(groups), pushing(api, { secrets, stays }));
    assertEquals(await contents(memory, [identity]), told(all), `round ${index}`);
    assertEquals(kind, "pushed", `round ${index}`);
  }
  assertEquals((await verify(new MemoryBlobs(memory))).defects, []);
});
