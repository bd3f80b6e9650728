/**
 * A snapshot in a store as a source.
 *
 * @module
 */
import { splitRef } from "../../lib/store/open.ts";
import { resolveRef } from "../../lib/store/snapshot/refs.ts";
import { resolvedContent } from "../../lib/store/snapshot/resolved.ts";
import { startProgress } from "../progress.ts";
import type { SourceContent, SourceOptions } from "../sources.ts";
import { withStore } from "../store.ts";

/** @throws {CommandError} */
export async function readStore(
  word: string,
  { api, identities, context }: Pick<SourceOptions, "api" | "identities" | "context">,
): Promise<SourceContent> {
  const { url, ref } = splitRef(word);
  const progress = startProgress("Reading chunks", context);
  return await withStore(url, async (blobs): Promise<SourceContent> => {
    const resolved = await resolveRef(blobs, ref, "read");
    const { content } = await resolvedContent(blobs, api, resolved, { identities, onProgress: progress.report });
    const from = ref === undefined ? blobs.url : `${blobs.url}@${ref}`;
    return { content, kind: "store", from, redacted: [], rulesKnown: true };
  }).finally(progress.clear);
}
