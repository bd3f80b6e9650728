import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { SILENT } from "../log.ts";
import type { Layer } from "../model/layer.ts";
import { environment } from "./environment.ts";
import { readToy, show } from "./fake_program.ts";
import { startProgram } from "./program.ts";
import { hostCommand } from "./self.ts";
import { type AdapterSource, adapterSource } from "./source.ts";

const MIB = 1024 * 1024;

/** An adapter whose group "bad" does what it says once it changes, and is well again in the next process. */
const ADAPTER = (misbehave: string) => `
import { existsSync, writeFileSync } from "node:fs";
const first = !existsSync(import.meta.dirname + "/ran");
writeFileSync(import.meta.dirname + "/ran", "");
export default {
  init() { return {}; },
  *list() { for (const group of ["bad", "good"]) yield { group, id: "a" }; },
  async generate(_, group, changes) {
    if (first && group === "bad" && changes !== "all") { ${misbehave} }
    return [group === "bad" && !first ? "a=2" : "a=1"];
  },
};
`;

/** A source over a real process, and the layers that it gave. */
class Contained implements AsyncDisposable {
  readonly source: AdapterSource;
  readonly layers: Layer[] = [];
  readonly #folder: string;
  #wake = () => {};

  constructor(folder: string) {
    this.#folder = folder;
    const path = join(folder, "adapter.ts");
    this.source = adapterSource({
      name: "./adapter.ts",
      start: (heard) =>
        startProgram({
          ...hostCommand(path, "./adapter.ts"),
          name: "./adapter.ts",
          env: environment(["DENO_*"], process.env),
          heard,
          memoryBytes: 384 * MIB,
          pingMs: 2_000,
          clock: () => performance.now(),
          log: SILENT,
        }),
      read: readToy,
      log: SILENT,
      signal: new AbortController().signal,
      random: Math.random,
      timeoutMs: 4_000,
      onChange: (layer) => {
        this.layers.push(layer);
        this.#wake();
      },
    });
  }

  static async load(misbehave: string): Promise<Contained> {
    const folder = await mkdtemp(join(tmpdir(), "xcp-contained-"));
    await writeFile(join(folder, "adapter.ts"), ADAPTER(misbehave));
    const contained = new Contained(folder);
    contained.layers.push(await contained.source.load());
    return contained;
  }

  get last(): Layer {
    const last = this.layers.at(-1);
    assert(last !== undefined);
    return last;
  }

  /** Waits until a layer is like this; the test runner gives up for us. */
  async until(wanted: (layer: Layer) => boolean): Promise<Layer> {
    for (;;) {
      const found = this.layers.find(wanted);
      if (found !== undefined) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
    await rm(this.#folder, { recursive: true });
  }
}

for (
  const [what, misbehave, why] of [
    ["exits", "process.exit(3);", /^it exited with 3$/],
    ["spins", "for (;;);", /^it did not answer for 2 s$/],
    ["hangs", "await new Promise(() => {});", /^it hangs in "generate" of group "bad": it did not answer within 4 s$/],
    [
      "leaks",
      `const held = []; setInterval(() => held.push(new Uint8Array(16 * ${MIB}).fill(1)), 20); await new Promise(() => {});`,
      /^it used more than 384 MiB$/,
    ],
  ] as const
) {
  Deno.test(`an adapter that ${what} is started again, and what was generated stays`, async () => {
    await using contained = await Contained.load(misbehave);
    const { source } = contained;
    assertEquals(show(contained.last), { bad: ["a=1"], good: ["a=1"] });
    const good = contained.last.groups.get("good");
    const changed = await source.changed("bad", ["a"]);
    assert(changed.kind === "failed", changed.kind);
    const failing = await contained.until(({ failures }) => failures.length > 0);
    assertMatch(failing.failures[0]?.message.replace('Cannot run "./adapter.ts": ', "") ?? "", why);
    assertStrictEquals(failing.groups.get("good"), good);
    const healed = await contained.until((layer) => show(layer)["bad"]?.join() === "a=2");
    assertEquals(show(healed), { bad: ["a=2"], good: ["a=1"] });
    assertStrictEquals(healed.groups.get("good"), good);
  });
}

Deno.test("an adapter that throws fails in that group alone, and its process goes on", async () => {
  await using contained = await Contained.load('throw new Error("no such table");');
  const changed = await contained.source.changed("bad", ["a"]);
  assert(changed.kind === "failed");
  assertMatch(changed.message, /^Cannot generate group "bad": no such table/);
  assertEquals(contained.last.failures, []);
  assertEquals(show(contained.last)["good"], ["a=1"]);
});
