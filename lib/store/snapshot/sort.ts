/**
 * What goes into a snapshot, and as what: in clear, encrypted, or not at all.
 *
 * @module
 */
import type { GroupRule } from "../../model/layer.ts";
import type { Resource } from "../../model/resource.ts";
import { createSnapshot, type Snapshot } from "../../model/snapshot.ts";
import type { Content, Secrets } from "./content.ts";
import type { LeftOut, Manifest } from "./format.ts";
import type { Held } from "./seal.ts";
import type { SecretFinder } from "./secrets.ts";

/** A content whose secrets are told from the rest. */
export interface Sorted {
  /** What is stored of each group, in order of name. */
  readonly groups: ReadonlyMap<string, Snapshot>;
  /** What is stored encrypted. */
  readonly sealed: ReadonlySet<Resource>;
  readonly secrets: readonly Held[];
  /** In order of group, type and name. */
  readonly leftOut: readonly LeftOut[];
  /** Without the places in files. */
  readonly rules: readonly GroupRule[];
}

export function sort(content: Content, finder: Pick<SecretFinder, "holds">, mode: Secrets["mode"]): Sorted {
  const groups = new Map<string, Snapshot>();
  const secrets: Held[] = [];
  const leftOut = [...content.leftOut];
  for (const group of [...content.groups.keys()].sort()) {
    const snapshot = createSnapshot(content.groups.get(group) ?? []);
    const clear: Resource[] = [];
    for (const set of snapshot.sets) {
      for (const resource of set) {
        if (!finder.holds(resource)) clear.push(resource);
        else if (mode === "without") leftOut.push({ group, type: resource.type, name: resource.name });
        else secrets.push({ group, resource });
      }
    }
    groups.set(group, mode === "without" && clear.length < snapshot.size ? createSnapshot(clear) : snapshot);
  }
  return {
    groups,
    secrets,
    sealed: new Set(secrets.map(({ resource }) => resource)),
    leftOut: inOrder(leftOut),
    rules: content.rules.map(({ at: _, ...rule }) => rule),
  };
}

/** Each once, in order of group, type and name. */
export function inOrder(leftOut: readonly LeftOut[]): LeftOut[] {
  const byKey = new Map(leftOut.map((each) => [JSON.stringify([each.group, each.type, each.name]), each]));
  return [...byKey].sort(([a], [b]) => a < b ? -1 : 1).map(([, { group, type, name }]) => ({ group, type, name }));
}

/** What makes two snapshots the same to every client and every reader. */
export type Compared =
  & Pick<Manifest, "rules" | "leftOut">
  & { readonly encryption: Pick<NonNullable<Manifest["encryption"]>, "recipients" | "check"> | null }
  & {
    readonly groups: Readonly<
      Record<
        string,
        { readonly revision: string; readonly types: Readonly<Record<string, { readonly version: string }>> }
      >
    >;
  };

/** Equal for equal contents, whatever names and labels they have, and wherever they came from. */
export function contentKey({ rules, leftOut, encryption, groups }: Compared): string {
  return JSON.stringify([
    rules.map(({ group, id, cluster, locality, metadata }) => [
      [group, id ?? null, cluster ?? null],
      [locality?.region ?? null, locality?.zone ?? null, locality?.subZone ?? null],
      Object.entries(metadata ?? {}).sort(([a], [b]) => a < b ? -1 : 1),
    ]),
    leftOut.map(({ group, type, name }) => [group, type, name]),
    encryption === null ? null : [encryption.check, encryption.recipients],
    Object.entries(groups).map(([group, { revision, types }]) => [
      [group, revision],
      Object.entries(types).map(([type, { version }]) => [type, version]),
    ]),
  ]);
}
