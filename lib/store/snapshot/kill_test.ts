import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { StoreError } from "../blobs.ts";
import { dying, Memory, MemoryBlobs } from "../testing.ts";
import { moveAccepted, readAccepted, readLatest } from "./pointers.ts";
import { push } from "./push.ts";
import { readContent, readManifest } from "./read.ts";
import { cluster, content, pushing, secret, told } from "./testing.ts";

const api = loadApi();
const RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
const encrypting = pushing(api, { secrets: { mode: "encrypt", recipients: [RECIPIENT] } });
const leaving = pushing(api, { secrets: { mode: "without" } });

/** Everything that `latest` and its parents say, read and checked. */
async function history(memory: Memory): Promise<{ number: number; told: unknown }[]> {
  const blobs = new MemoryBlobs(memory);
  const snapshots = [];
  let next: { number: number; hash: string } | null | undefined = (await readLatest(blobs))?.pointer;
  while (next) {
    const read = await readManifest(blobs, next.number, { hash: next.hash });
    if (read === undefined) throw new Error(`${next.number} is lost`);
    snapshots.push({ number: next.number, told: told(await readContent(blobs, api, read.manifest)) });
    next = read.manifest.parent;
  }
  return snapshots;
}

const before = content({ edge: [cluster(api, "a"), cluster(api, "b"), secret(api, "s")], web: [cluster(api, "w")] });
const after = content({ edge: [cluster(api, "a"), cluster(api, "b", 2), secret(api, "s", "other")], api: [] });

for (
  const [name, start, options] of [["the first push", undefined, encrypting], ["a push", before, leaving]] as const
) {
  Deno.test(`${name} that is killed at any step leaves the old state whole, and the next one succeeds`, async () => {
    let steps = 0;
    let ended = false;
    for (let step = 0; !ended; step++) {
      for (const late of [false, true]) {
        const memory = new Memory();
        if (start !== undefined) await push(new MemoryBlobs(memory), start, options);
        const old = await history(memory);
        const blobs = new MemoryBlobs(memory, dying(step, late));
        const died = await push(blobs, after, options).then(() => undefined, (error: unknown) => error);
        if (died === undefined) {
          ended = true;
          break;
        }
        assert(died instanceof StoreError, String(died));
        steps++;
        const found = await history(memory);
        const pointed = blobs.calls[step]?.key === "latest.json" && blobs.calls[step]?.method !== "get" && late;
        assertEquals(found.length, old.length + (pointed ? 1 : 0), `${JSON.stringify(blobs.calls[step])} ${late}`);
        assertEquals(found.slice(pointed ? 1 : 0), old);

        const next = await push(new MemoryBlobs(memory), after, options);
        assertEquals(next.kind, pointed ? "unchanged" : "pushed");
        const all = await history(memory);
        assertEquals(all.slice(1), old);
        // What it lacks here are the secrets, for which there is no identity.
        assertEquals(all[0]?.told, told({ ...withoutSecrets(), leftOut: LEFT_OUT }));
        const orphan = next.kind === "pushed" && next.manifest.number > old.length + 1;
        assertEquals(memory.list("snapshots/").length, all.length + (orphan ? 1 : 0));
      }
    }
    assert(steps >= 14, `${steps} steps`);
  });
}

const LEFT_OUT = [{ group: "edge", type: secret(api, "s").type, name: "s" }];

function withoutSecrets() {
  const groups = { api: [], edge: (after.groups.get("edge") ?? []).slice(0, 2) };
  return content(groups);
}

Deno.test("a move of accepted that is killed at any step leaves the old or the new one, and other groups alone", async () => {
  for (const step of [0, 1]) {
    for (const late of [false, true]) {
      const memory = new Memory();
      const hash = "a".repeat(64);
      await moveAccepted(
        new MemoryBlobs(memory),
        new Map([["edge", { number: 1, hash }], ["web", { number: 1, hash }]]),
      );
      const blobs = new MemoryBlobs(memory, dying(step, late));
      const died = await moveAccepted(blobs, new Map([["edge", { number: 2, hash }]])).then(() => undefined, String);
      assert(died?.includes("no answer"), died);
      const groups = (await readAccepted(new MemoryBlobs(memory)))?.pointer.groups;
      assertEquals([groups?.edge?.number, groups?.web?.number], [step === 1 && late ? 2 : 1, 1]);
    }
  }
});
