/** Processes that share a store, and are killed. */
import { assert, assertEquals } from "@std/assert";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Blobs } from "../blobs.ts";
import { openFileStore } from "./store.ts";

const limit = 1e6;
const STORE = new URL("./store.ts", import.meta.url).href;
const DISK = new URL("./disk.ts", import.meta.url).href;

async function scratch() {
  const folder = await mkdtemp(join(tmpdir(), "xcp-store-"));
  return { folder, url: pathToFileURL(folder).href, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** Another process; it has `store`, and `say`, which comes out as a line once it is said. */
function start(url: string, body: string, options = "{}") {
  const code = `import { writeSync } from "node:fs";
    import { openFileStore } from ${JSON.stringify(STORE)};
    import { NODE_DISK } from ${JSON.stringify(DISK)};
    const say = (line) => writeSync(1, line + "\\n");
    const store = await openFileStore(${JSON.stringify(url)}, ${options});
    const text = (found) => new TextDecoder().decode(found?.bytes);
    const bytes = (text) => new TextEncoder().encode(text);
    ${body}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines: string[] = [];
  let wake: (() => void)[] = [];
  const reading = (async () => {
    let rest = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      for (const resolve of wake.splice(0)) resolve();
    }
    const ended = wake;
    wake = [];
    for (const resolve of ended) resolve();
  })();
  return {
    lines,
    /** Resolves when it has said that many lines. */
    async said(count: number) {
      while (lines.length < count) {
        const before = lines.length;
        await Promise.race([new Promise<void>((resolve) => wake.push(resolve)), reading]);
        assert(lines.length > before, "it ended");
      }
    },
    kill() {
      child.kill("SIGKILL");
    },
    async end() {
      const status = await child.status;
      await reading;
      return status;
    },
  };
}

async function countOf(store: Blobs): Promise<number> {
  const found = await store.get("count", { limit });
  return Number.parseInt(new TextDecoder().decode(found?.bytes));
}

/** No lock, and what was left aside is not listed, and goes. */
async function assertClean(folder: string, url: string): Promise<void> {
  const store = await openFileStore(url);
  for await (const { key } of store.list("")) assert(!key.includes("~"), key);
  for (const name of await readdir(join(folder, ".xcp~/new"))) await utimes(join(folder, ".xcp~/new", name), 1, 1);
  for (const name of await readdir(join(folder, ".xcp~/lock")).catch(() => [])) {
    if (name.endsWith(".new")) await utimes(join(folder, ".xcp~/lock", name), 1, 1);
  }
  const made = await store.create("clean", new Uint8Array(1));
  assert(made && await store.replace("clean", new Uint8Array(2), made.version));
  await store.remove("clean");
  await store.close();
  for (const name of ["new", "lock", "machines"]) assertEquals(await readdir(join(folder, ".xcp~", name)), [], name);
}

Deno.test("two processes that compare and swap, one of them killed again and again, lose nothing", async () => {
  await using world = await scratch();
  const store = await openFileStore(world.url);
  await store.create("count", new TextEncoder().encode("0 start"));
  const body = `for (let n = 0;; n++) {
      const now = await store.get("count", { limit: 1e6 });
      const next = parseInt(text(now)) + 1;
      const won = await store.replace("count", bytes(next + " by " + process.pid + " as " + n), now.version);
      if (won) say("count " + next);
      const made = await store.create("made/" + next, bytes("by " + process.pid));
      if (made) say("made " + next);
    }`;
  const program = `import process from "node:process";\n${body}`;
  const steady = start(world.url, program);
  await steady.said(2);
  const said: string[] = [];
  const kills = 12;
  for (let kill = 0; kill < kills; kill++) {
    const victim = start(world.url, program);
    await victim.said(2);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    victim.kill();
    await victim.end();
    said.push(...victim.lines);
    // Whoever is left goes on at once.
    await steady.said(steady.lines.length + 2);
  }
  steady.kill();
  await steady.end();
  said.push(...steady.lines);
  const counts = said.filter((line) => line.startsWith("count "));
  const made = said.filter((line) => line.startsWith("made "));
  assertEquals([new Set(counts).size, new Set(made).size], [counts.length, made.length]);
  const count = await countOf(store);
  assert(counts.length <= count && count <= counts.length + kills + 1, `${counts.length} said, ${count} counted`);
  for (const line of made) assert(await store.get(`made/${line.split(" ")[1]}`, { limit }), line);
  await store.close();
  await assertClean(world.folder, world.url);
});

Deno.test("a process that is killed before any of its steps leaves the old state or the new one, and no lock", async () => {
  await using world = await scratch();
  // What changes something; what only looks leaves no trace.
  const options = `{ disk: Object.assign({}, NODE_DISK, Object.fromEntries(
      ["makeFolder", "create", "link", "rename", "remove", "syncFolder"].map((name) => [name, async (...args) => {
        step();
        const made = await NODE_DISK[name](...args);
        if (name !== "create") return made;
        return { write: (b) => (step(), made.write(b)), sync: () => (step(), made.sync()), close: () => made.close() };
      }]),
    )) }`;
  const bodyOf = (dies: number) =>
    `import process from "node:process";
    let steps = 0;
    function step() {
      if (steps++ === ${dies}) process.kill(process.pid, "SIGKILL");
    }
    await store.create("new", bytes("new"));
    say("create");
    const old = await store.get("old", { limit: 1e6 });
    await store.replace("old", bytes("replaced"), old.version);
    say("replace");
    await store.remove("gone");
    say("remove");`;
  const stateOf = async (store: Blobs) => {
    const text = async (key: string) => new TextDecoder().decode((await store.get(key, { limit }))?.bytes);
    return [await text("new"), await text("old"), await text("gone")];
  };
  const states = [["", "old", "gone"], ["new", "old", "gone"], ["new", "replaced", "gone"], ["new", "replaced", ""]];
  let dies = 0;
  for (let alive = false; !alive; dies++) {
    const store = await openFileStore(world.url);
    for (const key of ["new", "old", "gone"]) await store.remove(key).catch(() => {});
    for (const key of ["old", "gone"]) await store.create(key, new TextEncoder().encode(key));
    const child = start(world.url, bodyOf(dies), options);
    alive = (await child.end()).success;
    const found = await stateOf(store);
    const done = child.lines.length;
    const possible = states.slice(done, alive ? done + 1 : done + 2).map(String);
    assert(possible.includes(String(found)), `killed at ${dies}, after ${child.lines}: ${found}`);
    // The lock is free at once.
    const began = performance.now();
    const now = await store.get("old", { limit });
    assert(now && await store.replace("old", new TextEncoder().encode(`after ${dies}`), now.version));
    assert(performance.now() - began < 5_000);
    await store.close();
  }
  assert(dies > 15, `${dies}`);
  await assertClean(world.folder, world.url);
});
