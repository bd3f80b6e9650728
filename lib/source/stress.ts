/**
 * Random operations on a tree of files, the same for the same seed. Shared by the test and by trials on other runtimes.
 *
 * @module
 */
import { existsSync, readdirSync } from "node:fs";
import { Tree } from "./testing.ts";

/** Numbers from 0 to below 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Folders that files are put into; two of them only show through a link that is swapped. */
const FOLDERS = ["config", "config/x", "config/x/y", "config/groups/edge", "config/groups/core/z", "one", "two"];

/** Does `steps` operations below `config`, with pauses of a few milliseconds between some of them. */
export async function stress(tree: Tree, seed: number, steps: number): Promise<void> {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(items: readonly T[]): T | undefined => items[below(items.length)];
  tree.write("config/always.yaml", "always 1");
  for (const folder of ["one", "two"]) tree.write(`${folder}/first.yaml`, `${folder} 1`);
  for (let step = 0; step < steps; step++) {
    const folder = pick(FOLDERS) ?? "config";
    const file = `${folder}/f${below(6)}.yaml`;
    const text = below(12) === 0 ? "! bad" : `${file.replaceAll("/", "-")} ${step}`;
    const existing = pick(files(tree, folder));
    switch (below(8)) {
      case 0:
      case 1:
        tree.write(file, text);
        break;
      case 2:
      case 3:
        tree.replace(file, text);
        break;
      case 4:
        if (existing !== undefined) tree.remove(`${folder}/${existing}`);
        break;
      case 5:
        tree.link(pick(["../one", "../two", "../gone"]) ?? "", "config/current");
        break;
      case 6:
        if (existing !== undefined) tree.rename(`${folder}/${existing}`, `config/moved${below(3)}.yaml`);
        break;
      default:
        if (below(4) === 0 && existsSync(tree.path("config/groups"))) tree.remove("config/groups");
        else tree.write("config/groups.yaml", `rules: [{ group: g${below(3)} }]`);
    }
    if (below(3) === 0) await new Promise((resolve) => setTimeout(resolve, below(8)));
  }
}

function files(tree: Tree, folder: string): string[] {
  if (!existsSync(tree.path(folder))) return [];
  return readdirSync(tree.path(folder)).filter((name) => /^(?:f|moved)\d\.yaml$/.test(name)).sort();
}
