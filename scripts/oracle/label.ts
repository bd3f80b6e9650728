/**
 * Mutants with Envoy's verdict.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import type { Envoy } from "./ask.ts";
import { type Base, changesOf, printRoot } from "./base.ts";
import { bootstrapOf } from "./bootstrap.ts";
import type { Minimal } from "./minimal.ts";
import type { Change } from "./mutant.ts";
import { print } from "./print.ts";
import { type Random, shuffled } from "./random.ts";
import type { RuleReader } from "./rules.ts";
import { list, type Value } from "./value.ts";

/** A configuration with the verdict on it. */
export interface Labelled {
  readonly name: string;
  readonly text: string;
  readonly form: string;
  readonly expect: "ok" | "bad";
  readonly kind: string;
  readonly field: string;
  readonly detail: string;
  readonly lines: readonly number[];
  readonly words: string;
}

/** A file that is not on this machine is no defect; code, certificates and devices are not this tool's either. */
const NO_DEFECT =
  /does not exist$|unable to (?:open|read|stat)|No such file|[Ii]nvalid path|dynamic module|No such device|Maxmind|Permission denied|getaddrinfo|Is a directory|filesystem watch|perfetto|from path:|certificate chain not set|file \S+ is empty/;

export interface Tools {
  readonly api: Api;
  readonly rules: RuleReader;
  readonly minimal: Minimal;
  readonly envoy: Envoy;
}

/** The base itself; undefined where Envoy has no verdict. */
export async function label({ envoy }: Tools, base: Base): Promise<Labelled | undefined> {
  return await verdict(envoy, base, base.root, undefined);
}

/** One mutant; undefined where it changes nothing, or Envoy has no verdict. */
export async function labelMutant({ envoy }: Tools, base: Base, change: Change): Promise<Labelled | undefined> {
  const root = change.apply(base.root);
  if (printRoot(root).text === printRoot(base.root).text) return undefined;
  return await verdict(envoy, base, root, change);
}

async function verdict(
  envoy: Envoy,
  base: Base,
  root: Value,
  change: Change | undefined,
): Promise<Labelled | undefined> {
  const printed = printRoot(root);
  const bootstrap = bootstrapOf(base.form, root);
  if (bootstrap === undefined) return undefined;
  const answer = bootstrap === "bad"
    ? { says: "bad" as const, words: "a resource has no type" }
    : await envoy.ask(base.form === "bootstrap" ? printRoot(list([bootstrap])).text : print(bootstrap).text);
  if (answer.says === "none") return undefined;
  const words = answer.says === "bad" ? answer.words : "";
  if (NO_DEFECT.test(words) && !words.includes("INVALID_ARGUMENT")) return undefined;
  const places = (change?.at ?? []).flatMap((path) => printed.place(path) ?? []);
  return {
    name: base.name,
    text: printed.text,
    form: base.form,
    expect: answer.says,
    kind: change?.kind ?? "none",
    field: change?.field ?? "",
    detail: change?.detail ?? "",
    lines: [...new Set(places.flatMap(({ line, first }) => [line, first]))],
    words,
  };
}

/** How often one kind of defect of one field is tried over all bases. */
const OFTEN = 1;

/** Changes of many bases in an order by chance, in which no kind of defect of a field comes too often. */
export function chosenChanges(
  { api, rules, minimal }: Tools,
  bases: readonly Base[],
  random: Random,
): { readonly base: Base; readonly change: Change }[] {
  const seen = new Map<string, number>();
  const chosen: { readonly base: Base; readonly change: Change }[] = [];
  for (const base of shuffled(bases, random)) {
    for (const change of shuffled(changesOf(api, rules, minimal, base), random)) {
      const key = `${change.kind} ${change.field} ${change.detail}`;
      const count = seen.get(key) ?? 0;
      if (count >= OFTEN) continue;
      seen.set(key, count + 1);
      chosen.push({ base, change });
    }
  }
  return shuffled(chosen, random);
}
