import { assertEquals, assertStrictEquals } from "@std/assert";
import type { FileSystem, Stat } from "./file_system.ts";
import { DEFAULT_LIMITS, type Limits, list } from "./listing.ts";
import { type Scan, Scanner } from "./scanner.ts";
import { readToy } from "./testing.ts";

const NOW = 1_000_000_000_000;

function fail(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** A disk in memory that does what a test wants between any two operations. */
class Disk implements FileSystem {
  /** Text, or the code of the error that reading gives. Folders come from the paths. */
  readonly files = new Map<string, { text: string; mtimeMs: number; error?: string }>();
  readonly folderErrors = new Map<string, string>();
  beforeRead: (path: string) => void = () => {};
  beforeNames: (path: string) => void = () => {};

  put(path: string, text: string, mtimeMs = NOW - 60_000): void {
    this.files.set(`/c/${path}`, { text, mtimeMs });
  }

  realpath(path: string): Promise<string> {
    return Promise.resolve(path);
  }

  names(folder: string): Promise<string[]> {
    this.beforeNames(folder);
    const error = this.folderErrors.get(folder);
    if (error !== undefined) return Promise.reject(fail(error));
    const below = [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`));
    return Promise.resolve([...new Set(below.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))]);
  }

  stat(path: string): Promise<Stat> {
    const file = this.files.get(path);
    if (file !== undefined) {
      const identity = `${path} ${file.mtimeMs} ${file.text.length}`;
      const { mtimeMs, text } = file;
      return Promise.resolve({ kind: "file", inode: path, identity, mtimeMs, size: text.length });
    }
    if (![...this.files.keys()].some((other) => other.startsWith(`${path}/`))) return Promise.reject(fail("ENOENT"));
    return Promise.resolve({ kind: "folder", inode: path, identity: path, mtimeMs: 0, size: 0 });
  }

  isLink(): Promise<boolean> {
    return Promise.resolve(false);
  }

  read(path: string): Promise<Uint8Array> {
    this.beforeRead(path);
    const file = this.files.get(path);
    if (file === undefined) return Promise.reject(fail("ENOENT"));
    if (file.error !== undefined) return Promise.reject(fail(file.error));
    return Promise.resolve(new TextEncoder().encode(file.text));
  }

  scanner(limits: Partial<Limits> = {}): Scanner {
    return new Scanner({
      path: "/c",
      files: this,
      limits: { ...DEFAULT_LIMITS, ...limits },
      now: () => NOW,
      parse: (text, relative) => ({ rules: [], ...readToy(text, relative) }),
    });
  }
}

function show({ contents }: Scan): string[] {
  return [...contents].map(([relative, { resources, issues }]) => {
    const names = resources.map(({ name, bytes }) => `${name}=${new TextDecoder().decode(bytes)}`);
    return [relative, ...names, ...issues.map(({ message }) => message)].join(" ");
  });
}

Deno.test("only files whose stat changed are read again", async () => {
  const disk = new Disk();
  for (let i = 0; i < 100; i++) disk.put(`${i % 7}/${i}.yaml`, `r${i} 1`);
  const scanner = disk.scanner();
  const before = await scanner.scan(true);
  assertEquals(scanner.reads, 100);
  disk.put("3/3.yaml", "r3 2", NOW - 30_000);
  const after = await scanner.scan(true);
  assertEquals(scanner.reads, 101);
  await scanner.scan(true);
  assertEquals(scanner.reads, 101);
  assertStrictEquals(after.contents.get("4/4.yaml"), before.contents.get("4/4.yaml"));
});

Deno.test("a file that has the same bytes after a touch says the same, by identity", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  const scanner = disk.scanner();
  const before = await scanner.scan(true);
  disk.put("a.yaml", "a 1", NOW - 30_000);
  const after = await scanner.scan(true);
  assertEquals(scanner.reads, 2);
  assertStrictEquals(after.contents.get("a.yaml"), before.contents.get("a.yaml"));
});

Deno.test("what is forgotten is read again by the scan after the one that is under way", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  const scanner = disk.scanner();
  await scanner.scan(true);
  disk.put("b.yaml", "b 1");
  disk.beforeRead = () => scanner.forget();
  await scanner.scan(true);
  disk.beforeRead = () => {};
  disk.put("a.yaml", "a 2");
  assertEquals(show(await scanner.scan(true)), ["a.yaml a=2", "b.yaml b=1"]);
  assertEquals(scanner.reads, 4);
});

Deno.test("what is forgotten while the source fails is read again when it heals", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  const scanner = disk.scanner();
  await scanner.scan(true);
  disk.folderErrors.set("/c", "EACCES");
  scanner.forget();
  await scanner.scan(true);
  disk.folderErrors.clear();
  disk.put("a.yaml", "a 2");
  assertEquals(show(await scanner.scan(true)), ["a.yaml a=2"]);
});

Deno.test("a file that was written just now is read again although its stat is the same", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1", NOW - 1_000);
  disk.put("b.yaml", "b 1", NOW + 3_600_000);
  const scanner = disk.scanner();
  const listing = (await scanner.scan(true)).listing;
  disk.put("a.yaml", "a 2", NOW - 1_000);
  assertEquals(scanner.isStale(listing), true);
  assertEquals(show(await scanner.scan(true)), ["a.yaml a=2", "b.yaml b=1"]);
  assertEquals(scanner.reads, 3, "a twice, b once");
});

Deno.test("a file that vanishes between the look and the read is no error", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.put("b.yaml", "b 1");
  disk.beforeRead = (path) => void (path === "/c/b.yaml" && disk.files.delete(path));
  assertEquals(show(await disk.scanner().scan(true)), ["a.yaml a=1"]);
});

Deno.test("a folder that vanishes between the look and its own look is no error", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.put("x/b.yaml", "b 1");
  disk.beforeNames = (path) => {
    if (path !== "/c/x") return;
    disk.files.delete("/c/x/b.yaml");
    disk.folderErrors.set(path, "ENOENT");
  };
  const scan = await disk.scanner().scan(true);
  assertEquals([show(scan), scan.listing.troubles], [["a.yaml a=1"], []]);
});

Deno.test("a file that appears while others are read is taken in the same scan", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.beforeRead = () => disk.files.has("/c/b.yaml") || disk.put("b.yaml", "b 1");
  assertEquals(show(await disk.scanner().scan(true)), ["a.yaml a=1", "b.yaml b=1"]);
});

Deno.test("a file that is written while it is read is read again", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1\nhal");
  let reads = 0;
  disk.beforeRead = () => {
    // The bytes of the first read are those of before, the stat is already that of after.
    if (reads++ === 0) queueMicrotask(() => disk.put("a.yaml", "a 1\nhalf 2", NOW - 30_000));
  };
  assertEquals(show(await disk.scanner().scan(true)), ["a.yaml a=1 half=2"]);
  assertEquals(reads, 2);
});

Deno.test("when time is up, a file that never holds still keeps what it said, and the others go on", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.put("b.yaml", "b 1");
  const scanner = disk.scanner();
  await scanner.scan(true);
  let turn = 0;
  disk.put("b.yaml", "b 2", NOW - 30_000);
  disk.beforeNames = () => {
    disk.put("a.yaml", `a torn${turn++}`, NOW - 30_000 + turn);
    disk.put("new.yaml", `new ${turn}`, NOW - 30_000 + turn);
  };
  assertEquals(await scanner.scan(), undefined);
  assertEquals(show(await scanner.scan(true)), [
    "a.yaml a=1",
    "b.yaml b=2",
    'new.yaml Cannot read "/c/new.yaml": it changes all the time',
  ]);
  disk.beforeNames = () => {};
  assertEquals(scanner.isStale(await scanner.look()), true);
  assertEquals(show(await scanner.scan(true)), [`a.yaml a=torn${turn - 1}`, "b.yaml b=2", `new.yaml new=${turn}`]);
});

Deno.test("a file that may not be read is an issue of that file, and heals without a new stat", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.put("b.yaml", "b 1");
  const scanner = disk.scanner();
  const file = disk.files.get("/c/b.yaml");
  if (file) file.error = "EACCES";
  const refused = await scanner.scan(true);
  assertEquals(show(refused), ["a.yaml a=1", 'b.yaml Cannot read "/c/b.yaml": permission denied']);
  assertEquals(refused.contents.get("b.yaml")?.issues[0]?.at, { file: "/c/b.yaml", line: 1, column: 1 });
  const again = await scanner.scan(true);
  assertStrictEquals(again.contents.get("b.yaml"), refused.contents.get("b.yaml"));
  disk.put("b.yaml", "b 1");
  assertEquals(scanner.isStale(again.listing), true);
  assertEquals(show(await scanner.scan(true)), ["a.yaml a=1", "b.yaml b=1"]);
});

Deno.test("after a failure of the whole source nothing is read twice", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  const scanner = disk.scanner();
  await scanner.scan(true);
  disk.folderErrors.set("/c", "EIO");
  assertEquals((await scanner.scan(true)).listing.failure?.reason, "input or output error of the disk");
  disk.folderErrors.clear();
  assertEquals(show(await scanner.scan(true)), ["a.yaml a=1"]);
  assertEquals(scanner.reads, 1);
});

Deno.test("a folder that may not be read is trouble of the group that it feeds", async () => {
  const disk = new Disk();
  disk.put("a.yaml", "a 1");
  disk.put("sub/b.yaml", "b 1");
  disk.put("groups/edge/c.yaml", "c 1");
  disk.put("groups/core/sub/d.yaml", "d 1");
  for (const folder of ["/c/sub", "/c/groups/edge", "/c/groups/core/sub"]) disk.folderErrors.set(folder, "EACCES");
  const listing = await list(disk, "/c");
  assertEquals(listing.troubles.map(({ relative, group, reason }) => [relative, group, reason]), [
    ["groups/core/sub", "core", "permission denied"],
    ["groups/edge", "edge", "permission denied"],
    ["sub", undefined, "permission denied"],
  ]);
  assertEquals([...listing.groups].sort(), ["core", "edge"]);
  assertEquals(listing.failure, undefined);
});

Deno.test("without the folder of the groups nothing is known about them, which is a failure", async () => {
  const disk = new Disk();
  disk.put("groups/edge/c.yaml", "c 1");
  disk.folderErrors.set("/c/groups", "EACCES");
  assertEquals((await list(disk, "/c")).failure, {
    rule: "source-unreadable",
    relative: "groups",
    reason: "permission denied",
  });
});

Deno.test("files and depth are bounded", async () => {
  const disk = new Disk();
  for (let i = 0; i < 20; i++) disk.put(`${i}.yaml`, "");
  assertEquals((await list(disk, "/c", { ...DEFAULT_LIMITS, entries: 20 })).failure, undefined);
  assertEquals((await list(disk, "/c", { ...DEFAULT_LIMITS, entries: 19 })).failure?.rule, "too-many-files");
  disk.put("x/y/z.yaml", "");
  assertEquals((await list(disk, "/c", { ...DEFAULT_LIMITS, depth: 3 })).troubles, []);
  const { troubles, files } = await list(disk, "/c", { ...DEFAULT_LIMITS, depth: 2 });
  assertEquals(troubles.map(({ relative, rule }) => [relative, rule]), [["x/y", "folders-too-deep"]]);
  assertEquals(files.size, 20);
});
