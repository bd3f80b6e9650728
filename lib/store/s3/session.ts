/**
 * One store in use: where it is, the connection, its limits; and the way from a request to an answer or a
 * {@link StoreError}.
 *
 * @module
 */
import { StoreError, type StoreFault } from "../blobs.ts";
import { isKey } from "../keys.ts";
import { type Attempt, beginCall, type Call, CalledOff, type S3Limits } from "./attempts.ts";
import type { Connection } from "./connection.ts";
import { faultOf, isTransient, type Refusal, refusalOf, words } from "./faults.ts";

export interface Session {
  readonly connection: Connection;
  /** `s3://bucket/prefix`. */
  readonly url: string;
  /** Before each key: "" or `prefix/`. */
  readonly prefix: string;
  readonly limits: S3Limits;
  /** Aborted when the store is closed. */
  readonly closed: AbortSignal;
  readonly random: () => number;
}

/** What messages begin with, and who calls it off. */
export interface Request {
  /** A verb. */
  readonly action: string;
  /** A key or prefix; "" for the store. */
  readonly subject: string;
  readonly signal?: AbortSignal | undefined;
  /** Other limits than the session's. */
  readonly limits?: S3Limits;
}

/**
 * Asks for something that may be asked twice, until there is an answer or the limits are reached; in the time of a call
 * that is under way, if one is given.
 */
export async function ask<T>(
  session: Session,
  request: Request,
  run: (attempt: Attempt) => Promise<T>,
  within?: Call,
): Promise<T> {
  const call = within ?? begin(session, request);
  try {
    for (let next = 2;; next++) {
      const answer = await attempted(session, request, call, run);
      if (!("refusal" in answer)) return answer.value;
      const { refusal } = answer;
      if (isTransient(refusal) && await paused(session, request, call, next)) continue;
      throw refused(session, request, refusal);
    }
  } finally {
    if (within === undefined) call.end();
  }
}

/** The time of a call begins. */
export function begin(session: Session, { signal, limits = session.limits }: Request): Call {
  return beginCall(limits, session.random, [session.closed, signal]);
}

/** One attempt: what it answers, or how it was refused. Rejects when it was called off, and for our own bugs. */
export async function attempted<T>(
  session: Session,
  request: Request,
  call: Call,
  run: (attempt: Attempt) => Promise<T>,
): Promise<{ readonly value: T } | { readonly refusal: Refusal }> {
  try {
    return { value: await call.attempt(run) };
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (error instanceof CalledOff) throw calledOff(session, request);
    const refusal = refusalOf(error);
    if (isBug(error, refusal)) throw error;
    return { refusal };
  }
}

/** Waits before the next attempt; false when there is none left. */
export async function paused(session: Session, request: Request, call: Call, next: number): Promise<boolean> {
  try {
    return await call.pause(next);
  } catch (error) {
    throw error instanceof CalledOff ? calledOff(session, request) : error;
  }
}

/** What a refusal is to the caller. No cause goes along: the SDK's errors hold requests and answers. */
export function refused(session: Session, request: Request, refusal: Refusal): StoreError {
  return fault(session, request, faultOf(refusal), words(refusal, session.connection.endpoint));
}

/** An error of the store, with the state in words. */
export function fault({ url }: Session, { action, subject }: Request, fault: StoreFault, state: string): StoreError {
  return new StoreError(fault, `Cannot ${action} "${url}${subject === "" ? "" : `/${subject}`}": ${state}`);
}

/** A key as the server has it. Throws for a text that is none. */
export function fullKey({ prefix }: Session, key: string, action: string): string {
  if (!isKey(key)) throw new StoreError("failed", `Cannot ${action} ${JSON.stringify(key)}: ${KEY_RULE}`);
  return prefix + key;
}

const KEY_RULE = "a key is words of A-Z a-z 0-9 . _ - between slashes, of 200 characters at most";

function calledOff(session: Session, request: Request): StoreError {
  if (request.signal?.aborted) return fault(session, request, "aborted", "called off");
  return fault(session, request, "failed", "the store was closed");
}

/** Not what the server or the network did. */
function isBug(error: unknown, { status, code, lost }: Refusal): boolean {
  return status === undefined && code === "" && !lost &&
    (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError);
}
