/**
 * One run of an adapter: its process is started, knows its definitions, and generates until it ends or hangs.
 *
 * @module
 */
import { badGroupName } from "./group_name.ts";
import { type Call, CallError, type Changes, type Heard, type Program, PROTOCOL } from "./protocol.ts";

export interface SessionOptions {
  /** Starts the process. */
  readonly start: (heard: Heard) => Program;
  readonly heard: Heard;
  /** Milliseconds that a call may take. */
  readonly timeoutMs: number;
}

/** What became of a call of `generate`. */
export type Generated =
  | { readonly kind: "result"; readonly result: unknown }
  /** `message` is what follows a colon. */
  | { readonly kind: "failed"; readonly fault: CallError["fault"]; readonly message: string };

/** Groups of one adapter; who has more has mistaken ids for groups. */
const MOST_GROUPS = 10_000;
/** Calls at once, each for another group. */
export const PARALLEL = 4;
/** Names that are wrong and are told. */
const MOST_WARNINGS = 10;
/** How long a process may take to close what it opened. */
const GRACE_MS = 2_000;

/** A process that was started. It is over when it ended, or when it does not answer: then it is stopped. */
export class Session {
  /** Names of the groups that it listed, in order. */
  groups: readonly string[] = [];
  /** What is wrong with groups that it listed, and that are left out. */
  warnings: readonly string[] = [];
  /** Resolves when it is of no use any more, with why, as it follows a colon. */
  readonly over: Promise<string>;
  readonly #options: SessionOptions;
  readonly #program: Program;
  readonly #end: (why: string) => void;
  #why: string | undefined;
  #hung = false;
  #culprit: { readonly group: string; readonly why: string } | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(options: SessionOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.over = promise;
    this.#end = (why) => {
      this.#why ??= why;
      resolve(this.#why);
    };
    this.#program = options.start(options.heard);
    this.#program.ended.then(this.#end);
  }

  /**
   * Starts a process, and calls `init` and `list`. Aborting stops it.
   *
   * @throws {Error} with why it cannot be used, as it follows a colon; then the process is gone.
   */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<Session> {
    signal.throwIfAborted();
    const session = new Session(options);
    const onAbort = () => void session.stop();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await session.#open();
      signal.throwIfAborted();
      return session;
    } catch (error) {
      await session.stop();
      throw error;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** Why it is over; undefined while it is not. */
  get why(): string | undefined {
    return this.#why;
  }

  /** It is over because it did not answer, not because it ended. */
  get hung(): boolean {
    return this.#hung;
  }

  /** The group that it hung in, if it was in one, and what is to be said of it, after a colon. */
  get culprit(): { readonly group: string; readonly why: string } | undefined {
    return this.#culprit;
  }

  /** All resources of a group; never rejects. One that is late is the end of the session. */
  async generate(group: string, changes: Changes): Promise<Generated> {
    if (this.#why !== undefined) return { kind: "failed", fault: "ended", message: this.#why };
    try {
      return { kind: "result", result: await this.#call({ call: "generate", group, changes }) };
    } catch (error) {
      const { fault, message } = error instanceof CallError ? error : new CallError("failed", String(error));
      if (fault === "late" && this.#why === undefined) {
        this.#culprit = { group, why: message };
        this.#hangs(`it hangs in "generate" of group ${JSON.stringify(group)}: ${message}`);
      }
      return { kind: "failed", fault, message };
    }
  }

  /** Resolves when the process is gone. */
  stop(): Promise<void> {
    this.#end("it was stopped");
    return this.#stopping ??= this.#program.stop(GRACE_MS);
  }

  async #open(): Promise<void> {
    await this.#named("init", { call: "init", protocol: PROTOCOL });
    const groups = new Set<string>();
    const warnings = new Set<string>();
    let more = false;
    await this.#named("list", { call: "list" }, (items) => {
      for (const { group } of items) {
        if (groups.has(group) || more) continue;
        const bad = badGroupName(group);
        if (bad === undefined) groups.add(group);
        else if (warnings.size < MOST_WARNINGS) warnings.add(`"list" names group ${JSON.stringify(group)}: ${bad}`);
        more = groups.size > MOST_GROUPS;
      }
    });
    if (more) throw new Error(`"list" names more than ${MOST_GROUPS} groups`);
    this.groups = [...groups].sort();
    this.warnings = [...warnings];
  }

  async #named(name: string, call: Call, items?: (items: readonly { readonly group: string }[]) => void) {
    try {
      return await this.#call(call, items);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      if (error.fault === "ended") throw new Error(this.#why ?? error.message, { cause: error });
      const what = error.fault === "late" ? "hangs" : "failed";
      throw new Error(`it ${what} in "${name}": ${error.message}`, { cause: error });
    }
  }

  #call(call: Call, items?: (items: readonly { readonly group: string }[]) => void): Promise<unknown> {
    const { timeoutMs } = this.#options;
    return this.#program.call(call, items === undefined ? { timeoutMs } : { timeoutMs, items });
  }

  #hangs(why: string): void {
    this.#hung = true;
    this.#end(why);
    void this.stop();
  }
}

/**
 * Generates everything of these groups, some at a time. A group is missing in what it resolves with when the session was
 * over before its turn came.
 */
export async function generateAll(session: Session, groups: readonly string[]): Promise<Map<string, Generated>> {
  const generated = new Map<string, Generated>();
  const rest = groups.values();
  const work = async () => {
    for (const group of rest) {
      if (session.why !== undefined) return;
      generated.set(group, await session.generate(group, "all"));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return generated;
}
