/**
 * Reads what was named and checks it.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import type { Issue } from "../../lib/model/issue.ts";
import { DEFAULT_LIMITS } from "../../lib/source/listing.ts";
import { readOnce } from "../../lib/source/once.ts";
import { checksOf } from "../../lib/validate/checks.ts";
import { checkConfiguration, type CheckedSource } from "../../lib/validate/configuration.ts";
import { parseEnvoyVersion } from "../../lib/validate/newer.ts";
import { containmentOf, isAdapterWord } from "../adapter_flags.ts";
import { loadApiWith } from "../api.ts";
import type { Context } from "../command.ts";
import { CommandError, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";

/** What was found. */
export interface Report {
  readonly issues: readonly Issue[];
  /** How many files were read. */
  readonly files: number;
  /** How many resources they hold that can be read. */
  readonly resources: number;
  /** The text of a file that has issues; of every file when a real Envoy is asked. */
  text(file: string): string | undefined;
  /** What was read, by source. */
  readonly sources: readonly CheckedSource[];
  readonly api: Api;
  /** What a real Envoy was asked, for people. */
  readonly asked?: string;
}

/** How stdin is called in issues. */
const STDIN = "<stdin>";

/**
 * Reads and checks all sources that were named.
 *
 * @throws {CommandError} `unreadable`: a source is not there; `usage`
 */
export async function readSources(
  parsed: Parsed,
  context: Pick<Context, "stdin" | "stderr" | "env">,
): Promise<Report> {
  const { stdin } = context;
  const api = await loadApiWith(parsed.all("descriptors"));
  const checks = checksOf(api, { envoy: releaseOf(parsed) });
  const texts = new Map<string, string>();
  const read = (text: string, file: string) => {
    const content = readFile(api, text, file, file, checks);
    if (content.issues.length > 0 || parsed.one("envoy") !== undefined) texts.set(file, text);
    return content;
  };
  const sources: CheckedSource[] = [];
  const issues: Issue[] = [];
  /** An adapter is one file, however many groups it generates. */
  let adapters = 0;
  for (const path of parsed.words) {
    if (path === "-") {
      sources.push([{ file: STDIN, content: read(await readAll(stdin), STDIN) }]);
      continue;
    }
    const adapter = isAdapterWord(path) ? await (await import("../adapters.ts")).adapterOf(path) : undefined;
    if (adapter !== undefined) {
      const { runAdapter } = await import("../sources/adapter.ts");
      const generated = await runAdapter(adapter, api, checks, containmentOf(parsed), context);
      for (const issue of generated.issues) issues.push(issue);
      sources.push(generated.files);
      adapters += 1 - generated.files.length;
      continue;
    }
    const source = await readOnce(path, { read });
    if (source.failure !== undefined) throw new CommandError("unreadable", `Cannot read "${path}": ${source.failure}`);
    for (const issue of source.issues) issues.push(issue);
    sources.push(
      source.files.flatMap(({ file, group, content }) => content === undefined ? [] : [{ file, group, content }]),
    );
  }
  for (const issue of checkConfiguration(sources)) issues.push(issue);
  const files = sources.flat();
  return {
    issues,
    files: files.length + adapters,
    resources: files.reduce((sum, { content }) => sum + content.resources.length, 0),
    text: (file) => texts.get(file),
    sources,
    api,
  };
}

function releaseOf(parsed: Parsed): string | undefined {
  const text = parsed.one("envoy-version");
  if (text === undefined) return undefined;
  const version = parseEnvoyVersion(text);
  if (version.kind === "release") return version.release;
  throw usageError(`Cannot take ${parsed.from("envoy-version")} "${text}": ${version.why}`);
}

async function readAll(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    size += chunk.length;
    if (size > DEFAULT_LIMITS.bytes) {
      throw new CommandError("unreadable", `Cannot read stdin: more than ${DEFAULT_LIMITS.bytes} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CommandError("invalid", "Cannot read stdin: not UTF-8 text");
  }
}
