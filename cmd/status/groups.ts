/**
 * What `xcp status` prints of groups and stores.
 *
 * @module
 */
import type { GroupJson, StoreJson } from "../../lib/admin/json.ts";
import { printable } from "../printable.ts";

/** With several servers, each line says which one. */
export type Told<T> = T & { readonly server: string };

/** Rows of a table, with its head: what each group serves, from where, and how old that is. */
export function groupRows(groups: readonly Told<GroupJson>[], several: boolean): string[][] {
  const head = [...(several ? ["SERVER"] : []), "GROUP", "SOURCE", "STATE", "AGE", "CLIENTS", "RESOURCES"];
  return [
    head,
    ...groups.map((group) => [
      ...(several ? [group.server] : []),
      group.name,
      group.source.join(", ") || "-",
      // A server of an earlier xcp restores nothing, and does not say so.
      group.restored === true ? "restored" : group.stale ? "stale" : "current",
      group.age === null ? "-" : shortAge(group.age),
      String(group.clients),
      String(Object.values(group.counts).reduce((sum, count) => sum + count, 0)),
    ]),
  ];
}

/** A line for each store that fails. */
export function storeLines(stores: readonly Told<StoreJson>[], several: boolean): string[] {
  return stores.flatMap(({ server, url, role, failure, succeeded }) => {
    if (failure === null) return [];
    const place = `${several ? `${server} ` : ""}${printable(url)} (${role})`;
    return [
      `  ${place}: ${printable(failure)}; ${succeeded === null ? "never a success" : `last success ${succeeded}`}\n`,
    ];
  });
}

const UNITS = [["d", 86_400], ["h", 3_600], ["m", 60]] as const;

/** `45s`, `3m`, `2h`, `5d`: whole units of the largest that fits, from seconds. */
function shortAge(seconds: number): string {
  for (const [unit, length] of UNITS) if (seconds >= length) return `${Math.floor(seconds / length)}${unit}`;
  return `${Math.floor(seconds)}s`;
}
