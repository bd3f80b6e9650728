/**
 * An adapter as it is now: it is started, generates everything once, and ends.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Heard, Program } from "./protocol.ts";
import { adapterError, generateError, type Read, readResult, type ReadText, wrongResult } from "./resources.ts";
import { generateAll, Session } from "./session.ts";

export interface GenerateOnceOptions<Content extends Read> {
  /** The adapter as the user named it: the file that issues name. */
  readonly name: string;
  /** Starts its process. */
  readonly start: (heard: Heard) => Program;
  readonly read: ReadText<Content>;
  /** Milliseconds that a call may take. */
  readonly timeoutMs: number;
  /** Takes what it logs. */
  readonly log: Heard["log"];
  readonly signal?: AbortSignal;
}

/** All that an adapter says. */
export interface AdapterContent<Content extends Read> {
  /** In order of name. A group that could not be generated is missing, and an issue. */
  readonly groups: ReadonlyMap<string, Content>;
  /** What is wrong beside the issues of the groups' contents. */
  readonly issues: readonly Issue[];
  /** Why there is nothing: the state only, as it follows the colon of a message. */
  readonly failure: string | undefined;
}

/** Runs an adapter once. Never rejects for what it does. */
export async function generateOnce<Content extends Read>(
  options: GenerateOnceOptions<Content>,
): Promise<AdapterContent<Content>> {
  const { name, start, read, timeoutMs, log, signal = new AbortController().signal } = options;
  const groups = new Map<string, Content>();
  const issues: Issue[] = [];
  let session: Session;
  try {
    const heard: Heard = { changed() {}, log };
    session = await Session.open({ start, heard, timeoutMs }, signal);
  } catch (error) {
    return { groups, issues, failure: error instanceof Error ? error.message : String(error) };
  }
  try {
    for (const warning of session.warnings) issues.push(adapterError(name, `Cannot use all of "${name}": ${warning}`));
    const generated = await generateAll(session, session.groups);
    for (const group of session.groups) {
      const each = generated.get(group) ?? { kind: "failed", message: session.why ?? "it was not reached" };
      if (each.kind === "failed") issues.push(generateError(name, group, each.message));
      else if (each.result !== null) {
        const wrong = wrongResult(name, group, each.result);
        if (wrong !== undefined) issues.push(wrong);
        else if (Array.isArray(each.result)) groups.set(group, readResult(name, group, each.result, read));
      }
    }
  } finally {
    await session.stop();
  }
  return { groups, issues, failure: undefined };
}
