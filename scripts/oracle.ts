/**
 * `deno task oracle`: how well `xcp validate` foretells what a real Envoy says. It is measured on a folder of labelled
 * configurations, if there is one, and always on the project's own examples, on every extension of the API in its
 * smallest form, and on mutants of them with one defect each, which Envoy labels on the spot.
 *
 *     deno task oracle [--corpus DIR] [--seed N] [--count N] [--binary PATH] [--bases DIR] [--grow]
 *         [--save FILE] [-v]
 *
 * `--grow` sets every field of every extension that Envoy lets it, which takes minutes; `--save` appends all labelled
 * configurations to a file, one JSON object on a line.
 *
 * It fails when a configuration is refused that Envoy accepts, or when 5 % of what Envoy rejects are not noticed.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadApi } from "../lib/model/api.ts";
import { envoyPath } from "../test/tools/envoy.ts";
import { Envoy } from "./oracle/ask.ts";
import { type Base, readBase } from "./oracle/base.ts";
import { COUNTED, readCorpus } from "./oracle/corpus.ts";
import { extensionBases } from "./oracle/extensions.ts";
import { grow } from "./oracle/grow.ts";
import { chosenChanges, label, type Labelled, labelMutant, type Tools } from "./oracle/label.ts";
import { Minimal } from "./oracle/minimal.ts";
import { random } from "./oracle/random.ts";
import { RuleReader } from "./oracle/rules.ts";
import { byBinary, inProcess, type Subject } from "./oracle/subject.ts";
import { Tally } from "./oracle/tally.ts";
import { exists, script } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Where the labelled configurations are, if nobody says so: beside the project. */
const CORPUS = join(ROOT, "../shared/corpus");
const MOST_MISSED = 0.05;
const AT_ONCE = 4;

async function measureCorpus(subject: Subject, folder: string, verbose: boolean): Promise<Tally> {
  const tally = new Tally();
  const quirks = new Tally();
  for (const { group, files, ...rest } of await readCorpus(folder)) {
    if (group !== "quirk" && !COUNTED.has(group)) continue;
    (group === "quirk" ? quirks : tally).add({ ...rest, said: await subject(files) });
  }
  console.log([`corpus ${folder}`, ...tally.report(verbose)].join("\n"));
  console.log(tally.summary());
  if (quirks.results.length > 0) {
    console.log(
      ["odd spellings, which are not counted:", ...quirks.report(verbose)].map((line) => `  ${line}`).join("\n"),
    );
  }
  return tally;
}

/** Every YAML file below a folder that is a configuration. */
async function readBases(folder: string): Promise<Base[]> {
  const bases: Base[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) bases.push(...await readBases(path));
    else if (/\.(ya?ml|json)$/.test(name)) {
      const base = readBase(path, await Deno.readTextFile(path));
      if (base !== undefined) bases.push(base);
    }
  }
  return bases.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function inParallel<T, R>(all: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const line = async () => {
    for (let i = next++; i < all.length; i = next++) {
      const item = all[i];
      if (item !== undefined) results[i] = await each(item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return results;
}

/** Of each extension the first bootstrap that Envoy accepts. */
async function validExtensions(tools: Tools): Promise<Base[]> {
  const found = await inParallel(extensionBases(tools.api, tools.minimal), async (bases) => {
    for (const base of bases) if ((await label(tools, base))?.expect === "ok") return base;
    return undefined;
  });
  return found.filter((base) => base !== undefined);
}

/** The messages of an extension: those of its package, and what such packages share. */
function belongsTo({ name }: Base): (typeName: string) => boolean {
  const own = name.slice(0, name.lastIndexOf(".") + 1);
  return (typeName) => typeName.startsWith(own);
}

async function measureMutants(tools: Tools, subject: Subject, options: Options): Promise<Tally> {
  const tally = new Tally();
  const take = async (labelled: Labelled | undefined) => {
    if (labelled === undefined) return;
    const said = await subject([{ name: "f.yaml", content: labelled.text }]);
    tally.add({ ...labelled, said, name: `${basename(labelled.name)} ${labelled.detail}`.trim() });
    if (options.save !== undefined) {
      await Deno.writeTextFile(options.save, `${JSON.stringify({ ...labelled, said })}\n`, { append: true });
    }
  };
  const read = (await Promise.all(options.bases.map(readBases))).flat();
  const labelled = await inParallel(read, async (base) => ({ base, labelled: await label(tools, base) }));
  for (const { labelled: each } of labelled) await take(each);
  const good = labelled.filter((each) => each.labelled?.expect === "ok").map(({ base }) => base);
  const extensions = await validExtensions(tools);
  await inParallel(extensions, async (base) => await take(await label(tools, base)));
  const grown = options.grow ? await inParallel(extensions, (base) => grow(tools, base, belongsTo(base))) : [];
  const chosen = chosenChanges(tools, [...good, ...extensions, ...grown], random(options.seed));
  console.log(
    `${good.length} files and ${extensions.length} extensions that Envoy accepts; ` +
      `${Math.min(options.count, chosen.length)} of ${chosen.length} mutants, seed ${options.seed}`,
  );
  await inParallel(
    chosen.slice(0, options.count),
    async ({ base, change }) => await take(await labelMutant(tools, base, change)),
  );
  console.log(tally.report(options.verbose).join("\n"));
  return tally;
}

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly bases: readonly string[];
  readonly grow: boolean;
  readonly save: string | undefined;
  readonly verbose: boolean;
}

function isWorse(tally: Tally): boolean {
  return tally.falseRejections.length > 0 || tally.missedShare >= MOST_MISSED;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      corpus: { type: "string" },
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "1500" },
      binary: { type: "string" },
      bases: { type: "string", multiple: true },
      grow: { type: "boolean", default: false },
      save: { type: "string" },
      verbose: { type: "boolean", short: "v", default: false },
    },
  });
  const folder = await Deno.makeTempDir({ prefix: "xcp-oracle-" });
  try {
    const api = loadApi();
    const rules = new RuleReader(api);
    const minimal = new Minimal(api, rules);
    const envoy = new Envoy(await envoyPath(), folder, AT_ONCE);
    const subject = values.binary === undefined ? inProcess(api) : byBinary(values.binary, folder);
    const { verbose, save } = values;
    const tallies: Tally[] = [];
    const corpus = values.corpus ?? Deno.env.get("XCP_CORPUS") ?? (await exists(CORPUS) ? CORPUS : undefined);
    if (corpus !== undefined) tallies.push(await measureCorpus(subject, corpus, verbose));
    const options = {
      seed: Number(values.seed),
      count: Number(values.count),
      bases: values.bases ?? [join(ROOT, "examples")],
      grow: values.grow,
      save,
      verbose,
    };
    tallies.push(await measureMutants({ api, rules, minimal, envoy }, subject, options));
    const all = new Tally();
    for (const { results } of tallies) results.forEach((result) => all.add(result));
    console.log(all.summary());
    return tallies.some(isWorse) ? 1 : 0;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await script(() => main(Deno.args));
