/**
 * What a server honours of that which a store needs. Not every S3-compatible server knows conditional writes, and one
 * that passes over a condition that it does not know lets writers overwrite each other without a word.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { isConflict, isMissingKey, refusalOf } from "./faults.ts";
import { drop } from "./read.ts";
import { ask, fault, fullKey, type Session } from "./session.ts";
import { type Condition, look, putInput, remove } from "./write.ts";

/** What the server does. */
export interface Honours {
  /** `If-None-Match: *` on writes: a key is made only when it is not there. */
  readonly create: boolean;
  /** `If-Match` on writes: a key is replaced only in the state that is named. */
  readonly replace: boolean;
  /** Metadata come back: lost answers can be told from conflicts. */
  readonly metadata: boolean;
  /** `If-None-Match` on reads: what did not change is not sent again. Only a matter of bytes. */
  readonly notModified: boolean;
}

/**
 * The key of the trial, which stays there: whoever writes snapshots may have no right to remove. It is no snapshot's, and
 * lists leave it out.
 */
export const PROBE_KEY = ".xcp-probe";
/** Never comes to be where conditions are honoured. */
const MISSING_KEY = ".xcp-probe-missing";

const NOBODYS_VERSION = '"00000000000000000000000000000000"';
/** Others who try at the same time replace what was seen. */
const TRIES = 5;
const REQUEST = { action: "write", subject: PROBE_KEY };

/** Tries it out with a key of its own. Rejects when the server cannot be asked, or forbids it. */
export async function probe(session: Session): Promise<Honours> {
  await mustHaveBucket(session);
  const create = await trial(session, PROBE_KEY, "absent") !== "unknown" &&
    await trial(session, PROBE_KEY, "absent") === "refused";
  if (!create) return { create, replace: false, metadata: false, notModified: false };
  const found = await look(session, PROBE_KEY, REQUEST);
  const metadata = found?.mark !== undefined;
  const replace = await trial(session, PROBE_KEY, { version: NOBODYS_VERSION }) === "refused" &&
    await staysMissing(session) && await isReplaced(session);
  return { create, replace, metadata, notModified: await isNotModified(session) };
}

/** Some servers make a bucket that is not there when something is written to it: a mistyped name would be one. */
async function mustHaveBucket(session: Session): Promise<void> {
  const Key = fullKey(session, PROBE_KEY, REQUEST.action);
  await ask(session, REQUEST, async (attempt) => {
    try {
      drop(await session.connection.get({ Key }, attempt));
    } catch (error) {
      const refusal = refusalOf(error);
      // Whoever may write need not have the right to read yet: what is written will tell.
      if (!isMissingKey(refusal) && refusal.code !== "AccessDenied") throw error;
    }
  });
}

/** Rejects as `unable` when writers would not be safe from each other. */
export function demand(session: Session, { create, replace, metadata }: Honours): void {
  const missing = !create
    ? "If-None-Match on writes"
    : !replace
    ? "If-Match on writes"
    : !metadata
    ? "metadata of objects"
    : undefined;
  if (missing === undefined) return;
  const state = `the server does not honour ${missing}, and without it writers could overwrite each other unnoticed`;
  throw fault(session, { action: "write", subject: "" }, "unable", state);
}

/** Writes, and may be sent twice: only what the server makes of the condition matters. */
async function trial(session: Session, key: string, condition: Condition): Promise<"written" | "refused" | "unknown"> {
  // Other bytes each time: a version must not come back.
  const mark = randomUUID();
  const input = putInput(session, key, new TextEncoder().encode(`${mark}\n`), condition, mark);
  return await ask(session, REQUEST, async (attempt) => {
    try {
      await session.connection.put(input, attempt);
      return "written";
    } catch (error) {
      const refusal = refusalOf(error);
      if (isConflict(refusal) || isMissingKey(refusal)) return "refused";
      // "A header you provided implies functionality that is not implemented."
      if (refusal.status === 501 || refusal.status === 400) return "unknown";
      throw error;
    }
  });
}

/** The right version must be taken. */
async function isReplaced(session: Session): Promise<boolean> {
  const before = await look(session, PROBE_KEY, REQUEST);
  if (before === undefined) return false;
  if (await trial(session, PROBE_KEY, before) === "written") return true;
  // Others try at the same time: who was faster was taken at their word, for nobody replaces this key in another way.
  const after = await look(session, PROBE_KEY, REQUEST);
  return after !== undefined && after.mark !== undefined && after.version !== before.version;
}

/** A key that is not there has no state that could be replaced. */
async function staysMissing(session: Session): Promise<boolean> {
  if (await trial(session, MISSING_KEY, { version: NOBODYS_VERSION }) !== "written") return true;
  await remove(session, MISSING_KEY, undefined);
  return false;
}

async function isNotModified(session: Session): Promise<boolean> {
  const Key = fullKey(session, PROBE_KEY, REQUEST.action);
  for (let n = 0; n < TRIES; n++) {
    const found = await look(session, PROBE_KEY, REQUEST);
    if (found === undefined) continue;
    const same = await ask(session, REQUEST, async (attempt) => {
      try {
        const answer = await session.connection.get({ Key, IfNoneMatch: found.version }, attempt);
        drop(answer);
        return answer.ETag === found.version ? false : undefined;
      } catch (error) {
        if (refusalOf(error).status === 304) return true;
        throw error;
      }
    });
    if (same !== undefined) return same;
  }
  return false;
}
