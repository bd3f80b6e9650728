/**
 * Larger configurations out of small ones: field after field is added, and stays if Envoy accepts it. So every field of
 * every extension is set in some configuration, and defects of its value can be made.
 *
 * @module
 */
import { type Base, baseSites } from "./base.ts";
import { label, type Tools } from "./label.ts";
import { add } from "./mutant.ts";
import type { Path } from "./value.ts";

/** A base that has grown stops here: Envoy is asked for each field. */
const MOST_TRIES = 120;

/** The base with as many fields as Envoy accepts at once, below the message at `from`. */
export async function grow(tools: Tools, base: Base, isGrown: (typeName: string) => boolean): Promise<Base> {
  let grown = base;
  const tried = new Set<string>();
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const next = nextField(tools, grown, tried, isGrown);
    if (next === undefined) return grown;
    tried.add(next.key);
    const root = next.change.apply(grown.root);
    const candidate = { ...grown, root };
    if ((await label(tools, candidate))?.expect === "ok") grown = candidate;
  }
  return grown;
}

function nextField(tools: Tools, base: Base, tried: ReadonlySet<string>, isGrown: (typeName: string) => boolean) {
  for (const { desc, path, map } of baseSites(tools.api, base).messages) {
    if (!isGrown(desc.typeName)) continue;
    for (const field of desc.fields) {
      const oneof = "oneof" in field ? field.oneof : undefined;
      const rivals = oneof === undefined ? [field] : oneof.fields;
      if (map.entries.some(({ key }) => rivals.some((rival) => rival.name === key || rival.jsonName === key))) continue;
      const key = `${at(path)} ${desc.typeName}.${field.name}`;
      if (tried.has(key)) continue;
      return { key, change: add("add_field", field.name, { path, map }, field.name, () => tools.minimal.field(field)) };
    }
  }
  return undefined;
}

function at(path: Path): string {
  return path.join(".");
}
