/**
 * A folder of labelled configurations: `expected.json` and the files that it names.
 *
 * @module
 */
import { join } from "node:path";
import type { File } from "./subject.ts";

export interface Case {
  readonly name: string;
  readonly group: string;
  readonly expect: "ok" | "bad";
  readonly kind: string;
  readonly field: string;
  readonly lines: readonly number[];
  readonly words: string;
  readonly files: readonly File[];
}

/** Groups that are counted; `soft` has no right answer, and `quirk` is told apart. */
export const COUNTED: ReadonlySet<string> = new Set(["good", "bad", "natural_bad", "multi"]);

/** Reads all cases with their files. */
export async function readCorpus(folder: string): Promise<Case[]> {
  const expected: unknown = JSON.parse(await Deno.readTextFile(join(folder, "expected.json")));
  const all: unknown = typeof expected === "object" && expected !== null && "cases" in expected ? expected.cases : [];
  if (!Array.isArray(all)) throw new Error(`Cannot read "${folder}": expected.json has no cases`);
  return await Promise.all(all.map((each) => readCase(folder, each)));
}

async function readCase(folder: string, from: Readonly<Record<string, unknown>>): Promise<Case> {
  const file = String(from["file"]);
  const paths = Array.isArray(from["files"]) ? from["files"].map(String) : [file];
  return {
    name: file,
    group: String(from["group"]),
    expect: from["expect"] === "ok" ? "ok" : "bad",
    kind: String(from["kind"] ?? ""),
    field: String(from["field"] ?? ""),
    lines: Array.isArray(from["lines"]) ? from["lines"].map(Number) : [],
    words: String(from["envoy"] ?? ""),
    files: await Promise.all(
      paths.map(async (name) => ({ name, content: await Deno.readTextFile(join(folder, name)) })),
    ),
  };
}
