/**
 * The validator that is measured: in this process, or a binary.
 *
 * @module
 */
import { join } from "node:path";
import type { Api } from "../../lib/model/api.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import { checksOf } from "../../lib/validate/checks.ts";
import { checkConfiguration } from "../../lib/validate/configuration.ts";

export interface File {
  readonly name: string;
  readonly content: string;
}

/** An issue of severity error. */
export interface Said {
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly rule: string;
  readonly message: string;
}

/** What the validator says of files that are one configuration: nothing for one that it accepts. */
export type Subject = (files: readonly File[]) => Promise<readonly Said[]>;

/** The validator of this working tree. */
export function inProcess(api: Api): Subject {
  const checks = checksOf(api, {});
  return (files) => {
    const sources = files.map((
      { name, content },
    ) => [{ file: name, content: readFile(api, content, name, name, checks) }]);
    const issues = checkConfiguration(sources).filter(({ severity }) => severity === "error");
    return Promise.resolve(
      issues.map(({ at, rule, message }) => ({ line: at?.line, column: at?.column, rule, message })),
    );
  };
}

/** A binary that is called as `BINARY validate -o json FILE...`, once for each configuration. */
export function byBinary(binary: string, folder: string): Subject {
  let count = 0;
  return async (files) => {
    const own = join(folder, `s${count++}`);
    await Deno.mkdir(own);
    try {
      const paths: string[] = [];
      for (const { name, content } of files) {
        const path = join(own, `${paths.length}-${name.replace(/^.*\//, "")}`);
        await Deno.writeTextFile(path, content);
        paths.push(path);
      }
      const child = new Deno.Command(binary, { args: ["validate", "-o", "json", ...paths], stdin: "null" });
      const { code, stdout, stderr } = await child.output();
      if (code === 0) return [];
      if (code !== 65) throw new Error(`"${binary}" ended with ${code}: ${new TextDecoder().decode(stderr)}`);
      return said(JSON.parse(new TextDecoder().decode(stdout)));
    } finally {
      await Deno.remove(own, { recursive: true });
    }
  };
}

function said(report: unknown): Said[] {
  const issues: unknown = typeof report === "object" && report !== null && "issues" in report ? report.issues : [];
  if (!Array.isArray(issues)) return [];
  return issues.filter((issue) => issue?.severity === "error").map((issue) => ({
    line: typeof issue.line === "number" ? issue.line : undefined,
    column: typeof issue.column === "number" ? issue.column : undefined,
    rule: String(issue.rule),
    message: String(issue.message),
  }));
}
