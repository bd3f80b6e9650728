/**
 * A configuration from files to everything that is wrong with it: each file, and what the files say together, for each
 * group of clients that they feed.
 *
 * @module
 */
import type { FileContent } from "../model/codec/read.ts";
import type { Issue } from "../model/issue.ts";
import { mergeParts } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { Key } from "../model/written.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkPrimary } from "./primary.ts";
import { checkUnused } from "./unused.ts";
import { Whole } from "./whole.ts";

/** A file that was read with the checks of `checks.ts`. */
export interface CheckedFile {
  /** As issues name it. */
  readonly file: string;
  /** The group that it feeds; undefined for all. */
  readonly group?: string | undefined;
  readonly content: FileContent;
}

/** Files of one source: of two sources, what the later one says wins. */
export type CheckedSource = readonly CheckedFile[];

/**
 * All issues, in the order of sources, files and lines. Those between resources are looked for in each group, and told
 * once; an issue that not all groups have says whose it is.
 */
export function checkConfiguration(sources: readonly CheckedSource[]): Issue[] {
  const files = sources.flat();
  const all = groupsOf(sources);
  const seen = new Map<string, { readonly issue: Issue; readonly groups: string[] }>();
  for (const group of all) {
    for (const issue of checkGroup(sources, group)) {
      const key = JSON.stringify(issue);
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { issue, groups: [group] });
      else known.groups.push(group);
    }
  }
  const between = [...seen.values()].map(({ issue, groups }) =>
    groups.length === all.length ? issue : { ...issue, message: `${issue.message}, in group ${names(groups)}` }
  );
  return inOrder(files, [...files.flatMap(({ content }) => content.issues), ...between]);
}

/** Names of all groups that there are files for, and `default`, in order. */
export function groupsOf(sources: readonly CheckedSource[]): string[] {
  const groups = sources.flat().map(({ group }) => group).filter((group) => group !== undefined);
  return [...new Set(["default", ...groups])].sort();
}

/** All that one group gets. */
export interface Gathered {
  /** Merged: of two of one name, the one that wins. */
  readonly resources: readonly Resource[];
  /** Of each bootstrap what is no resource. */
  readonly bootstraps: readonly Resource[];
  /** What is there and cannot be read. */
  readonly broken: readonly Key[];
}

/** What one group gets of the files: those for all and its own. */
export function gather(sources: readonly CheckedSource[], name: string): Gathered {
  const { parts, ...gathered } = collect(sources, name);
  return { resources: mergeParts(parts), ...gathered };
}

/** The same before it is merged: `meet` sees what stands side by side. */
function collect(
  sources: readonly CheckedSource[],
  name: string,
  meet: (contents: readonly FileContent[], resources: readonly Resource[]) => void = () => {},
) {
  const parts: { readonly resources: Resource[] }[] = [];
  const bootstraps: Resource[] = [];
  const broken: Key[] = [];
  for (const source of sources) {
    for (const group of [undefined, name]) {
      const contents = source.filter((file) => file.group === group).map(({ content }) => content);
      const resources = contents.flatMap((content) => content.resources);
      for (const content of contents) {
        for (const key of content.broken) broken.push(key);
        if (content.bootstrap !== undefined) bootstraps.push(content.bootstrap);
      }
      meet(contents, resources);
      if (resources.length > 0) parts.push({ resources });
    }
  }
  return { parts, bootstraps, broken };
}

function names(groups: readonly string[]): string {
  return groups.map((name) => JSON.stringify(name)).join(", ");
}

/** What is wrong between the resources that one group gets. */
function checkGroup(sources: readonly CheckedSource[], name: string): Issue[] {
  const issues: (readonly Issue[])[] = [];
  const { parts, bootstraps, broken } = collect(sources, name, (contents, resources) => {
    const starting = new Set(contents.filter(({ bootstrap }) => bootstrap !== undefined).flatMap((c) => c.resources));
    issues.push(checkDuplicates({ resources, issues: [] }, starting));
  });
  const together = [...mergeParts(parts), ...bootstraps];
  issues.push(new Whole(together, undefined, { broken, standalone: true }).issues());
  issues.push(checkPrimary(together), checkUnused(together));
  return issues.flat();
}

/** By file, as they were given, then by place. What has no place comes last. */
export function inOrder(files: readonly CheckedFile[], issues: Issue[]): Issue[] {
  const order = new Map(files.map(({ file }, i) => [file, i]));
  const place = ({ at }: Issue) => at === undefined ? Infinity : order.get(at.file) ?? files.length;
  return issues.sort((a, b) => {
    const [one, other] = [place(a), place(b)];
    if (one !== other) return one - other;
    return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
  });
}
