import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Place, storeContract } from "../contract.ts";
import { openFileStore } from "./store.ts";

async function place(name: string): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "xcp-store-"));
  return {
    open: () => openFileStore(pathToFileURL(join(folder, name)).href),
    remove: () => rm(folder, { recursive: true }),
  };
}

const CONTRACT = storeContract({
  fresh: async () => {
    const fresh = await place("store");
    // A store that is there: whoever only reads does not make one.
    const store = await fresh.open();
    await store.create("first", new Uint8Array());
    await store.remove("first");
    await store.close();
    return fresh;
  },
  broken: [{ fault: "missing", place: () => place("nothing") }],
});

for (const { name, run } of CONTRACT) Deno.test(`files: ${name}`, run);
