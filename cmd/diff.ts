/**
 * `xcp diff`: what would change.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { wantsColor } from "./command.ts";
import { CommandError, usageError } from "./exit.ts";
import { formOf, outputFlag, toJsonText } from "./output.ts";
import { SOURCE_FLAGS } from "./sources.ts";

/** As `diff` has it. */
const CODES = { same: 0, different: 1, trouble: 2 } as const;

export const diff: Command = {
  name: "diff",
  summary: "what would change from one configuration to another: files, snapshots, running servers",
  usage: "SOURCE SOURCE [FLAGS]",
  examples: [
    { does: "what serving this directory would change", line: "xcp diff http://127.0.0.1:18001 ./config" },
    { does: "what a snapshot changed, with its YAML", line: "xcp diff --full s3://bucket/edge@41 s3://bucket/edge@42" },
    { does: "in a script", line: "xcp diff -o json file:///srv/snapshots@accepted ./config" },
  ],
  words: { most: 2 },
  flags: [
    outputFlag("table", "json"),
    { name: "full", help: "also how the YAML of each resource changes" },
    { name: "group", value: "NAME", repeat: true, help: "only this group" },
    ...SOURCE_FLAGS,
  ],
  notes: [
    "SOURCE is a directory, a file, an adapter (./adapter.ts, exec:./program) that is run once, a running server " +
    "(http://host:18001), or a store (s3://…, file:///…) with an optional @REF. Contents are compared: order, comments and " +
    "the way of writing make no difference. Secrets are compared and not shown.",
    "Exits 0 when the two are the same, 1 when they differ, 2 when one of them cannot be read.",
  ],
  async run(parsed, context) {
    const [from, to] = parsed.words;
    if (from === undefined || to === undefined) {
      throw usageError("Cannot compare: two sources are needed", { hint: `"xcp help diff" has examples` });
    }
    try {
      const { compareSources } = await import("./diff/run.ts");
      const { tableOf } = await import("./diff/table.ts");
      const { jsonOf } = await import("./diff/json.ts");
      const compared = await compareSources(from, to, parsed, context);
      const { comparison, api } = compared;
      const full = parsed.on("full");
      const color = wantsColor(context.stdout, context.env);
      if (formOf(parsed, ["table", "json"]) === "json") context.stdout.write(toJsonText(jsonOf(compared, full)));
      else context.stdout.write(tableOf(comparison, { color, full: full ? api : undefined }));
      const different = comparison.groups.length > 0 || comparison.rules !== undefined;
      return different ? CODES.different : CODES.same;
    } catch (error) {
      if (!(error instanceof CommandError) || error.failure === "usage") throw error;
      // Nobody shall take what cannot be read for what does not differ, or for what does.
      context.stderr.write(`xcp: ${error.message}\n${error.hint === undefined ? "" : `${error.hint}\n`}`);
      return CODES.trouble;
    }
  },
};
