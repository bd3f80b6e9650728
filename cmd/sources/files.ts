/**
 * A directory or a file as a source: read and checked as `xcp validate` does.
 *
 * @module
 */
import { readFile } from "../../lib/model/codec/read.ts";
import { hasErrors } from "../../lib/model/issue.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { readOnce } from "../../lib/source/once.ts";
import { checksOf } from "../../lib/validate/checks.ts";
import { checkConfiguration, type CheckedFile, gather, groupsOf } from "../../lib/validate/configuration.ts";
import { CommandError } from "../exit.ts";
import type { SourceContent, SourceOptions } from "../sources.ts";
import { refused } from "./refused.ts";

export async function readFiles(path: string, { api, context }: SourceOptions): Promise<SourceContent> {
  const checks = checksOf(api, { envoy: undefined });
  const source = await readOnce(path, { read: (text, file) => readFile(api, text, file, path, checks) });
  if (source.failure !== undefined) throw new CommandError("unreadable", `Cannot read "${path}": ${source.failure}`);
  const files: CheckedFile[] = source.files.flatMap(({ file, group, content }) =>
    content === undefined ? [] : [{ file, group, content }]
  );
  const issues = [...source.issues, ...checkConfiguration([files])];
  if (hasErrors(issues)) throw refused(path, issues, context);
  const groups = new Map<string, readonly Resource[]>();
  for (const group of [...new Set([...groupsOf([files]), ...source.groups])].sort()) {
    groups.set(group, gather([files], group).resources);
  }
  return {
    content: { groups, rules: source.rules, leftOut: [] },
    kind: "files",
    from: path,
    redacted: [],
    rulesKnown: true,
  };
}
