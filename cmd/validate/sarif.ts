/**
 * Issues as SARIF 2.1.0, the form in which forges and editors take what a linter finds.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 * @module
 */
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Issue } from "../../lib/model/issue.ts";
import { CATALOGUE } from "../../lib/validate/catalogue.ts";
import { versionInfo } from "../version.ts";

const LEVELS = { error: "error", warning: "warning", info: "note" } as const;

/** One run with its rules: those that were broken. */
export function toSarif(issues: readonly Issue[]) {
  const names = [...new Set(issues.map(({ rule }) => rule))].sort();
  const index = new Map(names.map((name, i) => [name, i]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "xcp", semanticVersion: versionInfo().version, rules: names.map(toRule) } },
      columnKind: "utf16CodeUnits",
      results: issues.map((issue) => ({
        ruleId: issue.rule,
        ruleIndex: index.get(issue.rule),
        level: LEVELS[issue.severity],
        message: { text: issue.message },
        locations: locations(issue),
      })),
    }],
  };
}

function toRule(name: string) {
  const rule = CATALOGUE.get(name);
  return {
    id: name,
    ...(rule === undefined ? {} : {
      shortDescription: { text: rule.title },
      fullDescription: { text: rule.text },
      defaultConfiguration: { level: LEVELS[rule.severity] },
    }),
  };
}

function locations({ at, path }: Issue) {
  const logical = path === "" ? {} : { logicalLocations: [{ fullyQualifiedName: path }] };
  if (at === undefined) return path === "" ? [] : [logical];
  const { file, line, column } = at;
  const uri = isAbsolute(file) ? pathToFileURL(file).href : encodeURI(file.replace(/^\.\//, ""));
  return [{
    physicalLocation: { artifactLocation: { uri }, region: { startLine: line, startColumn: column } },
    ...logical,
  }];
}
