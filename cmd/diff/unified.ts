/**
 * How the YAML of a resource changes.
 *
 * @module
 */
import { structuredPatch } from "diff";
import type { Api } from "../../lib/model/api.ts";
import { toFileJson } from "../../lib/model/codec/file_form.ts";
import { jsonToYaml } from "../../lib/model/codec/print_yaml.ts";
import type { Resource } from "../../lib/model/resource.ts";

/** Lines around a change. */
const CONTEXT = 3;
/** A difference that takes longer to find is told as a whole: one out, one in. */
const TIMEOUT_MS = 2_000;

/** The lines of a unified difference, with `@@` lines and without a head; secrets are not shown. */
export function unified(api: Api, from: Resource | undefined, to: Resource | undefined): string[] {
  const [before, after] = [yamlOf(api, from), yamlOf(api, to)];
  // What differs is not shown: a secret, or what a server does not tell.
  if (before === after) return ["  what differs is not shown"];
  if (from === undefined || to === undefined) {
    const [sign, text] = from === undefined ? ["+", after] : ["-", before];
    return linesOf(text).map((line) => `${sign}${line}`);
  }
  const patch = structuredPatch("", "", before, after, "", "", { context: CONTEXT, timeout: TIMEOUT_MS });
  if (patch === undefined) {
    return [...linesOf(before).map((line) => `-${line}`), ...linesOf(after).map((line) => `+${line}`)];
  }
  return patch.hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}

function yamlOf(api: Api, resource: Resource | undefined): string {
  return resource === undefined ? "" : jsonToYaml(toFileJson(api, resource));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, "").split("\n");
}
