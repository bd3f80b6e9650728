/** What stores in folders do beside the contract. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { rmSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Blobs, StoreError, type StoreFault } from "../blobs.ts";
import { type Disk, NODE_DISK } from "./disk.ts";
import { FolderLock } from "./lock.ts";
import { type FileStoreOptions, openFileStore } from "./store.ts";
import { chance, FragileDisk } from "./testing.ts";

const limit = 1e6;

async function scratch(options: FileStoreOptions = {}) {
  const root = await mkdtemp(join(tmpdir(), "xcp-store-"));
  const folder = join(root, "a/b/store");
  const store = await openFileStore(pathToFileURL(folder).href, options);
  return {
    root,
    folder,
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(root, { recursive: true });
    },
  };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function textOf(store: Blobs, key: string): Promise<string | undefined> {
  const found = await store.get(key, { limit });
  return found && new TextDecoder().decode(found.bytes);
}

async function keysOf(store: Blobs): Promise<string[]> {
  return (await Array.fromAsync(store.list(""))).map(({ key }) => key).sort();
}

async function fails(run: () => Promise<unknown>, fault: StoreFault, words: string): Promise<void> {
  const error = await assertRejects(run, StoreError);
  assertEquals([error.fault, error.message], [fault, words]);
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function modeOf(path: string): Promise<string> {
  return ((await lstat(path)).mode & 0o777).toString(8);
}

Deno.test("a store is named by file:///path and nothing else", async () => {
  const store = await openFileStore("file:///tmp/a%20b/../store/");
  assertEquals(store.url, "file:///tmp/store");
  for (
    const url of ["file:///", "file://host/path", "/tmp/store", "s3://bucket", "file:///a?x=1", "x"]
  ) {
    await fails(() => openFileStore(url), "url", `Cannot open "${url}": not of the form file:///path`);
  }
});

Deno.test("the first write makes the folder and those above, for their owner alone, and a key is a file", async () => {
  await using world = await scratch();
  const { store, folder, root } = world;
  await fails(() => store.get("x", { limit }), "missing", `Cannot open "${store.url}": no such directory`);
  assertEquals(await readdir(root), []);
  await store.create("snapshots/1.json", bytesOf("one"));
  assertEquals(await readFile(join(folder, "snapshots/1.json"), "utf8"), "one");
  const paths = ["..", "../..", ".", "snapshots", "snapshots/1.json", ".xcp~", ".xcp~/new"];
  const modes = await Promise.all(paths.map((path) => modeOf(join(folder, path))));
  assertEquals(modes, ["700", "700", "700", "700", "600", "700", "700"]);
  const made = await store.create("p", bytesOf("1"));
  assert(made && await store.replace("p", bytesOf("2"), made.version));
  assertEquals(await modeOf(join(folder, "p")), "600");
  assertEquals((await readdir(folder)).sort(), [".xcp~", "p", "snapshots"]);
  assertEquals(await readdir(join(folder, ".xcp~/new")), []);
});

Deno.test("a folder that is taken away is missing, and made again", async () => {
  await using world = await scratch();
  const { store, folder } = world;
  const made = await store.create("a/p", bytesOf("1"));
  assert(made && await store.replace("a/p", bytesOf("2"), made.version));
  await rm(folder, { recursive: true });
  await fails(() => store.get("a/p", { limit }), "missing", `Cannot open "${store.url}": no such directory`);
  const again = await store.create("a/p", bytesOf("3"));
  assert(again && await store.replace("a/p", bytesOf("4"), again.version));
  await rm(folder, { recursive: true });
  await writeFile(folder, "a file");
  for (const key of ["p", "a/p"]) {
    await fails(() => store.get(key, { limit }), "failed", `Cannot read "${key}": not a directory`);
    await fails(() => store.create(key, bytesOf("5")), "failed", `Cannot create "${key}": not a directory`);
  }
  await fails(() => Array.fromAsync(store.list("")), "failed", `Cannot list "${store.url}": not a directory`);
  await rm(folder);
});

Deno.test("symlinks in a store are not followed, and not taken for nothing; one to a store is", async () => {
  await using world = await scratch();
  const { store, folder, root } = world;
  await store.create("a/1", bytesOf("inside"));
  const outside = join(root, "outside");
  await mkdir(outside);
  await writeFile(join(outside, "secret"), "outside");
  await symlink(join(outside, "secret"), join(folder, "file"));
  await symlink(join(root, "nowhere"), join(folder, "dangling"));
  await symlink(outside, join(folder, "folder"));
  const link = "a symlink, and those are not followed";
  await fails(() => store.get("file", { limit }), "failed", `Cannot read "file": ${link}`);
  await fails(() => store.get("dangling", { limit }), "failed", `Cannot read "dangling": ${link}`);
  await fails(() => store.remove("file"), "failed", 'Cannot remove "file": what has its name is not a file');
  await fails(
    () => store.create("file", bytesOf("x")),
    "failed",
    'Cannot create "file": what has its name is not a file',
  );
  for (const name of ["folder", "dangling"]) {
    const through = `"${name}" leads through a symlink, and those are not followed`;
    await fails(() => store.get(`${name}/secret`, { limit }), "failed", `Cannot read "${name}/secret": ${through}`);
    await fails(() => store.create(`${name}/new`, bytesOf("x")), "failed", `Cannot create "${name}/new": ${through}`);
    await fails(
      () => store.create(`${name}/b/new`, bytesOf("x")),
      "failed",
      `Cannot create "${name}/b/new": ${through}`,
    );
    await fails(() => store.remove(`${name}/secret`), "failed", `Cannot remove "${name}/secret": ${through}`);
    await fails(() => Array.fromAsync(store.list(`${name}/`)), "failed", `Cannot list "${name}/": ${through}`);
  }
  const error = await assertRejects(() => keysOf(store), StoreError);
  assertStringIncludes(error.message, "is a symlink, and those are not followed");
  assertEquals(await readdir(outside), ["secret"]);
  await symlink(folder, join(root, "link"));
  for (const url of [join(root, "link"), join(root, "link/")]) {
    assertEquals(await textOf(await openFileStore(pathToFileURL(url).href), "a/1"), "inside");
  }
});

Deno.test("folders and files that are no keys are not listed, and no key is under a key", async () => {
  await using world = await scratch();
  const { store, folder } = world;
  await store.create("a/1", bytesOf("1"));
  await mkdir(join(folder, "lost+found"));
  await writeFile(join(folder, "with space"), "");
  await writeFile(join(folder, "copied.json"), "copied");
  assertEquals(await keysOf(store), ["a/1", "copied.json"]);
  assertEquals(await textOf(store, "copied.json"), "copied");
  assertEquals(await textOf(store, "a"), undefined);
  assertEquals(await textOf(store, "a/1/2"), undefined);
  await store.remove("a/1/2");
  await fails(() => store.create("a", bytesOf("x")), "failed", 'Cannot create "a": other keys begin with it');
  await fails(() => store.create("a/1/2", bytesOf("x")), "failed", 'Cannot create "a/1/2": not a directory');
});

Deno.test("what a crash left aside is never listed, and goes when it is old", async () => {
  await using world = await scratch();
  const { folder } = world;
  const url = pathToFileURL(folder).href;
  await world.store.create("p", bytesOf("1"));
  const aside = join(folder, ".xcp~/new");
  await mkdir(join(folder, ".xcp~/lock"));
  const old = [join(aside, "old"), join(folder, ".xcp~/lock/old.new")];
  const young = [join(aside, "young"), join(folder, ".xcp~/lock/young.new")];
  for (const path of [...old, ...young]) await writeFile(path, "left behind");
  const time = Date.now() / 1000 - 11 * 60;
  for (const path of old) await utimes(path, time, time);
  const store = await openFileStore(url);
  assertEquals(await keysOf(store), ["p"]);
  await store.create("q", bytesOf("1"));
  assertEquals(await readdir(aside), ["young"]);
  assertEquals(await readdir(join(folder, ".xcp~/lock")), ["young.new"]);
  // A server that runs on sweeps again.
  let now = Date.now();
  const running = await openFileStore(url, { now: () => now });
  await running.create("r", bytesOf("1"));
  await utimes(join(aside, "young"), time, time);
  await running.create("s", bytesOf("1"));
  assertEquals(await readdir(aside), ["young"]);
  now += 10 * 60_000;
  await running.create("t", bytesOf("1"));
  assertEquals(await readdir(aside), []);
});

Deno.test("where files have no second names, creators stand in line, and one wins", async () => {
  const disk: Disk = { ...NODE_DISK, link: () => Promise.reject(systemError("ENOTSUP")) };
  await using world = await scratch({ disk });
  const other = await openFileStore(world.store.url, { disk });
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, index) => [world.store, other][index % 2]?.create("p", bytesOf(`${index}`))),
  );
  const winners = [...made.keys()].filter((index) => made[index] !== undefined);
  assertEquals(winners.length, 1);
  assertEquals(await textOf(other, "p"), `${winners[0]}`);
  assertEquals(await readdir(join(world.folder, ".xcp~/new")), []);
});

Deno.test("a file that has its second name although the call says otherwise was created", async () => {
  const disk: Disk = {
    ...NODE_DISK,
    async link(from, to) {
      await NODE_DISK.link(from, to);
      throw systemError("EEXIST");
    },
  };
  await using world = await scratch({ disk });
  assert(await world.store.create("p", bytesOf("1")));
  assertEquals(await world.store.create("p", bytesOf("2")), undefined);
  assertEquals(await textOf(world.store, "p"), "1");
});

Deno.test("each fault of the disk is told, and what is left open is unreachable", async () => {
  const disk = new FragileDisk(chance(1));
  const store = await openFileStore("file:///store", {
    disk,
    lock: { hold: (_check, act) => act({ check() {} }) },
  });
  const made = await store.create("p", bytesOf("1"));
  const failing = (call: string, code: string) =>
    disk.before = (now, path) => now === call && !path.includes("~") ? systemError(code) : undefined;
  for (
    const [code, fault, why] of [
      ["ENOSPC", "full", "no space left"],
      ["EDQUOT", "full", "no quota left"],
      ["EACCES", "forbidden", "permission denied"],
      ["EROFS", "forbidden", "read-only file system"],
    ] as const
  ) {
    failing("link", code);
    await fails(() => store.create("q", bytesOf("1")), fault, `Cannot create "q": ${why}`);
    failing("rename", code);
    await fails(() => store.replace("p", bytesOf("2"), made?.version ?? ""), fault, `Cannot replace "p": ${why}`);
    failing("read", code);
    await fails(() => store.get("p", { limit }), fault, `Cannot read "p": ${why}`);
  }
  failing("read", "ESTALE");
  await fails(() => store.get("p", { limit }), "unreachable", 'Cannot read "p": stale file handle');
  failing("read", "EIO");
  await fails(() => store.get("p", { limit }), "failed", 'Cannot read "p": input or output error of the disk');
  const open = "input or output error of the disk; it may have happened all the same";
  for (const call of ["rename", "syncFolder"]) {
    failing(call, "EIO");
    const { version } = await stateOfP(store, disk);
    failing(call, "EIO");
    await fails(() => store.replace("p", bytesOf(call), version), "unreachable", `Cannot replace "p": ${open}`);
  }
  // What is read back afterwards is not what a loss of power undoes.
  failing("syncFolder", "EIO");
  await fails(() => store.get("p", { limit }), "failed", 'Cannot read "p": input or output error of the disk');
  disk.before = undefined;
  assertEquals(await textOf(store, "p"), "syncFolder");
  assertEquals(await textOf(await openFileStore("file:///store", { disk: disk.afterCrash() }), "p"), "syncFolder");
  assertEquals(disk.files(), ["/store/p"]);
});

/** The state of `p`, read while the disk works. */
async function stateOfP(store: Blobs, disk: FragileDisk) {
  const before = disk.before;
  disk.before = undefined;
  const found = await store.get("p", { limit });
  disk.before = before;
  assert(found);
  return found;
}

Deno.test("a disk that hangs does not hang a call, and a write that nobody waits for is not begun", async () => {
  const disk = new FragileDisk(chance(1));
  let release = () => {};
  const hangs = new Promise<void>((resolve) => release = resolve);
  const store = await openFileStore("file:///store", { disk, timeoutMs: 30 });
  await store.create("p", bytesOf("1"));
  disk.before = async (call) => {
    if (call === "read" || call === "sync") await hangs;
  };
  await fails(() => store.get("p", { limit }), "unreachable", 'Cannot read "p": no answer in 0.03 s');
  await fails(() => store.create("q", bytesOf("1")), "unreachable", 'Cannot create "q": no answer in 0.03 s');
  const control = new AbortController();
  const aborted = store.create("r", bytesOf("1"), { signal: control.signal });
  control.abort();
  await fails(() => aborted, "aborted", 'Cannot create "r": aborted');
  // Closing has an end as well.
  await store.close();
  release();
  disk.before = undefined;
  await store.close();
  assertEquals(disk.files(), ["/store/p"]);
});

Deno.test("another machine that holds the lock is waited for, and one that went down for a while", async () => {
  await using world = await scratch();
  await mkdir(join(world.folder, "machines"), { recursive: true });
  const lease = join(world.folder, "machines/elsewhere.0123456789abcdef");
  const lock = new FolderLock(() => Promise.resolve(world.folder), { now: Date.now });
  const tries = async (check: (tries: number) => void) => {
    let tries = 0;
    return await lock.hold(() => check(++tries), () => Promise.resolve(tries));
  };
  await writeFile(lease, "");
  assertEquals(await tries((now) => now === 3 && rmSync(lease)), 3);
  await writeFile(lease, "");
  const enough = () => tries((now) => assert(now < 3, "enough"));
  await assertRejects(enough, Error, "enough");
  const time = Date.now() / 1000 - 16;
  await utimes(lease, time, time);
  assertEquals(await tries(() => {}), 1);
  assertEquals(await readdir(join(world.folder, "machines")), []);
});

Deno.test("whoever held the lock for too long writes nothing any more, and what it left behind is in nobody's way", async () => {
  await using world = await scratch();
  await mkdir(world.folder, { recursive: true });
  let now = 0;
  const lock = new FolderLock(() => Promise.resolve(world.folder), { now: () => now, machine: hostname() });
  await lock.hold(() => {}, (held) => {
    now += 7_000;
    held.check();
    now += 1_000;
    return assertRejects(() => Promise.resolve().then(() => held.check()), StoreError, "too slow");
  });
  // A process of this machine that is gone.
  await writeFile(join(world.folder, "machines", `${hostname()}.0123456789abcdef`), "");
  assertEquals(
    await lock.hold(() => {}, () => readdir(join(world.folder, "machines")).then((names) => names.length)),
    1,
  );
  assertEquals(await readdir(join(world.folder, "machines")), []);
  assertEquals(await readdir(join(world.folder, "lock")), []);
});

Deno.test("a folder that may not be read is forbidden, and not missing or empty", async () => {
  const disk = new FragileDisk(chance(1));
  const store = await openFileStore("file:///store", { disk });
  await store.create("a/p", bytesOf("1"));
  for (const call of ["realPath", "read", "find", "list"]) {
    disk.before = (now) => now === call ? systemError("EACCES") : undefined;
    const key = call === "find" ? "a/q" : "a/p";
    const run = () => call === "list" ? keysOf(store) : store.get(key, { limit });
    const words = call === "list" ? 'list "file:///store"' : `read "${key}"`;
    await fails(run, "forbidden", `Cannot ${words}: permission denied`);
  }
});
