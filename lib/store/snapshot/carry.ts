/**
 * What a push leaves as it is: groups of the newest snapshot that whoever pushes has nothing newer for. Their chunks stay
 * where they are, so that secrets in them are carried over without a key.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import type { Content } from "./content.ts";
import { record } from "./fields.ts";
import type { Encryption, GroupEntry, Manifest } from "./format.ts";

/** Parts of a manifest. */
export type Carried = Pick<Manifest, "groups" | "leftOut" | "rules" | "encryption">;

/** The groups of a snapshot that stay, with everything that is said of them. */
export function carry(parent: Manifest | undefined, stays: (group: string) => boolean): Carried {
  const all = Object.entries(parent?.groups ?? {});
  const groups = record(all.filter(([group]) => stays(group)));
  return {
    groups,
    leftOut: parent?.leftOut.filter(({ group }) => Object.hasOwn(groups, group)) ?? [],
    rules: parent?.rules.filter(({ group }) => Object.hasOwn(groups, group)) ?? [],
    encryption: encryptionOf(parent, all.filter(([group]) => !Object.hasOwn(groups, group))),
  };
}

/**
 * `check` says that all the secrets it was made of are in the snapshot: the next push relies on it. When some of them do
 * not come along, it is one that no secrets have.
 */
function encryptionOf(
  parent: Manifest | undefined,
  left: readonly (readonly [string, GroupEntry])[],
): Encryption | null {
  if (!parent?.encryption) return null;
  return left.some(([, entry]) => isEncrypted(entry))
    ? { ...parent.encryption, check: randomBytes(32).toString("hex") }
    : parent.encryption;
}

export function isEncrypted({ types }: GroupEntry): boolean {
  return Object.values(types).some(({ chunks }) => chunks.some(({ encrypted }) => encrypted));
}

/** A content without the groups that are carried. */
export function without(content: Content, { groups }: Carried): Content {
  if (![...content.groups.keys()].some((group) => Object.hasOwn(groups, group))) return content;
  return {
    ...content,
    groups: new Map([...content.groups].filter(([group]) => !Object.hasOwn(groups, group))),
    leftOut: content.leftOut.filter(({ group }) => !Object.hasOwn(groups, group)),
  };
}
