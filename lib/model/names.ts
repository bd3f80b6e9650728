/**
 * Names of resources: opaque text, or `xdstp://authority/type/id?context` with a few rules of their own.
 *
 * @see https://github.com/cncf/xds/blob/main/proposals/TP1-xds-transport-next.md
 * @module
 */

const SCHEME = "xdstp:";

/** The one form of names that are equal: the order of context parameters means nothing. */
export function canonicalName(name: string): string {
  if (!name.startsWith(SCHEME)) return name;
  const query = name.indexOf("?");
  if (query < 0) return name;
  const fragment = name.indexOf("#", query);
  const end = fragment < 0 ? name.length : fragment;
  const parameters = name.slice(query + 1, end).split("&").filter((parameter) => parameter !== "").sort();
  const sorted = parameters.length === 0 ? "" : `?${parameters.join("&")}`;
  return name.slice(0, query) + sorted + name.slice(end);
}

/** Whether a canonical name stands for a collection: `xdstp://authority/type/a/*`, of all that is one level below `a`. */
export function isGlob(name: string): boolean {
  if (!name.startsWith(SCHEME)) return false;
  const query = name.indexOf("?");
  return (query < 0 ? name : name.slice(0, query)).endsWith("/*");
}

/** The collection that a canonical name is a member of; undefined for names that are in none. */
export function globOf(name: string): string | undefined {
  if (!name.startsWith(SCHEME)) return undefined;
  const query = name.indexOf("?");
  const path = query < 0 ? name : name.slice(0, query);
  const slash = path.lastIndexOf("/");
  // `xdstp://authority/type/id`: what comes before the third slash is not the id.
  if (slash < SCHEME.length + 2) return undefined;
  return `${path.slice(0, slash)}/*${query < 0 ? "" : name.slice(query)}`;
}
