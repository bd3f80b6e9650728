import { assert, assertEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadApi } from "../../model/api.ts";
import { Memory, MemoryBlobs } from "../testing.ts";
import { parseIdentities } from "./age.ts";
import { readAccepted, readLatest } from "./pointers.ts";
import { push } from "./push.ts";
import { readContent, readManifest } from "./read.ts";
import { pushing, told } from "./testing.ts";

const FIXTURE = fileURLToPath(new URL("../../../test/fixtures/store-1/", import.meta.url));

const api = loadApi();

function load(): Memory {
  const memory = new Memory();
  const root = join(FIXTURE, "store");
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    memory.put(path.slice(root.length + 1).replaceAll("\\", "/"), readFileSync(path));
  }
  return memory;
}

Deno.test("a store of format 1, as the first xcp wrote it, is read: pointers, history, contents, secrets", async () => {
  const expected = JSON.parse(readFileSync(join(FIXTURE, "expected.json"), "utf8"));
  const blobs = new MemoryBlobs(load());
  const latest = (await readLatest(blobs))?.pointer;
  assertEquals({ number: latest?.number, hash: latest?.hash }, expected.latest);
  const accepted = Object.entries((await readAccepted(blobs))?.pointer.groups ?? {});
  assertEquals(Object.fromEntries(accepted.map(([group, { number }]) => [group, number])), expected.accepted);
  const identities = await parseIdentities(readFileSync(join(FIXTURE, "identity.txt"), "utf8"));
  assert(identities.kind === "keys");

  for (const { number, hash, label } of expected.snapshots) {
    const read = await readManifest(blobs, number, { hash });
    assert(read !== undefined);
    assertEquals([read.manifest.label, read.manifest.parent?.number], [label, number === 1 ? undefined : number - 1]);
    // Through JSON, as the expectation came: without what is undefined.
    const content = told(await readContent(blobs, api, read.manifest));
    assertEquals(JSON.parse(JSON.stringify(content)), expected.contents[number]);
    if (number === 1) continue;
    const whole = told(await readContent(blobs, api, read.manifest, { identities: identities.keys }));
    assertEquals(JSON.parse(JSON.stringify(whole)), expected.contents.decrypted);
  }
});

Deno.test("what is pushed to a store of format 1 builds on what is there", async () => {
  const memory = load();
  const blobs = new MemoryBlobs(memory);
  const first = await readManifest(blobs, 1);
  assert(first !== undefined);
  const content = await readContent(blobs, api, first.manifest);
  const result = await push(blobs, content, pushing(api, { secrets: { mode: "without" } }));
  assert(result.kind === "pushed");
  // The resources of the second snapshot are those of the first and more, so of its chunks some serve again.
  assertEquals([result.manifest.number, result.cost.chunks], [3, 0]);
  assertEquals(result.manifest.groups, first.manifest.groups);
});
