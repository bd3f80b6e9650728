/**
 * From what is wanted to what can be had: exactly that, or, where something of it is damaged, the previous good state of
 * each group that is concerned.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";
import { eachAtOnce } from "../store/snapshot/at_once.ts";
import { type Chosen, isDamage } from "./manifests.ts";
import { readGroups, type Reading, type TakenGroup } from "./reading.ts";
import { NothingWanted, type Wanted } from "./wanted.ts";
import { uncapitalized } from "./words.ts";

/** What is served. */
export interface Taken {
  /** In order of name. */
  readonly groups: ReadonlyMap<string, TakenGroup>;
  readonly rules: readonly GroupRule[];
  /** Number of the newest snapshot of which something is served. */
  readonly newest: number;
  /** Of groups that are not served from what was wanted: why. In the end: `Cannot use snapshot 8: …`. */
  readonly instead: ReadonlyMap<string, string>;
  /** Groups that nothing can be had of, and why. */
  readonly lost: ReadonlyMap<string, string>;
}

/**
 * Exactly what is wanted.
 *
 * @throws {SnapshotError} when anything of it is not what was written
 * @throws {StoreError}
 */
export async function take({ groups, latest }: Wanted, reading: Reading): Promise<Taken> {
  const base = typeof latest === "object" ? await reading.manifests.read(latest) : undefined;
  const plan = new Map<string, Chosen>();
  await eachAtOnce(groups, async ([group, id]) => void plan.set(group, await reading.manifests.read(id)));
  for (const group of Object.keys(base?.manifest.groups ?? {})) {
    if (base !== undefined && !plan.has(group)) plan.set(group, base);
  }
  return done(await readGroups(plan, reading), base ?? newestOf([...plan.values()]), new Map(), new Map());
}

/**
 * The same, or what {@link takeInstead} finds when something of it is damaged.
 *
 * @throws {NothingWanted} when nothing at all can be had
 * @throws {StoreError}
 */
export async function takeBest(wanted: Wanted, reading: Reading): Promise<Taken> {
  if (wanted.latest !== "lost") {
    try {
      return await take(wanted, reading);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  return await takeInstead(wanted, reading);
}

/**
 * What is wanted, or the next best of each group. Groups are read one by one, so it takes its time.
 *
 * @throws {NothingWanted} when nothing at all can be had
 * @throws {StoreError}
 */
export async function takeInstead({ groups, latest }: Wanted, reading: Reading): Promise<Taken> {
  const { manifests } = reading;
  const instead = new Map<string, string>();
  const lost = new Map<string, string>();
  const taken = new Map<string, TakenGroup>();

  let base: Chosen | undefined;
  let baseDamage: string | undefined;
  if (latest === "lost") base = await firstOf(manifests.before(undefined));
  else if (latest !== undefined) {
    try {
      base = await manifests.read(latest);
    } catch (error) {
      baseDamage = unusable(latest, error);
      base = await firstOf(manifests.before(latest));
    }
  }

  const tryOne = async (group: string, chosen: Chosen): Promise<string | undefined> => {
    try {
      const [one] = (await readGroups(new Map([[group, chosen]]), reading)).values();
      if (one !== undefined) taken.set(group, one);
    } catch (error) {
      return unusable(chosen.id, error);
    }
  };
  const takeGroup = async (group: string, from: Chosen["id"]) => {
    let damage: string | undefined;
    try {
      damage = await tryOne(group, await manifests.read(from));
    } catch (error) {
      damage = unusable(from, error);
    }
    if (damage === undefined) return;
    for await (const earlier of manifests.before(from)) {
      if (earlier.manifest.groups[group] === undefined) continue;
      if (await tryOne(group, earlier) === undefined) return void instead.set(group, damage);
    }
    lost.set(group, damage);
  };
  for (const [group, id] of groups) await takeGroup(group, id);
  for (const group of Object.keys(base?.manifest.groups ?? {})) {
    if (groups.has(group) || base === undefined) continue;
    await takeGroup(group, base.id);
    if (baseDamage !== undefined && taken.has(group)) instead.set(group, baseDamage);
  }

  const newest = base ?? newestOf(await Promise.all([...taken.values()].map(({ id }) => manifests.read(id))));
  if (taken.size === 0) {
    const [first] = [baseDamage, ...lost.values()].filter((damage) => damage !== undefined);
    throw new NothingWanted(`no snapshot can be read${first === undefined ? "" : `: ${uncapitalized(first)}`}`);
  }
  return done(taken, newest, instead, lost);
}

function done(
  groups: ReadonlyMap<string, TakenGroup>,
  base: Chosen | undefined,
  instead: Taken["instead"],
  lost: Taken["lost"],
): Taken {
  const numbers = [...groups.values()].map(({ id }) => id.number);
  return {
    groups: new Map([...groups].sort(([a], [b]) => a < b ? -1 : 1)),
    rules: base?.manifest.rules ?? [],
    newest: numbers.reduce((most, number) => Math.max(most, number), numbers.length === 0 ? base?.id.number ?? 0 : 0),
    instead,
    lost,
  };
}

function newestOf(chosen: readonly Chosen[]): Chosen | undefined {
  return chosen.reduce<Chosen | undefined>(
    (newest, one) => newest === undefined || one.id.number > newest.id.number ? one : newest,
    undefined,
  );
}

async function firstOf(all: AsyncGenerator<Chosen>): Promise<Chosen | undefined> {
  for await (const one of all) return one;
  return undefined;
}

/** Why a snapshot is of no use; an error that says nothing about snapshots is thrown again. */
function unusable({ number }: Chosen["id"], error: unknown): string {
  if (isDamage(error)) return `Cannot use snapshot ${number}: ${uncapitalized(error.message)}`;
  throw error;
}

/** Groups that one sentence names; the rest is counted. */
const MOST_NAMED = 5;

/** A warning for each thing that is damaged: what is served instead of it. */
export function insteadIssues({ groups, instead }: Taken): Issue[] {
  const alike = Map.groupBy(instead, ([group, damage]) => `${damage}\n${groups.get(group)?.id.number}`);
  return Array.from(alike.values(), (entries) => {
    const [[first, damage] = ["", ""]] = entries;
    const names = entries.map(([group]) => JSON.stringify(group));
    const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
    const who = `group${names.length === 1 ? "" : "s"} ${names.slice(0, MOST_NAMED).join(", ")}${more}`;
    const state = `${names.length === 1 ? "is" : "are"} served from snapshot ${groups.get(first)?.id.number}`;
    return damageIssue(`${damage}; ${who} ${state}`);
  });
}

/** A warning about something that is damaged. */
export function damageIssue(message: string, severity: Issue["severity"] = "warning"): Issue {
  return { path: "", rule: "snapshot-damaged", severity, message };
}
