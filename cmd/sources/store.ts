/**
 * A snapshot in a store as a source.
 *
 * @module
 */
import { splitRef } from "../../lib/store/open.ts";
import { type Purpose, resolveRef } from "../../lib/store/snapshot/refs.ts";
import { type ResolvedContent, resolvedContent } from "../../lib/store/snapshot/resolved.ts";
import { startProgress } from "../progress.ts";
import type { SourceContent, SourceOptions } from "../sources.ts";
import { withStore } from "../store.ts";

export async function readStore(word: string, options: SourceOptions): Promise<SourceContent> {
  const { ref } = splitRef(word);
  const { content, url } = await readSnapshot(word, "read", options);
  return {
    content,
    kind: "store",
    from: ref === undefined ? url : `${url}@${ref}`,
    redacted: [],
    rulesKnown: true,
  };
}

/**
 * The snapshot that a word names, and the store as people name it.
 *
 * @throws {CommandError}
 */
export async function readSnapshot(
  word: string,
  purpose: Purpose,
  { api, identities, context }: Pick<SourceOptions, "api" | "identities" | "context">,
): Promise<ResolvedContent & { readonly url: string }> {
  const { url, ref } = splitRef(word);
  const progress = startProgress("Reading chunks", context);
  try {
    return await withStore(url, async (blobs) => {
      const resolved = await resolveRef(blobs, ref, purpose);
      const read = await resolvedContent(blobs, api, resolved, { identities, onProgress: progress.report });
      return { ...read, url: blobs.url };
    });
  } finally {
    progress.clear();
  }
}
