import { assertEquals } from "@std/assert";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "./fake_program.ts";
import { watchFiles } from "./watch_files.ts";

/** A folder that is followed, and the changes that were told. */
async function followed(entry: string, act: (write: (name: string, text: string) => void, f: Folder) => Promise<void>) {
  const root = mkdtempSync(join(tmpdir(), "xcp-adapter-"));
  const clock = new FakeClock();
  let changes = 0;
  let looked = Promise.withResolvers<void>();
  const write = (name: string, text: string) => {
    mkdirSync(join(root, name, ".."), { recursive: true });
    writeFileSync(join(root, name), text);
  };
  write(entry, "1");
  const after = (ms: number, act: () => void) => {
    looked.resolve();
    return clock.after(ms, act);
  };
  const stop = watchFiles({ entry: join(root, entry), onChange: () => changes++, clock: { now: () => 0, after } });
  const look = async () => {
    await looked.promise;
    looked = Promise.withResolvers();
    await clock.pass(300);
    await looked.promise;
    return changes;
  };
  try {
    await looked.promise;
    await act(write, { root, look });
  } finally {
    stop();
    rmSync(root, { recursive: true });
  }
  assertEquals(clock.waiting, []);
}

interface Folder {
  readonly root: string;
  /** Looks once more; resolves with how many changes were told. */
  look(): Promise<number>;
}

Deno.test("modules and JSON beside the entry are followed, when two looks saw the same", async () => {
  await followed("adapter.ts", async (write, { root, look }) => {
    assertEquals(await look(), 0);
    write("adapter.ts", "12");
    assertEquals(await look(), 0);
    write("adapter.ts", "123");
    assertEquals(await look(), 0);
    assertEquals(await look(), 1);
    assertEquals(await look(), 1);
    write("deep/er/lib.mjs", "1");
    await look();
    assertEquals(await look(), 2);
    write("data.json.tmp", "12345");
    await look();
    assertEquals(await look(), 2);
    renameSync(join(root, "data.json.tmp"), join(root, "data.json"));
    await look();
    assertEquals(await look(), 3);
  });
});

Deno.test("packages, dot folders and other files are none of the adapter's", async () => {
  await followed("adapter.ts", async (write, { look }) => {
    for (const name of ["node_modules/a/index.js", ".git/x.json", "notes.md", "deep/node_modules/b.js"]) {
      write(name, "1");
    }
    await look();
    assertEquals(await look(), 0);
  });
});

Deno.test("a program is followed whatever it is called", async () => {
  await followed("run.py", async (write, { look }) => {
    write("run.py", "12");
    await look();
    assertEquals(await look(), 1);
  });
});
