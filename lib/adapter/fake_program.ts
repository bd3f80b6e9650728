/**
 * What the tests of this room share: a process that does what a test says, a clock that a test moves, and a source that
 * can be waited for.
 *
 * @module
 */
import { SILENT } from "../log.ts";
import type { Issue } from "../model/issue.ts";
import type { Layer, Part } from "../model/layer.ts";
import { createResource, type Resource } from "../model/resource.ts";
import type { Clock } from "./clock.ts";
import { type Call, CallError, type Definition, type Heard, type Program } from "./protocol.ts";
import { type AdapterSource, adapterSource, type AdapterSourceOptions } from "./source.ts";

/** Timers go off when a test says so. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly act: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#now + ms, act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds until each timer, in order. */
  get waiting(): number[] {
    return [...this.#timers].map(({ at }) => at - this.#now).sort((a, b) => a - b);
  }

  /** Lets time pass; what is due goes off in order, and everything that follows from it at once is done before the next. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.act();
      await settle();
    }
    this.#now = end;
  }
}

/** Until everything that does not wait for a timer or a test is done. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A call that waits for its answer. */
export interface Asked {
  /** `init`, `list`, `edge: all`, `edge: a, b`. */
  readonly text: string;
  answer(result: unknown): void;
  fail(fault: CallError["fault"], message: string): void;
}

/** What the processes of one adapter answer; mutable. What a group is missing for is asked of the test. */
export interface Behaviour {
  groups: readonly string[];
  /** What `generate` answers with: a result, or a call that fails. */
  readonly results: Map<string, unknown>;
  init?: () => void;
}

/** Processes that were started, with what they were asked. */
export class FakeAdapter {
  readonly behaviour: Behaviour = { groups: [], results: new Map() };
  readonly runs: FakeProgram[] = [];

  readonly start = (heard: Heard): Program => {
    const program = new FakeProgram(this.behaviour, heard);
    this.runs.push(program);
    return program;
  };

  /** The run that was started last. */
  get run(): FakeProgram {
    const run = this.runs.at(-1);
    if (run === undefined) throw new Error("no process was started");
    return run;
  }
}

export class FakeProgram implements Program {
  readonly ended: Promise<string>;
  readonly heard: Heard;
  /** All that it was asked, in order. */
  readonly said: string[] = [];
  /** What it has not answered yet. */
  readonly open: Asked[] = [];
  stopped = false;
  readonly #behaviour: Behaviour;
  readonly #end: (why: string) => void;
  #why: string | undefined;

  constructor(behaviour: Behaviour, heard: Heard) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.heard = heard;
    this.#behaviour = { ...behaviour };
    this.#end = resolve;
  }

  call(call: Call, { items }: { items?: (items: readonly Definition[]) => void }): Promise<unknown> {
    const text = textOf(call);
    this.said.push(text);
    if (this.#why !== undefined) return Promise.reject(new CallError("ended", this.#why));
    const { groups, results, init } = this.#behaviour;
    if (call.call === "init") {
      return new Promise((resolve) => {
        init?.();
        resolve({});
      });
    }
    if (call.call === "list") {
      items?.(groups.map((group) => ({ group, id: "a" })));
      return Promise.resolve(null);
    }
    if (call.call === "generate" && results.has(call.group)) {
      const result = results.get(call.group);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    }
    return new Promise((resolve, reject) => {
      const done = () => this.open.splice(this.open.indexOf(asked), 1);
      const asked: Asked = {
        text,
        answer: (result) => void (done(), resolve(result)),
        fail: (fault, message) => void (done(), reject(new CallError(fault, message))),
      };
      this.open.push(asked);
    });
  }

  /** The process ends by itself. */
  exit(why: string): void {
    this.#why = why;
    for (const asked of [...this.open]) asked.fail("ended", why);
    this.#end(why);
  }

  /** The call that waits and is this one. */
  asked(text: string): Asked {
    const asked = this.open.find((each) => each.text === text);
    if (asked === undefined) throw new Error(`not asked ${text}: ${this.open.map((each) => each.text).join("; ")}`);
    return asked;
  }

  stop(): Promise<void> {
    this.stopped = true;
    this.exit("it was stopped");
    return Promise.resolve();
  }
}

function textOf(call: Call): string {
  if (call.call !== "generate") return call.call;
  return `${call.group}: ${call.changes === "all" ? "all" : call.changes.ids.join(", ")}`;
}

/** Reads `{"resources": […]}` of strings: `a=1` is a resource, `!text` an error, `?text` a warning. */
export function readToy(text: string, file: string): { resources: Resource[]; issues: Issue[] } {
  const resources: Resource[] = [];
  const issues: Issue[] = [];
  text.split("\n").slice(1, -1).forEach((line, index) => {
    const item: unknown = JSON.parse(line.replace(/,$/, ""));
    const word = typeof item === "string" ? item : "!no string";
    const at = { file, line: index + 2, column: 1 };
    const severity = ({ "!": "error", "?": "warning" } as const)[word.charAt(0)];
    if (severity !== undefined) issues.push({ at, path: "name", rule: "toy", severity, message: word.slice(1) });
    if (severity === "error") return;
    const [name = "", value = ""] = word.split("=");
    const bytes = new TextEncoder().encode(value);
    resources.push(createResource({ type: "toy", name, bytes, references: [], origin: { ...at, layer: "toy" } }));
  });
  return { resources, issues };
}

/** A layer in short: each group with its resources as `name=value` and its issues, and the failures. */
export function show(layer: Layer): Record<string, string[]> {
  const shown: Record<string, string[]> = {};
  for (const [group, part] of layer.groups) shown[group] = showPart(part);
  if (layer.failures.length > 0) shown["failures"] = layer.failures.map(({ message }) => message);
  return shown;
}

function showPart({ resources, issues }: Part): string[] {
  return [
    ...resources.map(({ name, bytes }) => `${name}=${new TextDecoder().decode(bytes)}`),
    ...issues.map(({ message }) => `!${message}`),
  ];
}

/** A source over a fake adapter, with all layers that it gave. */
export class Followed implements AsyncDisposable {
  readonly adapter = new FakeAdapter();
  readonly clock = new FakeClock();
  readonly layers: Layer[] = [];
  readonly logged: string[] = [];
  readonly source: AdapterSource;
  /** Tells that the adapter's files changed. */
  touch = () => {};

  constructor(behaviour: Partial<Behaviour>, options: Partial<AdapterSourceOptions> = {}) {
    Object.assign(this.adapter.behaviour, behaviour);
    this.source = adapterSource({
      name: "./adapter.ts",
      start: this.adapter.start,
      read: readToy,
      log: { ...SILENT, error: (message) => this.logged.push(message) },
      signal: new AbortController().signal,
      random: () => 1,
      clock: this.clock,
      onChange: (layer) => this.layers.push(layer),
      watch: (onChange) => {
        this.touch = onChange;
        return () => this.touch = () => {};
      },
      ...options,
    });
  }

  /** One that has given its first layer. */
  static async load(behaviour: Partial<Behaviour>, options: Partial<AdapterSourceOptions> = {}): Promise<Followed> {
    const followed = new Followed(behaviour, options);
    followed.layers.push(await followed.source.load());
    return followed;
  }

  get run(): FakeProgram {
    return this.adapter.run;
  }

  get last(): Layer {
    const last = this.layers.at(-1);
    if (last === undefined) throw new Error("no layer yet");
    return last;
  }

  get shown(): Record<string, string[]> {
    return show(this.last);
  }

  part(group: string): Part {
    const part = this.last.groups.get(group);
    if (part === undefined) throw new Error(`no group ${group}`);
    return part;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
  }
}
