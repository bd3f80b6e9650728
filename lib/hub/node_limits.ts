/**
 * How much of itself a node may tell. Every stream keeps its node, and logs, pages and metrics repeat it.
 *
 * @module
 */
import type { Node } from "../xds/wire/node.ts";

/** Characters of id, cluster, locality and user agent together. */
const LONGEST_IDENTITY = 4_096;
/** Characters of the metadata that rules may match, keys and values together. */
const LONGEST_METADATA = 65_536;

/** Why a node is not taken; undefined when it is. */
export function tooLarge({ id, cluster, locality, userAgent, metadata }: Node): string | undefined {
  const { region, zone, subZone } = locality;
  const identity = [id, cluster, region, zone, subZone, userAgent].reduce((sum, text) => sum + text.length, 0);
  if (identity > LONGEST_IDENTITY) return `its id, cluster and locality have more than ${LONGEST_IDENTITY} characters`;
  let characters = 0;
  for (const [key, value] of metadata) characters += key.length + value.length;
  return characters > LONGEST_METADATA ? `its metadata has more than ${LONGEST_METADATA} characters` : undefined;
}
