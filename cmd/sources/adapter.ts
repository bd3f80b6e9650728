/**
 * An adapter as a source: run once, and what it generates is checked as files are.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { generateOnce } from "../../lib/adapter/once.ts";
import type { Heard } from "../../lib/adapter/protocol.ts";
import { SILENT } from "../../lib/log.ts";
import type { Api } from "../../lib/model/api.ts";
import { type FileContent, readFile } from "../../lib/model/codec/read.ts";
import type { Checks } from "../../lib/model/codec/resources.ts";
import { hasErrors, type Issue } from "../../lib/model/issue.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { reason } from "../../lib/system_error.ts";
import { checksOf } from "../../lib/validate/checks.ts";
import { checkConfiguration, type CheckedFile, gather, groupsOf } from "../../lib/validate/configuration.ts";
import type { Containment } from "../adapter_flags.ts";
import { type NamedAdapter, PROGRAM_HINT, starter } from "../adapters.ts";
import type { Context } from "../command.ts";
import { CommandError } from "../exit.ts";
import { printable } from "../printable.ts";
import type { SourceContent, SourceOptions } from "../sources.ts";
import { refused } from "./refused.ts";

/** What an adapter generates: a file for each of its groups, all by the name of the adapter. */
export interface Generated {
  readonly files: readonly CheckedFile[];
  /** What is wrong beside what is wrong in the files. */
  readonly issues: readonly Issue[];
}

/**
 * Runs an adapter once.
 *
 * @throws {CommandError} `unreadable`: it cannot be run
 */
export async function runAdapter(
  adapter: NamedAdapter,
  api: Api,
  checks: Checks,
  containment: Containment,
  { env, stderr }: Pick<Context, "env" | "stderr">,
): Promise<Generated> {
  const { name, entry } = adapter;
  if (entry !== undefined) {
    try {
      await stat(entry);
    } catch (error) {
      throw new CommandError("unreadable", `Cannot read "${name}": ${reason(error)}`, { cause: error });
    }
  }
  const log: Heard["log"] = (level, message) => {
    if (level !== "debug") stderr.write(`${name}: ${printable(message)}\n`);
  };
  const { groups, issues, failure } = await generateOnce<FileContent>({
    name,
    start: starter(adapter, containment, { env, log: SILENT }),
    read: (text, file) => readFile(api, text, file, name, checks),
    timeoutMs: containment.timeoutMs,
    log,
  });
  if (failure !== undefined) {
    const hint = failure.startsWith("it cannot be run") ? { hint: PROGRAM_HINT } : {};
    throw new CommandError("unreadable", `Cannot run "${name}": ${printable(failure)}`, hint);
  }
  return { files: [...groups].map(([group, content]) => ({ file: name, group, content })), issues };
}

export async function readAdapter(adapter: NamedAdapter, options: SourceOptions): Promise<SourceContent> {
  const { api, adapters, context } = options;
  const { name } = adapter;
  const { files, issues: own } = await runAdapter(adapter, api, checksOf(api), adapters, context);
  const issues = [...own, ...checkConfiguration([files])];
  if (hasErrors(issues)) throw refused(name, issues, context);
  const groups = new Map<string, readonly Resource[]>();
  for (const group of groupsOf([files])) groups.set(group, gather([files], group).resources);
  return {
    content: { groups, rules: [], leftOut: [] },
    kind: "adapter",
    from: name,
    redacted: [],
    rulesKnown: true,
  };
}
