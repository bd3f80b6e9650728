/**
 * Writing to a bucket: only under a condition, and so that it is known afterwards who wrote.
 *
 * The answer to a write can be lost on its way (a connection that breaks, a proxy in between that sends the request once
 * more and is told 412 because of the first). So each write carries a mark of its own, and after a 412 or a lost answer
 * the mark of what is there tells whether it is ours. A write that did nothing is sent again under the same condition and
 * mark: should the first one still arrive, one of the two does nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { StoreError } from "../blobs.ts";
import { type Call, withBody } from "./attempts.ts";
import { isBusy, isConflict, isMissingKey, isUncertain, NotS3, type Refusal, refusalOf, words } from "./faults.ts";
import { ask, attempted, begin, fault, fullKey, paused, refused, type Request, type Session } from "./session.ts";

/** The metadata that holds the mark of a write: `x-amz-meta-xcp-write`. */
const MARK = "xcp-write";

/** `"absent"`, or the version that is replaced. */
export type Condition = "absent" | { readonly version: string };

/** Writes when the condition holds. Undefined when it does not. */
export async function write(
  session: Session,
  key: string,
  bytes: Uint8Array,
  condition: Condition,
  signal: AbortSignal | undefined,
): Promise<{ readonly version: string } | undefined> {
  const mark = randomUUID();
  const input = putInput(session, key, bytes, condition, mark);
  const action = verb(condition);
  const request = { action, subject: key, signal, limits: withBody(session.limits, bytes.length) };
  const call = begin(session, request);
  try {
    for (let next = 2;; next++) {
      const answer = await attempted(session, request, call, async (attempt) => {
        const { ETag } = await session.connection.put(input, attempt);
        if (ETag === undefined) throw new NotS3("the answer names no version (ETag)");
        return { version: ETag };
      });
      if ("value" in answer) return answer.value;
      const { refusal } = answer;
      // Servers differ about If-Match on a key that is not there: 404 or 412.
      const conflict = isConflict(refusal) || (condition !== "absent" && isMissingKey(refusal));
      if (!conflict && !isBusy(refusal) && !isUncertain(refusal)) throw refused(session, request, refusal);
      const found = await look(session, key, request, call).catch((error) => {
        if (conflict || (error instanceof StoreError && error.fault === "aborted")) throw error;
        throw inDoubt(session, request, refusal);
      });
      if (found !== undefined && found.mark === mark) return { version: found.version };
      // What is there is somebody else's. (Should they have replaced ours meanwhile, that cannot be seen.)
      if (conflict || !holds(condition, found)) return undefined;
      if (!await paused(session, request, call, next)) throw inDoubt(session, request, refusal);
    }
  } finally {
    call.end();
  }
}

function verb(condition: Condition): string {
  return condition === "absent" ? "create" : "replace";
}

/** A write under a condition, as the SDK takes it. */
export function putInput(session: Session, key: string, bytes: Uint8Array, condition: Condition, mark: string) {
  return {
    Key: fullKey(session, key, verb(condition)),
    Body: bytes,
    Metadata: { [MARK]: mark },
    ...(condition === "absent" ? { IfNoneMatch: "*" } : { IfMatch: condition.version }),
  };
}

/** What is there, and who wrote it. */
export interface Found {
  readonly version: string;
  /** Undefined for an object that was not written by this module. */
  readonly mark: string | undefined;
}

function holds(condition: Condition, found: Found | undefined): boolean {
  return condition === "absent" ? found === undefined : found?.version === condition.version;
}

/** Asks who wrote what is there. With a `call`, in its time. */
export async function look(session: Session, key: string, request: Request, call?: Call): Promise<Found | undefined> {
  const full = fullKey(session, key, request.action);
  return await ask(session, request, async (attempt) => {
    try {
      const { ETag, Metadata } = await session.connection.head(full, attempt);
      if (ETag === undefined) throw new NotS3("the answer names no version (ETag)");
      return { version: ETag, mark: Metadata?.[MARK] };
    } catch (error) {
      // An answer to HEAD has no body that could name the bucket: the write will be told when it is missing.
      if (refusalOf(error).status === 404) return undefined;
      throw error;
    }
  }, call);
}

function inDoubt(session: Session, request: Request, refusal: Refusal): StoreError {
  const state = `${words(refusal, session.connection.endpoint)}; it may have happened all the same`;
  return fault(session, request, "unreachable", state);
}

/** Removes a key, there or not. */
export async function remove(session: Session, key: string, signal: AbortSignal | undefined): Promise<void> {
  const full = fullKey(session, key, "remove");
  const request = { action: "remove", subject: key, signal };
  await ask(session, request, async (attempt) => {
    try {
      await session.connection.remove(full, attempt);
    } catch (error) {
      if (!isMissingKey(refusalOf(error))) throw error;
    }
  });
}
