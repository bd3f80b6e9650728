/**
 * Which group a node belongs to.
 *
 * @module
 */
import picomatch from "picomatch";
import type { GroupRule } from "../model/layer.ts";
import type { Node } from "../xds/wire/node.ts";

/** The group of nodes that no rule and no group of their own claims. */
export const DEFAULT_GROUP = "default";

/** The first rule that matches and whose group exists, else the group named by `node.cluster`, else the default. */
export type Assign = (node: Node) => string;

/** Compiles rules once; `exists` is asked for each node. */
export function createAssign(rules: readonly GroupRule[], exists: (group: string) => boolean): Assign {
  const compiled = rules.map((rule) => ({ group: rule.group, matches: compile(rule) }));
  return (node) => {
    for (const { group, matches } of compiled) if (matches(node) && exists(group)) return group;
    return exists(node.cluster) ? node.cluster : DEFAULT_GROUP;
  };
}

function compile(rule: GroupRule): (node: Node) => boolean {
  const { cluster, locality, metadata } = rule;
  // A node id has no path separators that mean anything: `*` matches them too.
  const id = rule.id === undefined ? undefined : picomatch(rule.id, { bash: true, dot: true });
  return (node) =>
    (id === undefined || id(node.id)) &&
    (cluster === undefined || cluster === node.cluster) &&
    (locality?.region === undefined || locality.region === node.locality.region) &&
    (locality?.zone === undefined || locality.zone === node.locality.zone) &&
    (locality?.subZone === undefined || locality.subZone === node.locality.subZone) &&
    Object.entries(metadata ?? {}).every(([key, value]) => node.metadata.get(key) === value);
}
