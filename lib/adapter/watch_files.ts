/**
 * The files that an adapter is made of, followed by looking at them: what an editor saves is found whatever it does to
 * the file, and the folders of packages, which are large and not the author's, cost nothing.
 *
 * @module
 */
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CLOCK, type Clock } from "./clock.ts";

export interface WatchFilesOptions {
  /** The module or program. All modules and JSON in its folder and below are followed, and the file whatever it is called. */
  readonly entry: string;
  readonly onChange: () => void;
  readonly clock?: Clock;
}

/** Between two looks. A change is told when two looks agree: then it was saved to its end. */
const LOOK_MS = 300;
/** Looks may take this share of the time. */
const SHARE = 1 / 20;
/** Files and folders that are looked at. */
const MOST_ENTRIES = 10_000;
const DEPTH = 16;

/** Follows until it is told to stop. What is there at the first look is not a change. */
export function watchFiles({ entry, onChange, clock = CLOCK }: WatchFilesOptions): () => void {
  let cancel = () => {};
  let stopped = false;
  let told: string | undefined;
  let last: string | undefined;
  const look = async () => {
    const begin = clock.now();
    const seen = await signature(entry);
    if (stopped) return;
    if (told !== undefined && seen === last && seen !== told) {
      told = seen;
      onChange();
    }
    told ??= seen;
    last = seen;
    cancel = clock.after(Math.max(LOOK_MS, (clock.now() - begin) / SHARE), look);
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Different whenever a file came, went, or was written to. */
async function signature(entry: string): Promise<string> {
  const lines = [await identity(entry)];
  let folders = [dirname(entry)];
  let entries = 0;
  for (let depth = 0; depth < DEPTH && folders.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of folders) {
      const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
      entries += found.length;
      if (entries > MOST_ENTRIES) break;
      for (const each of found.sort((a, b) => a.name < b.name ? -1 : 1)) {
        const path = join(folder, each.name);
        if (each.isDirectory()) {
          if (!each.name.startsWith(".") && each.name !== "node_modules") below.push(path);
        } else if (/\.(ts|mts|js|mjs|json)$/.test(each.name)) lines.push(await identity(path));
      }
    }
    folders = below;
  }
  return lines.join("\n");
}

async function identity(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [path, ino, size, mtimeMs, ctimeMs].join(" ");
  } catch {
    return `${path} -`;
  }
}
