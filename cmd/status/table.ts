/**
 * What `xcp status` prints.
 *
 * @module
 */
import type { ClientJson, GroupJson, StoreJson, SubscriptionJson } from "../../lib/admin/json.ts";
import { RESOURCE_TYPES, typeByUrl } from "../../lib/model/types.ts";
import { printable } from "../printable.ts";
import type { Answer } from "./ask.ts";
import { groupRows, storeLines, type Told } from "./groups.ts";

/** The answers of all servers as one. */
export interface Overview {
  readonly clients: readonly Told<ClientJson>[];
  readonly groups: readonly Told<GroupJson>[];
  readonly stores: readonly Told<StoreJson>[];
  /** How many subscriptions were rejected last. */
  readonly rejections: number;
}

export function overview(answers: readonly Answer[]): Overview {
  const clients = answers.flatMap(({ url, clients }) => clients.map((client) => ({ server: url, ...client })));
  const groups = answers.flatMap(({ url, groups }) => groups.map((group) => ({ server: url, ...group })));
  const stores = answers.flatMap(({ url: server, stores }) => stores.map((store) => ({ server, ...store })));
  const rejections = clients.flatMap(({ subscriptions }) => subscriptions).filter(({ rejected }) => rejected !== null);
  return { clients, groups, stores, rejections: rejections.length };
}

export interface TableOptions {
  readonly color: boolean;
  /** With several servers, each line says which one. */
  readonly servers: number;
}

/**
 * The table of clients and that of groups; below them what clients rejected, which groups do not follow their sources,
 * which adapters were changed and stay what they were, and which stores fail.
 */
export function statusTable({ clients, groups, stores }: Overview, { color, servers }: TableOptions): string {
  const types = typeColumns(clients);
  const several = servers > 1;
  const rows = [...clients].sort(byNode).map((client) => [
    ...(several ? [client.server] : []),
    name(client),
    client.group ?? "-",
    client.mode,
    ...types.map((type) => state(client.subscriptions.find((subscription) => subscription.type === type))),
  ]);
  const head = [...(several ? ["SERVER"] : []), "NODE", "GROUP", "MODE", ...types.map(typeTitle)];
  const red = (text: string) => color ? `\x1b[31m${text}\x1b[0m` : text;
  const parts = [
    clients.length === 0 ? "No client is connected.\n" : table([head, ...rows]).replaceAll(/\brejected\b/g, red),
  ];
  if (groups.length > 0) parts.push(`\n${table(groupRows(groups, several))}`);
  const rejections = clients.flatMap((client) =>
    client.subscriptions.flatMap(({ type, rejected }) =>
      rejected === null ? [] : [
        `  ${several ? `${client.server} ` : ""}${name(client)} ${
          typeTitle(type).toLowerCase()
        } ${rejected.version}, ${rejected.at}:\n    ${printable(rejected.message)}\n`,
      ]
    )
  );
  if (rejections.length > 0) parts.push(`\n${red("Rejected:")}\n${rejections.join("")}`);
  const stale = groups.filter((group) => group.stale).map((group) =>
    `  ${several ? `${group.server} ` : ""}${group.name}:\n${
      group.issues.length === 0
        ? "    no source says anything of it now\n"
        : group.issues.map((issue) =>
          `    ${printable(place(issue))}${issue.severity}: ${printable(issue.message)} [${issue.rule}]\n`
        )
          .join("")
    }`
  );
  if (stale.length > 0) parts.push(`\n${red("Groups that cannot follow their sources:")}\n${stale.join("")}`);
  // It is said in all groups, and is one thing.
  const warnings = new Set(
    groups.filter((group) => !group.stale).flatMap(({ server, issues }) =>
      issues.filter(({ rule }) => rule === "adapter").map(({ message }) =>
        `  ${several ? `${server} ` : ""}${printable(message)}\n`
      )
    ),
  );
  if (warnings.size > 0) parts.push(`\n${red("Adapters that are not served as they are:")}\n${[...warnings].join("")}`);
  const failing = storeLines(stores, several);
  if (failing.length > 0) parts.push(`\n${red("Stores that fail:")}\n${failing.join("")}`);
  return parts.join("");
}

/** Columns of equal width; what stands in them is made harmless. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  return cells.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}\n`).join("");
}

/** What is acknowledged, or what is wrong with that. */
function state(subscription: SubscriptionJson | undefined): string {
  if (subscription === undefined) return "-";
  if (subscription.rejected !== null) return "rejected";
  if (subscription.pending) return "pending";
  return subscription.acknowledged ?? "none sent";
}

/** Types that somebody subscribes to: those of the table in its order, then the others. */
function typeColumns(clients: readonly ClientJson[]): readonly string[] {
  const present = new Set(clients.flatMap(({ subscriptions }) => subscriptions.map(({ type }) => type)));
  const known = RESOURCE_TYPES.map(({ url }) => url);
  return [...known.filter((url) => present.has(url)), ...[...present].filter((url) => !known.includes(url)).sort()];
}

function typeTitle(url: string): string {
  return (typeByUrl(url)?.plural ?? url.split(".").at(-1) ?? url).toUpperCase();
}

function name({ node, address }: ClientJson): string {
  return node?.id || address;
}

function byNode(one: ClientJson, other: ClientJson): number {
  return name(one) < name(other) ? -1 : name(one) > name(other) ? 1 : 0;
}

function place({ file, line, column }: GroupJson["issues"][number]): string {
  return file === null ? "" : `${file}:${line}:${column}: `;
}
