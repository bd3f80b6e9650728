/**
 * Entity tags and the conditions that are made with them.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13
 * @module
 */

/** The revision of a group as an entity tag. */
export function revisionTag(revision: string | undefined): string | undefined {
  return revision === undefined ? undefined : `"${revision}"`;
}

/** The header of an answer about a group. */
export function tagHeader(tag: string | undefined): Record<string, string> {
  return tag === undefined ? {} : { etag: tag };
}

/**
 * The tags of `If-Match` that can allow a write; `["*"]` for any. A weak tag never matches (RFC 9110, 8.8.3.2), so a list
 * of weak ones is empty and allows nothing. Undefined without a condition.
 */
export function allowedTags(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  if (header === "*") return ["*"];
  return tagsOf(header).filter((tag) => !tag.startsWith("W/"));
}

/** 304 when `If-None-Match` names what the client would get; the comparison is the weak one. */
export function notModified(header: string | undefined, tag: string | undefined): Response | undefined {
  if (header === undefined || tag === undefined) return undefined;
  const same = header === "*" || tagsOf(header).some((each) => each.replace(/^W\//, "") === tag);
  return same ? new Response(null, { status: 304, headers: { etag: tag } }) : undefined;
}

function tagsOf(header: string): string[] {
  return header.match(/(?:W\/)?"[^"]*"/g) ?? [];
}
