/**
 * What a source hands on: a layer. Later layers win over earlier ones, and inside a layer what belongs to a group wins
 * over what is common to all.
 *
 * @module
 */
import type { Issue, Position } from "./issue.ts";
import type { Resource } from "./resource.ts";

/** The resources of one group, or those common to all groups, with what is wrong in the files they came from. */
export interface Part {
  readonly resources: readonly Resource[];
  /** An `error` here holds back every group that this part feeds; they keep their last good snapshot. */
  readonly issues: readonly Issue[];
  /**
   * An operator's name for this content (a git commit): the `version_info` of every type whose content it changes. It
   * says nothing about the content: the same label may come again with another.
   */
  readonly label?: string;
}

/** Maps a node to a group; the first rule that matches wins. All conditions that are present must hold. */
export interface GroupRule {
  readonly group: string;
  /** Glob over `node.id`. */
  readonly id?: string;
  readonly cluster?: string;
  readonly locality?: { readonly region?: string; readonly zone?: string; readonly subZone?: string };
  /** Equality of top-level `node.metadata` values, compared as strings. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where the group is named; absent when the rule was not read from a text. */
  readonly at?: Position;
}

/** All that one source says at one moment. Immutable: a change is a new layer. */
export interface Layer {
  /** The source as the user named it. */
  readonly name: string;
  readonly common: Part;
  readonly groups: ReadonlyMap<string, Part>;
  readonly rules: readonly GroupRule[];
  /**
   * Why the source as a whole cannot be used (not there, not readable, suddenly empty, bad `groups.yaml`). While it is
   * not empty, every group keeps its last good snapshot.
   */
  readonly failures: readonly Issue[];
  /** Somebody asked for each of its changes: that nothing is left in it is meant, and no accident. */
  readonly deliberate?: boolean;
}

/** A part without anything in it. */
export const EMPTY_PART: Part = { resources: [], issues: [] };

/** Whether two layers of one source say the same. Parts and rules that say the same are the same objects. */
export function sameLayer(a: Layer, b: Layer): boolean {
  if (a === b) return true;
  if (a.common !== b.common || a.rules !== b.rules || a.groups.size !== b.groups.size) return false;
  for (const [group, part] of a.groups) if (b.groups.get(group) !== part) return false;
  return JSON.stringify(a.failures) === JSON.stringify(b.failures);
}

/** The resources of all parts; of two with one type and name the later one, at the place of the earlier. */
export function mergeParts([first, ...later]: readonly Pick<Part, "resources">[]): readonly Resource[] {
  if (first === undefined) return [];
  // The ordinary case, in which ten thousand names need not be looked at for one that changed.
  if (later.length === 0) return first.resources;
  const merged: Resource[] = [];
  const places = new Map<string, Map<string, number>>();
  for (const { resources } of [first, ...later]) {
    for (const resource of resources) {
      let names = places.get(resource.type);
      if (names === undefined) places.set(resource.type, names = new Map());
      const place = names.get(resource.name) ?? merged.length;
      names.set(resource.name, place);
      merged[place] = resource;
    }
  }
  return merged;
}
