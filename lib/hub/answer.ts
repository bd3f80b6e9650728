/**
 * The answer to one question without a stream.
 *
 * @module
 */
import { canonicalName, isGlob } from "../model/names.ts";
import { contentHash, type Resource } from "../model/resource.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import { typeByUrl } from "../model/types.ts";
import type { Answer, Question } from "./port.ts";

/**
 * What the named resources are now. The version is that of their contents, names that are not there included: a version
 * for the whole type would hide a newly named resource from a client that has the rest.
 */
export function answer(set: ResourceSet, question: Question, identifier: string): Answer {
  const { type, names, version, error } = question;
  const wanted = new Set(names.map(canonicalName));
  wanted.delete("");
  const all = wanted.delete("*") || names.length === 0 && typeByUrl(type)?.fullState === true;
  const resources = all ? [...set] : pick(set, wanted);
  const current = all
    ? set.version
    : contentHash([...wanted].sort().map((name) => `${name.length}:${name}`).join("\n"), ...resources.map(versionOf));
  // A client that rejected what there is has something older, whatever it says.
  return { version: current, unchanged: current === version && error === undefined, resources, identifier };
}

function pick(set: ResourceSet, names: ReadonlySet<string>): Resource[] {
  const picked = new Set<Resource>();
  for (const name of names) {
    const resource = set.get(name);
    if (resource !== undefined) picked.add(resource);
    if (isGlob(name)) { for (const member of set.members(name)) picked.add(member); }
  }
  return [...picked].sort((a, b) => a.name < b.name ? -1 : 1);
}

function versionOf({ name, version }: Resource): string {
  return `\n${name.length}:${name}${version}`;
}
