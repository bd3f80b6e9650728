/**
 * The rules that a running server tells.
 *
 * @module
 */
import type { GroupRule } from "../../lib/model/layer.ts";

/**
 * `GET /v1/rules` as rules. A condition that this xcp does not know would widen its rule if it were passed over.
 *
 * @throws {Error} With the state alone: `its rule 2 has a field that is not known: "zone"`
 */
export function readRules(told: readonly unknown[]): GroupRule[] {
  return told.map((value, index) => {
    try {
      return readRule(value);
    } catch (error) {
      throw new Error(`its rule ${index + 1} ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  });
}

function readRule(value: unknown): GroupRule {
  const fields = entriesOf(value, "is no object", ["group", "id", "cluster", "locality", "metadata"]);
  const { group, id, cluster } = texts(fields, ["group", "id", "cluster"]);
  if (group === undefined) throw new Error("names no group");
  const [locality, metadata] = [fields.get("locality"), fields.get("metadata")];
  return {
    group,
    ...(id === undefined ? {} : { id }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(locality === undefined ? {} : { locality: readLocality(locality) }),
    ...(metadata === undefined ? {} : { metadata: readMetadata(metadata) }),
  };
}

function readLocality(value: unknown): NonNullable<GroupRule["locality"]> {
  const names = ["region", "zone", "sub_zone"] as const;
  const { region, zone, sub_zone: subZone } = texts(entriesOf(value, "has a locality that is no object", names), names);
  return {
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(subZone === undefined ? {} : { subZone }),
  };
}

function readMetadata(value: unknown): Record<string, string> {
  const fields = entriesOf(value, "has metadata that is no object");
  return texts(fields, [...fields.keys()]) as Record<string, string>;
}

/** What an object has; of `known` names, where nothing else may be. */
function entriesOf(value: unknown, otherwise: string, known?: readonly string[]): Map<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(otherwise);
  const fields = new Map<string, unknown>(Object.entries(value));
  const other = known === undefined ? undefined : [...fields.keys()].find((name) => !known.includes(name));
  if (other !== undefined) throw new Error(`has a field that is not known: ${JSON.stringify(other)}`);
  return fields;
}

/** Those of the names that are there. */
function texts<N extends string>(
  fields: ReadonlyMap<string, unknown>,
  names: readonly N[],
): Partial<Record<N, string>> {
  const found: [N, string][] = [];
  for (const name of names) {
    const value = fields.get(name);
    if (value === undefined) continue;
    if (typeof value !== "string") throw new Error(`has something other than a text in ${JSON.stringify(name)}`);
    found.push([name, value]);
  }
  return Object.fromEntries(found) as Partial<Record<N, string>>;
}
