import { assert, assertEquals } from "@std/assert";
import type { Layer } from "../model/layer.ts";
import { type FileSystem, NODE_FILES } from "./file_system.ts";
import { Followed, show, Tree } from "./testing.ts";

const FILES = Array.from({ length: 40 }, (_, index) => `f${String(index).padStart(2, "0")}`);

function release(tree: Tree, folder: string, value: number): void {
  for (const name of FILES) tree.write(`${folder}/${name}.yaml`, `${name} ${value}`);
}

function showRelease(value: number): Record<string, string[]> {
  return { "*": FILES.map((name) => `${name}=${value}`) };
}

/** The values that a layer mixes; of a swap taken as one there is only one. */
function values(layer: Layer): string[] {
  return [...new Set(layer.common.resources.map(({ bytes }) => new TextDecoder().decode(bytes)))];
}

const SWAPS = 25;

/**
 * A disk on which a swap happens between any two operations: after a number of them that differs from swap to swap, so
 * that swaps fall between looks, between reads, and between a look and a read.
 */
class RestlessDisk {
  readonly files: FileSystem = {
    ...NODE_FILES,
    stat: (path) => this.#count(() => NODE_FILES.stat(path)),
    read: (path) => this.#count(() => NODE_FILES.read(path)),
  };
  swap: (value: number) => void = () => {};
  armed = false;
  #value = 1;
  #left = 10;

  #count<T>(operate: () => Promise<T>): Promise<T> {
    if (this.armed && this.#value < SWAPS && --this.#left === 0) {
      this.#value++;
      this.#left = 20 + (this.#value * 89) % 200;
      this.swap(this.#value);
    }
    return operate();
  }
}

async function swapOften(path: string, swap: (value: number) => void): Promise<Followed> {
  const disk = new RestlessDisk();
  const followed = await Followed.load(path, { quietMs: 0, pollMs: 1, maxWaitMs: 60_000, files: disk.files });
  disk.swap = swap;
  disk.armed = true;
  await followed.until(showRelease(SWAPS));
  for (const layer of followed.layers) {
    assertEquals(layer.failures, []);
    assertEquals(values(layer).length, 1, `mixed: ${values(layer)}`);
  }
  return followed;
}

Deno.test("a mounted ConfigMap changes as one", async () => {
  using tree = new Tree();
  release(tree, "..2024_1", 1);
  tree.link("..2024_1", "..data");
  for (const name of FILES) tree.link(`..data/${name}.yaml`, `${name}.yaml`);
  await using followed = await swapOften(tree.root, (value) => {
    release(tree, `..2024_${value}`, value);
    tree.link(`..2024_${value}`, "..data");
    tree.remove(`..2024_${value - 1}`);
  });
  assert(followed.layers.length > 5, `${followed.layers.length} layers do not show much`);
});

for (const below of ["", "/config"]) {
  Deno.test(`a symlink to a release that is swapped changes as one, with the source at current${below}`, async () => {
    using tree = new Tree();
    release(tree, `releases/1${below}`, 1);
    tree.link("releases/1", "current");
    await using followed = await swapOften(tree.path(`current${below}`), (value) => {
      release(tree, `releases/${value}${below}`, value);
      tree.link(`releases/${value}`, "current");
      if (value % 2 === 0) tree.remove(`releases/${value - 1}`);
    });
    assertEquals(followed.last.common.resources[0]?.origin?.file, tree.path(`current${below}/f00.yaml`));
  });
}

Deno.test("after a swap of the root, events of the new root count", async () => {
  using tree = new Tree();
  tree.write("releases/1/a.yaml", "a 1");
  tree.write("releases/2/a.yaml", "a 2");
  tree.link("releases/1", "current");
  await using followed = await Followed.load(tree.path("current"), { pollMs: 3_600_000 });
  tree.link("releases/2", "current");
  await followed.source.reload();
  await followed.until({ "*": ["a=2"] });
  tree.write("releases/2/a.yaml", "a 3");
  await followed.until({ "*": ["a=3"] });
});

Deno.test("changes behind a symlinked folder and a symlinked file are found", async () => {
  using tree = new Tree();
  tree.write("config/a.yaml", "a 1");
  tree.write("shared/b.yaml", "b 1");
  tree.write("single/c.yaml", "c 1");
  tree.link("../shared", "config/shared");
  tree.link("../single/c.yaml", "config/c.yaml");
  tree.folder("config/groups");
  tree.link("../../shared", "config/groups/edge");
  await using followed = await Followed.load(tree.path("config"));
  assertEquals(show(followed.last), { "*": ["a=1", "c=1", "b=1"], edge: ["b=1"] });
  tree.write("shared/b.yaml", "b 2");
  await followed.until({ "*": ["a=1", "c=1", "b=2"], edge: ["b=2"] });
  tree.replace("single/c.yaml", "c 2");
  await followed.until({ "*": ["a=1", "c=2", "b=2"], edge: ["b=2"] });
});

Deno.test("links that lead in a circle end, with a warning each", async () => {
  using tree = new Tree();
  tree.write("a.yaml", "a 1");
  tree.write("x/b.yaml", "b 1");
  tree.write("y/c.yaml", "c 1");
  tree.link("..", "x/up");
  tree.link("../y", "x/y");
  tree.link("../x", "y/x");
  await using followed = await Followed.load(tree.root);
  assertEquals(followed.last.common.resources.map(({ name }) => name), ["a", "b", "c", "c", "b"]);
  assertEquals(
    followed.last.common.issues.map(({ at, severity, rule }) =>
      `${at?.file.slice(tree.root.length)} ${severity} ${rule}`
    ),
    ["x/up", "x/y/x", "y/x/up", "y/x/y"].map((path) => `/${path} warning symlink-loop`),
  );
});

Deno.test("a link whose target comes back heals", async () => {
  using tree = new Tree();
  tree.write("config/a.yaml", "a 1");
  tree.write("mount/b.yaml", "b 1");
  tree.folder("config/groups");
  tree.link("../../mount", "config/groups/edge");
  await using followed = await Followed.load(tree.path("config"));
  tree.rename("mount", "away");
  await followed.until({ "*": ["a=1"], edge: ["!unreadable-file"] });
  tree.rename("away", "mount");
  await followed.until({ "*": ["a=1"], edge: ["b=1"] });
});
