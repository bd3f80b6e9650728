/**
 * Which connections the filter chains of a listener match: no two the same.
 *
 * Source: `FilterChainManagerImpl::addFilterChains` in `filter_chain_manager_impl.cc` of Envoy.
 *
 * @module
 */
import { parseFloatText } from "../../../model/codec/floats.ts";
import type { MessageView, Place } from "../../../model/codec/view.ts";
import { cidrKey } from "../address.ts";
import { checkRanges } from "./ranges.ts";
import { type Element, elements, textsAt } from "./lists.ts";

/** Combinations of one listener that are compared. Envoy itself makes a table of all of them. */
const MAX_COMBINATIONS = 100_000;

const UNIMPLEMENTED = ["address_suffix", "suffix_len"];
const RANGES = ["prefix_ranges", "source_prefix_ranges", "direct_source_prefix_ranges"];

/** Checks the chains of a listener; the default one is for what none of them matches, and its own match is not read. */
export function checkFilterChains(listener: MessageView): void {
  const chains = elements(listener, "filter_chains");
  for (const { view } of chains) if (view !== undefined) checkUnimplemented(view);
  if (listener.has("filter_chain_matcher")) checkNames(listener, chains);
  else checkMatches(listener, chains);
}

function checkUnimplemented(chain: MessageView): void {
  const match = chain.message("filter_chain_match");
  for (const field of UNIMPLEMENTED) {
    if (!match?.has(field) || field === "address_suffix" && match.string(field) === undefined) continue;
    match.reject("unsupported", `Envoy does not match by ${field}`, field);
  }
}

/** With a matcher, the chains are found by name. */
function checkNames(listener: MessageView, chains: readonly Element[]): void {
  const names = new Set<string>();
  for (const { view, at } of chains) {
    const name = view?.string("name");
    if (name === undefined) {
      const message = "name is missing: with filter_chain_matcher, a filter chain is found by its name";
      listener.reject("missing-field", message, at);
    } else if (names.has(name.value)) {
      listener.reject("duplicate-name", `Filter chain ${JSON.stringify(name.value)} is there twice`, name);
    } else {
      names.add(name.value);
    }
  }
}

function checkMatches(listener: MessageView, chains: readonly Element[]): void {
  const table = new Map<string, number>();
  chains.forEach(({ view, at }, i) => {
    const match = view?.message("filter_chain_match");
    if (match !== undefined && !checkMatch(match)) return;
    const same = find(table, match === undefined ? [""] : combinations(match), i);
    if (same === undefined) return;
    const name = nameOf(view, i);
    const message = same.chain === i
      ? `Filter chain ${name} matches ${same.what} twice`
      : `Filter chain ${name} matches the same as filter chain ${
        nameOf(chains[same.chain]?.view, same.chain)
      }: ${same.what}`;
    if (match === undefined) listener.reject("duplicate-filter-chain", message, at);
    else match.reject("duplicate-filter-chain", message, same.chain === i ? repeated(match) : undefined);
  });
}

/** The name of a chain; of one without, its place. */
function nameOf(chain: MessageView | undefined, index: number): string {
  const name = chain?.string("name")?.value;
  return name === undefined ? String(index + 1) : JSON.stringify(name);
}

/** Where a list of a match says the same a second time. */
function repeated(match: MessageView): Place | undefined {
  const lists: (readonly { readonly key: string; readonly at: Place }[])[] = RANGES.map((field) => {
    const keys = cidrs(match, field);
    return match.messages(field).map((range, i) => ({
      key: keys[i] ?? "",
      at: { offset: range.offset(), path: range.path() },
    }));
  });
  for (const [field, normal] of [["server_names", serverName], ["application_protocols", String]] as const) {
    lists.push(match.strings(field).map((name) => ({ key: normal(name.value), at: name })));
  }
  for (const list of lists) {
    const seen = new Set<string>();
    for (const { key, at } of list) {
      if (seen.has(key)) return at;
      seen.add(key);
    }
  }
  return undefined;
}

/** Whether the match can be compared with others. */
function checkMatch(match: MessageView): boolean {
  let fine = true;
  for (const field of RANGES) fine = checkRanges(match, field) && fine;
  for (const name of match.strings("server_names")) {
    if (!name.value.includes("*") || name.value.startsWith("*.")) continue;
    fine = false;
    match.reject(
      "bad-server-name",
      `Cannot match server name ${JSON.stringify(name.value)}: a wildcard is "*." and a whole domain`,
      name,
    );
  }
  return fine;
}

/** The first combination that is in the table already; the table takes all that are not. */
function find(
  table: Map<string, number>,
  keys: Iterable<string>,
  chain: number,
): { readonly chain: number; readonly what: string } | undefined {
  let same: { readonly chain: number; readonly what: string } | undefined;
  for (const key of keys) {
    if (table.size >= MAX_COMBINATIONS) return same;
    const earlier = table.get(key);
    if (earlier === undefined) table.set(key, chain);
    else same ??= { chain: earlier, what: key === "" ? "every connection" : key };
  }
  return same;
}

/**
 * A match is a list for each property, and matches every combination of them. A combination is told by the properties
 * that it asks for: nothing, or an empty name, is any.
 */
function* combinations(match: MessageView): Generator<string> {
  const source = ["", "source_type SAME_IP_OR_LOOPBACK", "source_type EXTERNAL"][match.enum("source_type")] ?? "";
  const port = match.number("destination_port") ?? 0;
  yield* product([
    [port === 0 ? "" : `destination_port ${port}`],
    cidrs(match, "prefix_ranges"),
    names(match, "server_names", serverName),
    names(match, "transport_protocol"),
    names(match, "application_protocols"),
    cidrs(match, "direct_source_prefix_ranges"),
    [source],
    cidrs(match, "source_prefix_ranges"),
    textsAt(match, "source_ports").map(({ text }) => `source_port ${parseFloatText(text) ?? text}`),
  ]);
}

function* product(lists: readonly (readonly string[])[], from = 0, chosen: readonly string[] = []): Generator<string> {
  const list = lists[from];
  if (list === undefined) yield chosen.join(", ");
  else if (list.length === 0) yield* product(lists, from + 1, chosen);
  else for (const each of list) yield* product(lists, from + 1, each === "" ? chosen : [...chosen, each]);
}

/** `*.a.test` is kept as `.a.test`, and names are compared without regard to case. */
function serverName(name: string): string {
  return (name.startsWith("*.") ? name.slice(1) : name).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The values of a field, each with its name; an empty one is any. */
function names(match: MessageView, field: string, normal = (name: string) => name): string[] {
  const singular = field.replace(/s$/, "");
  return textsAt(match, field).map(({ text }) => text === "" ? "" : `${singular} ${JSON.stringify(normal(text))}`);
}

function cidrs(match: MessageView, field: string): string[] {
  return match.messages(field).map((range) => {
    const key = cidrKey(range.string("address_prefix")?.value ?? "", range.number("prefix_len") ?? 0);
    return `${field.replace(/s$/, "")} ${key}`;
  });
}
