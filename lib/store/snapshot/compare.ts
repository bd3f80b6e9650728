/**
 * What leads from one configuration to another: by group, by type, resource by resource.
 *
 * @module
 */
import type { GroupRule } from "../../model/layer.ts";
import type { Resource } from "../../model/resource.ts";
import type { Content } from "./content.ts";

/** What differs. Without groups and with equal rules the two are the same to every client. */
export interface Comparison {
  /** Those that differ, in order of name. */
  readonly groups: readonly GroupDifference[];
  /** The rules that map nodes to groups, if they are not the same rules in the same order. */
  readonly rules: { readonly from: readonly GroupRule[]; readonly to: readonly GroupRule[] } | undefined;
}

export interface GroupDifference {
  readonly group: string;
  /** Only the second has it, only the first has it, or both do. */
  readonly kind: "added" | "removed" | "changed";
  /** Those that differ, in order of type URL; empty for a group without resources that came or went. */
  readonly types: readonly TypeDifference[];
}

/** Each list is in order of name. */
export interface TypeDifference {
  readonly type: string;
  readonly added: readonly Resource[];
  readonly changed: readonly { readonly from: Resource; readonly to: Resource }[];
  readonly removed: readonly Resource[];
}

type Compared = Pick<Content, "groups" | "rules">;

/** Compares by content: where a resource was read, and in which order, makes no difference. */
export function compare(a: Compared, b: Compared): Comparison {
  const groups: GroupDifference[] = [];
  for (const group of [...new Set([...a.groups.keys(), ...b.groups.keys()])].sort()) {
    const [from, to] = [a.groups.get(group), b.groups.get(group)];
    const types = compareResources(from ?? [], to ?? []);
    const kind = from === undefined ? "added" : to === undefined ? "removed" : "changed";
    if (types.length > 0 || kind !== "changed") groups.push({ group, kind, types });
  }
  const same = rulesKey(a.rules) === rulesKey(b.rules);
  return { groups, rules: same ? undefined : { from: a.rules, to: b.rules } };
}

/** How many resources were added, changed and removed in all. */
export function tally({ groups }: Pick<Comparison, "groups">) {
  const types = groups.flatMap(({ types }) => types);
  const count = (kind: "added" | "changed" | "removed") => types.reduce((sum, type) => sum + type[kind].length, 0);
  return { added: count("added"), changed: count("changed"), removed: count("removed") };
}

function compareResources(from: readonly Resource[], to: readonly Resource[]): TypeDifference[] {
  const [before, after] = [byType(from), byType(to)];
  const differences: TypeDifference[] = [];
  for (const type of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, now] = [before.get(type) ?? NONE, after.get(type) ?? NONE];
    const added: Resource[] = [];
    const changed: { readonly from: Resource; readonly to: Resource }[] = [];
    for (const resource of inOrder(now)) {
      const was = old.get(resource.name);
      if (was === undefined) added.push(resource);
      else if (was.version !== resource.version) changed.push({ from: was, to: resource });
    }
    const removed = inOrder(old).filter(({ name }) => !now.has(name));
    if (added.length + changed.length + removed.length > 0) differences.push({ type, added, changed, removed });
  }
  return differences;
}

type Named = ReadonlyMap<string, Resource>;

const NONE: Named = new Map();

function byType(resources: readonly Resource[]): ReadonlyMap<string, Named> {
  const types = new Map<string, Map<string, Resource>>();
  for (const resource of resources) {
    let names = types.get(resource.type);
    if (names === undefined) types.set(resource.type, names = new Map());
    names.set(resource.name, resource);
  }
  return types;
}

function inOrder(resources: Named): Resource[] {
  return [...resources.values()].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** Rules as text, whatever the order of their keys; where a rule stands in a file is no part of it. */
function rulesKey(rules: readonly GroupRule[]): string {
  return JSON.stringify(rules.map(({ group, id, cluster, locality, metadata }) => [
    group,
    id ?? null,
    cluster ?? null,
    [locality?.region ?? null, locality?.zone ?? null, locality?.subZone ?? null],
    Object.entries(metadata ?? {}).sort(([one], [other]) => one < other ? -1 : 1),
  ]));
}
