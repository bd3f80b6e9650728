/**
 * A comparison for programs.
 *
 * @module
 */
import type { GroupRule } from "../../lib/model/layer.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { tally } from "../../lib/store/snapshot/compare.ts";
import type { Compared } from "./run.ts";
import { unified } from "./unified.ts";

/**
 * `{from, to, added, changed, removed, rules, groups: [{group, kind, resources: [{change, type, name, from, to, diff?}]}]}`:
 * the counts are over all groups, `rules` says whether those differ that map nodes to groups, `from` and `to` of a
 * resource are versions, null where it is not there.
 */
export function jsonOf({ from, to, comparison, api }: Compared, full: boolean) {
  const diffOf = (before: Resource | undefined, after: Resource | undefined) =>
    full ? { diff: unified(api, before, after).join("\n") } : {};
  return {
    from,
    to,
    ...tally(comparison),
    rules: comparison.rules === undefined
      ? null
      : { from: comparison.rules.from.map(rule), to: comparison.rules.to.map(rule) },
    groups: comparison.groups.map(({ group, kind, types }) => ({
      group,
      kind,
      resources: types.flatMap(({ type, added, changed, removed }) => [
        ...added.map((now) => ({
          change: "added",
          type,
          name: now.name,
          from: null,
          to: now.version,
          ...diffOf(undefined, now),
        })),
        ...changed.map(({ from: was, to: now }) => ({
          change: "changed",
          type,
          name: now.name,
          from: was.version,
          to: now.version,
          ...diffOf(was, now),
        })),
        ...removed.map((was) => ({
          change: "removed",
          type,
          name: was.name,
          from: was.version,
          to: null,
          ...diffOf(was, undefined),
        })),
      ]),
    })),
  };
}

/** Without the place in a file. */
function rule({ at: _, ...conditions }: GroupRule) {
  return conditions;
}
