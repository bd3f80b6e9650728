/** Random writes on a disk that fails and loses power, beside a plain model of what must be there. */
import { assert, assertEquals } from "@std/assert";
import { SILENT } from "../../log.ts";
import type { Issue } from "../../model/issue.ts";
import type { Layer } from "../../model/layer.ts";
import type { Change, WriteResult } from "../../model/written.ts";
import type { WrittenLayer } from "./layer.ts";
import { chance, FragileDisk, key, openLayer, show, toys } from "./testing.ts";

const GROUPS = ["edge", "core"];
const NAMES = ["a", "b", "c", "d", "bad"];
const CHANGES_TO_BAD = 0.08;

/** What a group has: a label, and values by name, in order. */
type Model = { readonly label: string | undefined; readonly items: ReadonlyMap<string, string> } | undefined;

function text(model: Model): string {
  if (model === undefined) return "-";
  return `${model.label ?? ""}: ${[...model.items].map(([name, value]) => `${name}=${value}`).join(" ")}`;
}

/** What the model says of a change: what there is then, or why not. */
function next(model: Model, change: Change): Model | "invalid" | "absent" {
  if (change.kind === "delete") return model === undefined ? "absent" : undefined;
  const items = new Map(change.kind === "put" ? [] : model?.items);
  const { content } = change;
  if ("remove" in content) { for (const { name } of content.remove) items.delete(name); }
  for (const { name, bytes } of "upsert" in content ? content.upsert : content.resources) {
    items.set(name, new TextDecoder().decode(bytes));
  }
  return items.has("bad") ? "invalid" : { label: content.label, items };
}

class Play {
  readonly #random: () => number;
  #disk: FragileDisk;
  #written: WrittenLayer | undefined;
  #served: Layer | undefined;
  #lower: readonly Layer[] = [];
  /** Groups of which a line on the log admits that the disk may hold what was refused, and all that it may hold. */
  readonly #doubts = new Map<string, Set<string>>();
  readonly #admitted = new Set<string>();
  #models = new Map<string, Model>();
  readonly counts: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = chance(seed);
    this.#disk = new FragileDisk(this.#random);
  }

  async run(batches: number, faults: boolean): Promise<void> {
    await this.#open();
    for (let batch = 0; batch < batches; batch++) {
      this.#disk.failures = faults && this.#random() < 0.4 ? this.#random() * 0.5 : 0;
      if (faults && this.#random() < 0.15) this.#disk.fuse = Math.floor(this.#random() * 14);
      await this.#batch();
    }
    // A disk that works again heals everything.
    this.#disk.failures = 0;
    for (const group of GROUPS) await this.#layer().write(group, this.#put());
    await this.#layer().close();
  }

  #layer(): WrittenLayer {
    assert(this.#written !== undefined);
    return this.#written;
  }

  async #open(): Promise<void> {
    const log = {
      ...SILENT,
      error: (line: string) => {
        const group = /^Cannot take a write that was refused back from "\/w\/(\w+)\.layer"/.exec(line)?.[1];
        if (group === undefined) throw new Error(line);
        this.#admitted.add(group);
      },
    };
    this.#disk.failures = 0;
    const { written } = await openLayer({
      folder: "/w",
      disk: this.#disk,
      log,
      leastGrowth: 200,
      lower: () => this.#lower,
      check: (layer, group) => this.#check(layer, group),
      publish: (layer) => void (this.#served = layer),
    });
    this.#written = written;
    this.#served = written.layer;
  }

  /** Sometimes the layers below change while the disk is busy, and a group is invalid with what was written. */
  #check(layer: Layer, group: string): Issue[] {
    const bad = layer.groups.get(group)?.resources.some(({ name }) => name === "bad") ?? false;
    const spoilt = this.#lower.length > 0 && this.#random() < 0.5;
    return bad || spoilt ? [{ path: "", rule: bad ? "bad" : "spoilt", severity: "error", message: "no" }] : [];
  }

  async #batch(): Promise<void> {
    this.#admitted.clear();
    const writes = Array.from({ length: 1 + Math.floor(this.#random() * 4) }, () => {
      return { group: this.#pick(GROUPS), change: this.#change() };
    });
    this.#lower = [];
    const ending = Promise.all(writes.map(({ group, change }) => this.#layer().write(group, change)));
    if (this.#random() < CHANGES_TO_BAD) {
      for (let turn = Math.floor(this.#random() * 20); turn > 0; turn--) await Promise.resolve();
      this.#lower = [{ ...this.#layer().layer, name: "files" }];
    }
    const results = await ending;
    for (const { kind } of results) this.#count(kind);

    // Every state that the disk may be in: what was answered, and where that is not certain any part of the batch.
    const possible = new Map<string, Set<string>>();
    for (const group of GROUPS) {
      const mine = writes.map((write, index) => ({ ...write, result: results[index] })).filter((w) =>
        w.group === group
      );
      const states = subsequences(this.#models.get(group), mine.map(({ change }) => change));
      for (const state of this.#doubts.get(group) ?? []) states.add(state);
      possible.set(group, states);
      if (this.#disk.dead) continue;
      this.#settle(group, mine);
      if (mine.some(({ result }) => result?.kind === "done")) this.#doubts.delete(group);
      if (!this.#admitted.has(group)) continue;
      this.#count("doubt");
      this.#doubts.set(group, states);
    }
    if (!this.#disk.dead) return await this.#checkDisk();
    this.#count("crash");
    this.#disk = this.#disk.afterCrash();
    this.#doubts.clear();
    await this.#open();
    for (const group of GROUPS) {
      const found = show(this.#layer().get(group));
      assert(possible.get(group)?.has(found), `${found} is none of ${[...possible.get(group) ?? []]}`);
      this.#models.set(group, modelOf(found));
    }
  }

  /** Takes what was answered into the model, and compares it with what is served. */
  #settle(group: string, writes: readonly { readonly change: Change; readonly result: WriteResult | undefined }[]) {
    for (const { change, result } of writes) {
      const model = this.#models.get(group);
      const then = next(model, change);
      if (result?.kind === "done") {
        assert(typeof then !== "string", `done, and the model says ${then}`);
        this.#models.set(group, then);
      } else if (result?.kind === "absent") assertEquals(then, "absent");
    }
    const wanted = text(this.#models.get(group));
    assertEquals(show(this.#layer().get(group)), wanted);
    const part = this.#served?.groups.get(group);
    assertEquals(show(part && { label: undefined, ...part }), wanted);
  }

  /** What another process finds, now and after a loss of power, is what was answered; all else is on the log. */
  async #checkDisk(): Promise<void> {
    for (const disk of [this.#disk.copy(), this.#disk.afterCrash()]) {
      const { written } = await openLayer({ folder: "/w", disk });
      for (const group of GROUPS) {
        const [found, wanted] = [show(written.get(group)), text(this.#models.get(group))];
        if (!this.#doubts.get(group)?.has(found)) assertEquals(found, wanted);
      }
    }
  }

  #change(): Change {
    const luck = this.#random();
    if (luck < 0.15) return { kind: "delete" };
    if (luck < 0.3) return this.#put();
    const names = [...NAMES].sort(() => this.#random() - 0.5);
    const cut = Math.floor(this.#random() * 3);
    const bad = this.#random() < CHANGES_TO_BAD ? ["bad"] : [];
    const upsert = [...new Set([...names.slice(0, cut).filter((name) => name !== "bad"), ...bad])];
    const remove = names.slice(cut, cut + Math.floor(this.#random() * 2)).filter((name) => !upsert.includes(name));
    return { kind: "patch", content: { label: this.#label(), upsert: this.#values(upsert), remove: remove.map(key) } };
  }

  #put(): Change {
    const names = NAMES.filter((name) => name !== "bad" && this.#random() < 0.5);
    return { kind: "put", content: { label: this.#label(), resources: this.#values(names) } };
  }

  #values(names: readonly string[]) {
    return toys(...names.map((name) => `${name}=${Math.floor(this.#random() * 4)}`));
  }

  #label(): string | undefined {
    return this.#random() < 0.5 ? undefined : `v${Math.floor(this.#random() * 3)}`;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    assert(item !== undefined);
    return item;
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }
}

/** What there may be after any of the changes, each on top of those before it that were taken. */
function subsequences(model: Model, changes: readonly Change[]): Set<string> {
  let models: Model[] = [model];
  for (const change of changes) {
    const more = models.map((before) => next(before, change)).filter((then) => typeof then !== "string");
    models = [...models, ...more];
  }
  return new Set(models.map(text));
}

function modelOf(shown: string): Model {
  if (shown === "-") return undefined;
  const [label = "", items = ""] = shown.split(": ");
  const pairs = items.split(" ").filter((item) => item !== "").map((item): [string, string] => {
    const [name = "", value = ""] = item.split("=");
    return [name, value];
  });
  return { label: label === "" ? undefined : label, items: new Map(pairs) };
}

async function play(seeds: number, batches: number, faults: boolean): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (let seed = 1; seed <= seeds; seed++) {
    const one = new Play(seed);
    try {
      await one.run(batches, faults);
    } catch (error) {
      throw new Error(`seed ${seed}, faults ${faults}`, { cause: error });
    }
    for (const [what, count] of Object.entries(one.counts)) total[what] = (total[what] ?? 0) + count;
  }
  return total;
}

Deno.test("random writes come to what a plain model says, on this process and on the next", async () => {
  const counts = await play(60, 30, false);
  for (const what of ["done", "invalid", "absent"]) assert((counts[what] ?? 0) > 20, JSON.stringify(counts));
  assertEquals(counts["unavailable"], undefined);
});

Deno.test("a disk that fails and power that goes anywhere lose no write that was done, and half of none", async () => {
  const counts = await play(400, 20, true);
  for (const what of ["done", "invalid", "unavailable", "crash", "doubt"]) {
    assert((counts[what] ?? 0) > 200, JSON.stringify(counts));
  }
});
