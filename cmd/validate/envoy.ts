/**
 * `--envoy`: what a real Envoy says beside what xcp says.
 *
 * @module
 */
import process from "node:process";
import { checkWithEnvoy, type Subject } from "../../lib/envoy/check.ts";
import { Envoy, findEnvoy, isProgram, NoEnvoy } from "../../lib/envoy/process.ts";
import { gather, groupsOf, inOrder } from "../../lib/validate/configuration.ts";
import { OWN_RULES } from "../../lib/validate/catalogue/envoy.ts";
import type { Context } from "../command.ts";
import { CommandError } from "../exit.ts";
import type { Report } from "./run.ts";

/**
 * Reads and checks with `read`, and asks the Envoy at `path`, or the one that is found if it is empty.
 *
 * @throws {CommandError} `unavailable`: there is no Envoy; `unreadable`: it is not where it was said to be
 */
export async function asked(path: string, read: () => Promise<Report>, { env, now }: Context): Promise<Report> {
  const ending = new AbortController();
  let signal: "SIGINT" | "SIGTERM" | undefined;
  const end = (name: "SIGINT" | "SIGTERM") => {
    signal = name;
    ending.abort();
  };
  const onInt = () => end("SIGINT");
  const onTerm = () => end("SIGTERM");
  process.once("SIGINT", onInt).once("SIGTERM", onTerm);
  try {
    await using envoy = await open(path === "" ? await find(env["PATH"] ?? "") : path, ending.signal);
    const report = await read();
    const { issues, left } = await checkWithEnvoy({
      api: report.api,
      envoy,
      subjects: subjectsOf(report),
      issues: report.issues,
      own: OWN_RULES,
      text: report.text,
      now,
    });
    const files = report.sources.flat();
    const what = left === 0 ? "" : `; ${left} resource${left === 1 ? " is" : "s are"} only for running clients`;
    return {
      ...report,
      issues: inOrder(files, [...report.issues, ...issues]),
      asked: `asked Envoy ${envoy.version} (${envoy.path})${what}`,
    };
  } catch (error) {
    // The files of Envoy are gone by now.
    if (signal !== undefined) process.exit(128 + (signal === "SIGINT" ? 2 : 15));
    throw error;
  } finally {
    process.off("SIGINT", onInt).off("SIGTERM", onTerm);
  }
}

async function find(searchPath: string): Promise<string> {
  const found = await findEnvoy(searchPath);
  if (found !== undefined) return found;
  const hint = "Name the binary: --envoy=PATH";
  throw new CommandError("unavailable", `Cannot ask Envoy: there is no program "envoy" on the PATH`, { hint });
}

async function open(path: string, signal: AbortSignal): Promise<Envoy> {
  if (!await isProgram(path)) {
    throw new CommandError("unreadable", `Cannot ask Envoy "${path}": there is no program of this name`);
  }
  try {
    return await Envoy.open(path, { signal });
  } catch (error) {
    if (!(error instanceof NoEnvoy)) throw error;
    throw new CommandError("unavailable", `Cannot ask Envoy "${path}": ${error.message}`, { cause: error });
  }
}

/** Each bootstrap by itself, then what each group gets beside them. */
function subjectsOf({ sources, text }: Report): Subject[] {
  const subjects: Subject[] = [];
  const started = new Set<unknown>();
  for (const { file, content: { bootstrap, resources, broken } } of sources.flat()) {
    const whole = text(file);
    if (bootstrap === undefined || whole === undefined) continue;
    for (const resource of resources) started.add(resource);
    const name = JSON.stringify(file);
    subjects.push({ name, resources, around: [], broken, bootstrap: { file, text: whole, rest: bootstrap } });
  }
  for (const group of groupsOf(sources)) {
    const { resources, broken } = gather(sources, group);
    const own = resources.filter((resource) => !started.has(resource));
    if (own.length === 0) continue;
    const around = resources.filter((resource) => started.has(resource));
    subjects.push({ name: `group ${JSON.stringify(group)}`, resources: own, around, broken });
  }
  return subjects;
}
