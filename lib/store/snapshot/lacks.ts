/**
 * What a configuration lacks that was stored, or read, without its secrets, and who waits for it.
 *
 * @module
 */
import type { Resource } from "../../model/resource.ts";
import { typeByUrl } from "../../model/types.ts";
import type { Content } from "./content.ts";
import type { LeftOut } from "./format.ts";

/** Something that is left out. */
interface Lack extends LeftOut {
  /** Resources of its group that name it, and that the client looks up here. */
  readonly waiting: readonly Resource[];
}

/** What is left out, in the order of the content. */
export function lacksOf({ groups, leftOut }: Pick<Content, "groups" | "leftOut">): Lack[] {
  const lacks = new Map<string, Lack & { readonly waiting: Resource[] }>();
  for (const one of leftOut) lacks.set(keyOf(one.group, one), { ...one, waiting: [] });
  for (const group of new Set(leftOut.map(({ group }) => group))) {
    for (const resource of groups.get(group) ?? []) {
      const names = resource.references.filter(({ bootstrap }) => !bootstrap).map((target) => keyOf(group, target));
      for (const name of new Set(names)) lacks.get(name)?.waiting.push(resource);
    }
  }
  return [...lacks.values()];
}

/** Who waits, as a sentence names them; the rest is counted. */
const MOST_NAMED = 5;

/** `; listener "https" waits for it`, or "" when nobody does. `shown` makes a name fit to be printed. */
export function waitingText({ waiting }: Lack, shown: (name: string) => string = String): string {
  if (waiting.length === 0) return "";
  const named = waiting.slice(0, MOST_NAMED).map((resource) => namedText(resource, shown)).join(", ");
  const more = waiting.length > MOST_NAMED ? ` and ${waiting.length - MOST_NAMED} more` : "";
  return `; ${named}${more} ${waiting.length === 1 ? "waits" : "wait"} for it`;
}

/** `secret "cert"`. */
export function namedText(
  { type, name }: Pick<Resource, "type" | "name">,
  shown: (name: string) => string = String,
): string {
  return `${typeByUrl(type)?.short ?? type.slice(type.lastIndexOf("/") + 1)} ${JSON.stringify(shown(name))}`;
}

function keyOf(group: string, { type, name }: Pick<Resource, "type" | "name">): string {
  return `${group}\n${type}\n${name}`;
}
