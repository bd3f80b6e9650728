/**
 * The layer that is written over HTTP: the topmost, with a part for each group that was written to. Writes take turns in
 * the order of their arrival; each is checked against what the group would be, kept, and only then served. Those that
 * arrive while the disk is busy are kept together.
 *
 * @module
 */
import type { Log } from "../../log.ts";
import type { Issue } from "../../model/issue.ts";
import { EMPTY_PART, type Layer, type Part } from "../../model/layer.ts";
import { contentHash, type Resource } from "../../model/resource.ts";
import { typeByUrl } from "../../model/types.ts";
import { reason } from "../../system_error.ts";
import type { Amendment, Change, Key, WriteResult, Written } from "../../model/written.ts";
import { Content } from "./content.ts";
import type { WrittenFiles } from "./files.ts";
import type { Entry } from "./records.ts";

/** The name of the layer. */
export const WRITTEN_LAYER = "http";

export interface WrittenLayerOptions {
  readonly files: WrittenFiles;
  readonly log: Log;
  /** The layers below, as they are served; the same array as long as they are. */
  readonly lower: () => readonly Layer[];
  /** What would be wrong with a group if this were the layer. */
  readonly check: (layer: Layer, group: string) => readonly Issue[];
  /** Makes this the layer that is served, before it returns. */
  readonly publish: (layer: Layer) => void;
  /** The revision of what a group serves; undefined when it serves nothing. */
  readonly served: (group: string) => string | undefined;
  /** Resolves when the layers below are there; writes wait for it. */
  readonly ready: Promise<void>;
}

/** A write that waits for its end. */
interface Pending {
  readonly group: string;
  readonly change: Change;
  readonly condition: readonly string[] | undefined;
  readonly absent: boolean;
  readonly end: PromiseWithResolvers<WriteResult>;
}

/** What a write leads to: an end, or content that is to be kept. `entry`: it is a change of the content before. */
type Step = { readonly end: WriteResult } | { readonly content: Content | undefined; readonly entry?: Entry };

/** Writes that are kept together at most, so that the first need not wait for the last. */
const MOST_TOGETHER = 64;

const DONE: WriteResult = { kind: "done" };

export class WrittenLayer {
  readonly #options: WrittenLayerOptions;
  #contents: ReadonlyMap<string, Content> = new Map();
  #damaged: ReadonlyMap<string, Issue> = new Map();
  #layer: Layer = {
    ...{ name: WRITTEN_LAYER, common: EMPTY_PART, groups: new Map(), rules: [], failures: [] },
    deliberate: true,
  };
  #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #closed = false;
  readonly #closing = Promise.withResolvers<void>();

  private constructor(options: WrittenLayerOptions) {
    this.#options = options;
  }

  /** Reads what was written before. What cannot be read holds its groups back, and is logged. */
  static async open(options: WrittenLayerOptions): Promise<WrittenLayer> {
    const { files, log } = options;
    const written = new WrittenLayer(options);
    const { contents, damaged, failure } = await files.load();
    written.#contents = contents;
    written.#damaged = damaged;
    written.#layer = { ...written.#layer, groups: parts(contents, damaged), failures: failure ? [failure] : [] };
    for (const issue of [...damaged.values(), ...written.#layer.failures]) log.error(issue.message);
    if (files.unwritable !== undefined) log.warn(`Writes over HTTP are refused: ${files.unwritable}`);
    return written;
  }

  /** What is served now, or is to be served first. */
  get layer(): Layer {
    return this.#layer;
  }

  /** Undefined when nothing was ever written to the group, or it was deleted. */
  get(group: string): Written | undefined {
    return this.#contents.get(group);
  }

  /** Why what was written to a group cannot be read; undefined when it can. */
  unreadable(group: string): string | undefined {
    return (this.#damaged.get(group) ?? this.#layer.failures[0])?.message;
  }

  /** The entity tag of a group, with its quotes: of what it serves and of what was written. Undefined without either. */
  etag(group: string): string | undefined {
    const served = this.#options.served(group);
    const written = this.#contents.get(group)?.id ?? this.#damaged.get(group)?.message;
    if (served === undefined && written === undefined) return undefined;
    return `"${contentHash(JSON.stringify([served ?? null, written ?? null]))}"`;
  }

  /**
   * Changes what was written to a group.
   *
   * @param condition Entity tags that allow it, `*` for any that there is; undefined: always.
   * @param absent Only when the group has no entity tag.
   */
  write(group: string, change: Change, condition?: readonly string[], absent = false): Promise<WriteResult> {
    const pending = { group, change, condition, absent, end: Promise.withResolvers<WriteResult>() };
    this.#queue.push(pending);
    this.#running ??= this.#run();
    return pending.end.promise;
  }

  /**
   * Takes what was stored elsewhere as what was written, when nothing ever was: the disk is a new one. Whoever amends a
   * group afterwards amends that. Returns whether it did; what a write was quicker with stays.
   */
  async adopt(
    source: string,
    groups: ReadonlyMap<string, { readonly resources: readonly Resource[] }>,
  ): Promise<boolean> {
    const { files, log } = this.#options;
    const fresh = this.#contents.size === 0 && this.#damaged.size === 0 && this.#layer.failures.length === 0;
    if (!fresh || files.unwritable !== undefined) return false;
    const ends = await Promise.all(Array.from(groups, ([group, { resources }]) => {
      const content = { resources: [...resources], label: undefined };
      return this.write(group, { kind: "put", content }, undefined, true);
    }));
    for (const [index, group] of [...groups.keys()].entries()) {
      const end = ends[index];
      if (end?.kind === "done") {
        log.warn(`Nothing was written here yet: group ${JSON.stringify(group)} begins with ${source}`);
      } else if (end?.kind === "invalid") { for (const { message } of end.issues) log.error(message); }
    }
    return ends.every(({ kind }) => kind === "done");
  }

  /** Resolves when all writes have ended; those that come later are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#closing.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    await Promise.race([this.#options.ready, this.#closing.promise]);
    while (this.#queue.length > 0) {
      const groups = takeTogether(this.#queue);
      await Promise.all([...groups].map(([group, writes]) => this.#act(group, writes)));
    }
    this.#running = undefined;
  }

  /** Does writes to one group, of which only the first has a condition. */
  async #act(group: string, writes: readonly Pending[]): Promise<void> {
    try {
      const ends = await this.#try(group, writes);
      if (ends !== undefined) writes.forEach(({ end }, index) => end.resolve(ends[index] ?? DONE));
      // Some were judged by what others would have done, and that has not happened.
      else for (const write of writes) await this.#act(group, [write]);
    } catch (error) {
      for (const { end } of writes) end.reject(error);
    }
  }

  /** How the writes end; undefined when they cannot be done together, and nothing changed. */
  async #try(group: string, writes: readonly Pending[]): Promise<WriteResult[] | undefined> {
    const { files, lower } = this.#options;
    const below = lower();
    const before = this.#contents.get(group);
    const ends: WriteResult[] = [];
    let after = before;
    let entries: Entry[] | undefined = [];
    let damaged = this.#damaged.has(group);
    for (const write of writes) {
      const step = this.#decide(write, after, damaged);
      if (!("end" in step)) {
        if (step.entry === undefined) entries = undefined;
        else entries?.push(step.entry);
        after = step.content;
        damaged = false;
      }
      ends.push("end" in step ? step.end : DONE);
    }
    const done = ends.some(({ kind }) => kind === "done");
    if (!done || (after === before && !this.#damaged.has(group) && !files.doubtful(group))) return ends;

    try {
      await files.save(group, before, after, entries);
    } catch (error) {
      if (writes.length > 1) return undefined;
      return [{ kind: "unavailable", message: `Cannot keep what is written to group "${group}": ${reason(error)}` }];
    }
    // While the disk was busy the layers below may have changed, so that the group would not be served like this.
    const issues = lower() === below ? [] : this.#errors(group, after);
    if (issues.length > 0) {
      try {
        await files.revert(group, before);
      } catch (error) {
        const message = `Cannot take back what was written to group "${group}": ${reason(error)}`;
        return ends.map(() => ({ kind: "unavailable", message }));
      }
      return writes.length > 1 ? undefined : [{ kind: "invalid", issues }];
    }
    this.#settle(group, after);
    return ends;
  }

  #decide({ group, change, condition, absent }: Pending, content: Content | undefined, damaged: boolean): Step {
    const { files } = this.#options;
    if (this.#closed) return unavailable("The server is shutting down");
    const tag = condition === undefined && !absent ? undefined : this.etag(group);
    if (absent && tag !== undefined) return { end: { kind: "conflict" } };
    if (condition !== undefined && (tag === undefined || !(condition.includes(tag) || condition.includes("*")))) {
      return { end: { kind: "conflict" } };
    }
    if (files.unwritable !== undefined) return unavailable(`Writes cannot be kept: ${files.unwritable}`);
    if (!files.takes(group)) return invalid([refusal("", "group-name", `The name of the group is empty or too long`)]);
    if (damaged && change.kind === "patch") {
      return unavailable(`Cannot amend what was written to group "${group}": it cannot be read; PUT or DELETE it`);
    }
    const step = this.#next(group, change, content, damaged);
    if ("end" in step) return step;
    const issues = this.#errors(group, step.content);
    return issues.length > 0 ? invalid(issues) : step;
  }

  #next(group: string, change: Change, content: Content | undefined, damaged: boolean): Step {
    switch (change.kind) {
      case "put": {
        const next = Content.of(change.content);
        return { content: next.id === content?.id ? content : next };
      }
      case "delete":
        if (content !== undefined || damaged) return { content: undefined };
        return { end: { kind: "absent", message: `Nothing was written to group "${group}"` } };
      case "patch": {
        const current = content ?? Content.of({ resources: [], label: undefined });
        const issues = [...contradictions(change.content), ...this.#notOurs(group, current, change.content.remove)];
        if (issues.length > 0) return invalid(issues);
        const { content: next, effective } = current.amend(change.content);
        return content === undefined ? { content: next } : { content: next, entry: { ...effective, id: next.id } };
      }
    }
  }

  /** Removals of what only a lower layer has: this layer cannot take it away. */
  #notOurs(group: string, content: Content, remove: readonly Key[]): Issue[] {
    const missing = new Map<string, Map<string, number>>();
    remove.forEach((key, index) => {
      if (content.has(key)) return;
      const names = missing.get(key.type) ?? new Map<string, number>();
      missing.set(key.type, names.set(key.name, index));
    });
    if (missing.size === 0) return [];
    const issues = new Map<number, Issue>();
    for (const layer of [...this.#options.lower()].reverse()) {
      for (const resource of [layer.groups.get(group), layer.common].flatMap((part) => part?.resources ?? [])) {
        const index = missing.get(resource.type)?.get(resource.name);
        if (index === undefined || issues.has(index)) continue;
        const message = `Cannot remove ${describe(resource)}: it was not written here but comes from "${layer.name}"`;
        const issue = refusal(`remove[${index}]`, "not-written-here", message);
        issues.set(index, resource.origin === undefined ? issue : { ...issue, at: placeOf(resource.origin) });
      }
    }
    return [...issues].sort(([a], [b]) => a - b).map(([, issue]) => issue);
  }

  #errors(group: string, content: Content | undefined): Issue[] {
    return this.#options.check(this.#with(group, content), group).filter(({ severity }) => severity === "error");
  }

  /** The layer, with other content for a group. */
  #with(group: string, content: Content | undefined): Layer {
    const groups = new Map(this.#layer.groups);
    if (content === undefined) groups.delete(group);
    else groups.set(group, content.part);
    return { ...this.#layer, groups };
  }

  #settle(group: string, content: Content | undefined): void {
    const contents = new Map(this.#contents);
    const damaged = new Map(this.#damaged);
    damaged.delete(group);
    if (content === undefined) contents.delete(group);
    else contents.set(group, content);
    this.#contents = contents;
    this.#damaged = damaged;
    this.#layer = this.#with(group, content);
    this.#options.publish(this.#layer);
  }
}

/** Takes from the front what may be kept together: a condition is about what is served, not about what is about to be. */
function takeTogether(queue: Pending[]): Map<string, Pending[]> {
  const groups = new Map<string, Pending[]>();
  let taken = 0;
  for (const write of queue) {
    const before = groups.get(write.group);
    if (taken === MOST_TOGETHER || (before !== undefined && (write.condition !== undefined || write.absent))) break;
    if (before === undefined) groups.set(write.group, [write]);
    else before.push(write);
    taken++;
  }
  queue.splice(0, taken);
  return groups;
}

function parts(contents: ReadonlyMap<string, Content>, damaged: ReadonlyMap<string, Issue>): Map<string, Part> {
  const groups = new Map<string, Part>();
  for (const [group, content] of contents) groups.set(group, content.part);
  for (const [group, issue] of damaged) groups.set(group, { resources: [], issues: [issue] });
  return groups;
}

/** What is named twice, or is to be there and not to be there. */
function contradictions({ upsert, remove }: Amendment): Issue[] {
  const issues: Issue[] = [];
  const seen = new Map<string, Set<string>>();
  const look = (key: Key, path: string, state: string) => {
    const names = seen.get(key.type) ?? new Set();
    if (names.has(key.name)) {
      issues.push(refusal(path, "named-twice", `Cannot ${state} ${describe(key)}: it is named before`));
    }
    seen.set(key.type, names.add(key.name));
  };
  upsert.forEach((key, index) => look(key, `upsert[${index}]`, "write"));
  remove.forEach((key, index) => look(key, `remove[${index}]`, "remove"));
  return issues;
}

function placeOf({ file, line, column }: NonNullable<Resource["origin"]>): NonNullable<Issue["at"]> {
  return { file, line, column };
}

function describe({ type, name }: Key): string {
  return `${typeByUrl(type)?.short ?? type} ${JSON.stringify(name)}`;
}

function refusal(path: string, rule: string, message: string): Issue {
  return { path, rule, severity: "error", message };
}

function invalid(issues: readonly Issue[]): Step {
  return { end: { kind: "invalid", issues } };
}

function unavailable(message: string): Step {
  return { end: { kind: "unavailable", message } };
}
