/**
 * What a configuration lacks that was pulled without its secrets, and who waits for it.
 *
 * @module
 */
import type { Resource } from "../../lib/model/resource.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import type { Content } from "../../lib/store/snapshot/content.ts";
import { printable } from "../printable.ts";

/** A line for each resource that is left out: `secret "cert" of group "edge" is left out; listener "https" waits for it`. */
export function leftOutLines({ groups, leftOut }: Content): string[] {
  return leftOut.map(({ group, type, name }) => {
    const waiting = (groups.get(group) ?? []).filter(({ references }) =>
      references.some((reference) => reference.type === type && reference.name === name)
    );
    const who = waiting.map(named).join(", ");
    const state = waiting.length === 0 ? "" : `; ${who} ${waiting.length === 1 ? "waits" : "wait"} for it`;
    return `${named({ type, name })} of group ${JSON.stringify(printable(group))} is left out${state}`;
  });
}

function named({ type, name }: Pick<Resource, "type" | "name">): string {
  return `${typeByUrl(type)?.short ?? type.slice(type.lastIndexOf("/") + 1)} ${JSON.stringify(printable(name))}`;
}
