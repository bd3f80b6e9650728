/**
 * Reading from a bucket: objects of a bounded size, and lists of keys.
 *
 * @module
 */
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { Buffer } from "node:buffer";
import { type Blob, type Entry, type ReadOptions, StoreError } from "../blobs.ts";
import { isKey, isPrefix } from "../keys.ts";
import type { Attempt } from "./attempts.ts";
import { isMissingKey, NotS3, refusalOf } from "./faults.ts";
import { ask, fault, fullKey, type Session } from "./session.ts";

/** Reads an object; with `version` only when it is another by now. */
export async function read(
  session: Session,
  key: string,
  { limit, signal }: ReadOptions,
  version?: string,
): Promise<Blob | "same" | undefined> {
  const Key = fullKey(session, key, "read");
  const request = { action: "read", subject: key, signal };
  const input = version === undefined ? { Key } : { Key, IfNoneMatch: version };
  return await ask(session, request, async (attempt) => {
    let answer: GetObjectCommandOutput;
    try {
      answer = await session.connection.get(input, attempt);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal.status === 304 && version !== undefined) return "same";
      if (isMissingKey(refusal)) return undefined;
      if (refusal.code === "AccessDenied" && !await mayList(session, Key, attempt)) {
        throw fault(session, request, "forbidden", NO_LIST);
      }
      throw error;
    }
    const { ETag, ContentLength } = answer;
    if (ETag === undefined || ETag === version) {
      drop(answer);
      if (ETag === version && version !== undefined) return "same"; // a server that knows no 304
      throw new NotS3("the answer names no version (ETag)");
    }
    if ((ContentLength ?? 0) > limit) {
      drop(answer);
      throw fault(session, request, "too-large", `it has ${ContentLength} bytes, and ${limit} is the limit`);
    }
    const bytes = await collect(answer, limit, attempt);
    if (bytes === undefined) {
      throw fault(session, request, "too-large", `it has more than ${limit} bytes, the limit`);
    }
    return { bytes, version: ETag };
  });
}

const NO_LIST = "forbidden, or not there: without the right to list the bucket, the server does not say which";

/** Whether the credentials may list the bucket: with that right, a server says of a missing key that it is missing. */
async function mayList({ connection }: Session, key: string, attempt: Attempt): Promise<boolean> {
  try {
    await connection.list({ Prefix: key, MaxKeys: 1 }, attempt);
    return true;
  } catch (error) {
    return refusalOf(error).code !== "AccessDenied";
  }
}

/** The bytes of an answer; undefined when they are more than the limit. */
async function collect(
  { Body }: GetObjectCommandOutput,
  limit: number,
  attempt: Attempt,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Always a stream of Node's: leaving the loop destroys it, and it fails when it ends before the size that was named.
  for await (const chunk of (Body ?? []) as AsyncIterable<Uint8Array>) {
    attempt.heard();
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks, size));
}

/** Lets go of a body that nobody reads. */
export function drop({ Body }: GetObjectCommandOutput): void {
  if (Body !== undefined && "destroy" in Body) Body.destroy();
}

/** All keys that begin with a prefix, but `hidden`; what is no key of ours is passed over. */
export async function* list(
  session: Session,
  prefix: string,
  hidden: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry> {
  if (!isPrefix(prefix)) throw new StoreError("failed", `Cannot list ${JSON.stringify(prefix)}: ${PREFIX_RULE}`);
  const request = { action: "list", subject: prefix, signal };
  const input = { Prefix: session.prefix + prefix, EncodingType: "url" } as const;
  let token: string | undefined;
  do {
    const page = token === undefined ? input : { ...input, ContinuationToken: token };
    const answer = await ask(session, request, async (attempt) => {
      const answer = await session.connection.list(page, attempt);
      // The SDK makes an empty list of an empty answer.
      if (answer.KeyCount === undefined && answer.IsTruncated === undefined && answer.Contents === undefined) {
        throw new NotS3("the answer is no list of keys");
      }
      return answer;
    });
    for (const { Key = "", Size = 0, LastModified } of answer.Contents ?? []) {
      const full = answer.EncodingType === "url" ? decoded(Key) : Key;
      if (!full.startsWith(input.Prefix)) continue;
      const key = full.slice(session.prefix.length);
      if (isKey(key) && key !== hidden) yield { key, size: Size, modifiedMs: LastModified?.getTime() ?? 0 };
    }
    const next = answer.IsTruncated ? answer.NextContinuationToken : undefined;
    if (answer.IsTruncated && (next === undefined || next === token)) {
      throw fault(session, request, "unable", "the server does not say how its list goes on");
    }
    token = next;
  } while (token !== undefined);
}

const PREFIX_RULE = 'a prefix is "", or what a key may be before one of its slashes, and that slash';

/** Of a query: a plus is a space. A key that is not encoded as it should be is none of ours. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return "";
  }
}
