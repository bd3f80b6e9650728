/**
 * From what the files say to a layer: which group each file feeds, and what stays when the source fails.
 *
 * @module
 */
import { hasErrors, type Issue } from "../model/issue.ts";
import { EMPTY_PART, type GroupRule, type Layer, type Part, sameLayer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { displayPath, groupOf, GROUPS_FILE } from "./file_names.ts";
import type { Failure, Trouble } from "./listing.ts";
import type { Content, Scan } from "./scanner.ts";

export interface LayerBuilderOptions {
  /** The layer's name. */
  readonly name: string;
  /** The source as the user named it. */
  readonly path: string;
  /** Take an emptied source for what is meant. */
  readonly allowEmpty: boolean;
}

/** What a part is made of, to find out whether it is still the same. */
interface Ingredients {
  readonly contents: Content[];
  readonly troubles: Trouble[];
}

interface Made extends Ingredients {
  readonly part: Part;
}

/** Makes layers that share every part that did not change. */
export class LayerBuilder {
  readonly #options: LayerBuilderOptions;
  #made: ReadonlyMap<string | undefined, Made> = new Map();
  #last: Layer;

  constructor(options: LayerBuilderOptions) {
    this.#options = options;
    this.#last = { name: options.name, common: EMPTY_PART, groups: new Map(), rules: [], failures: [] };
  }

  /** The layer of a scan; the same object as before when nothing changed. */
  build(scan: Scan): Layer {
    const next = this.#next(scan);
    if (!sameLayer(this.#last, next)) this.#last = next;
    return this.#last;
  }

  #next({ listing, contents }: Scan): Layer {
    const last = this.#last;
    if (listing.failure !== undefined) return { ...last, failures: [this.#failed(listing.failure)] };

    const single = listing.files.has("");
    const rulesFile = single ? undefined : contents.get(GROUPS_FILE);
    const made = this.#mix(scanned(listing.groups, contents, listing.troubles, rulesFile));
    const common = made.get(undefined)?.part ?? EMPTY_PART;
    const parts = new Map<string, Part>();
    for (const [group, { part }] of made) if (group !== undefined) parts.set(group, part);

    // With an error in the common part every group is held back anyway, and the error says more.
    if (
      !this.#options.allowEmpty && size(last) > 0 && size({ common, groups: parts }) === 0 && !hasErrors(common.issues)
    ) {
      const reason = "it had resources and has none any more (--allow-empty takes that for what is meant)";
      return { ...last, failures: [this.#failed({ rule: "source-empty", relative: "", reason })] };
    }
    this.#made = made;
    const broken = rulesFile !== undefined && hasErrors(rulesFile.issues);
    return {
      name: this.#options.name,
      common,
      groups: parts,
      rules: broken ? last.rules : rulesFile?.rules ?? NO_RULES,
      failures: rulesFile?.issues ?? [],
    };
  }

  #mix(ingredients: ReadonlyMap<string | undefined, Ingredients>): Map<string | undefined, Made> {
    const made = new Map<string | undefined, Made>();
    for (const [group, { contents, troubles }] of ingredients) {
      const before = this.#made.get(group);
      const same = before !== undefined && sameItems(before.contents, contents) &&
        JSON.stringify(before.troubles) === JSON.stringify(troubles);
      made.set(group, same ? before : { contents, troubles, part: this.#part(contents, troubles) });
    }
    return made;
  }

  #part(contents: readonly Content[], troubles: readonly Trouble[]): Part {
    const resources: Resource[] = [];
    const issues: Issue[] = [];
    for (const content of contents) {
      for (const resource of content.resources) resources.push(resource);
      for (const issue of content.issues) issues.push(issue);
    }
    for (const { relative, rule, severity, reason } of troubles) {
      const file = displayPath(this.#options.path, relative);
      const message = `Cannot read "${file}": ${reason}`;
      issues.push({ at: { file, line: 1, column: 1 }, path: "", rule, severity, message });
    }
    return { resources, issues };
  }

  #failed({ rule, relative, reason }: Failure): Issue {
    const message = `Cannot read "${displayPath(this.#options.path, relative)}": ${reason}`;
    return { path: "", rule, severity: "error", message };
  }
}

const NO_RULES: readonly GroupRule[] = [];

/** Sorts what was found by the group that it feeds; undefined feeds all. */
function scanned(
  groups: ReadonlySet<string>,
  contents: ReadonlyMap<string, Content>,
  troubles: readonly Trouble[],
  rulesFile: Content | undefined,
): Map<string | undefined, Ingredients> {
  const sorted = new Map<string | undefined, Ingredients>();
  for (const group of [undefined, ...[...groups].sort()]) sorted.set(group, { contents: [], troubles: [] });
  for (const [relative, content] of contents) {
    if (content !== rulesFile) sorted.get(groupOf(relative))?.contents.push(content);
  }
  for (const trouble of troubles) sorted.get(trouble.group)?.troubles.push(trouble);
  return sorted;
}

function size({ common, groups }: Pick<Layer, "common" | "groups">): number {
  let total = common.resources.length;
  for (const part of groups.values()) total += part.resources.length;
  return total;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
