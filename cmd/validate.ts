/**
 * `xcp validate`: what Envoy would reject, before Envoy sees it.
 *
 * @module
 */
import { accessSync, constants, statSync } from "node:fs";
import { ADAPTER_FLAGS } from "./adapter_flags.ts";
import { type Command, wantsColor } from "./command.ts";
import { EXIT, usageError } from "./exit.ts";
import { formOf, outputFlag, toJsonText } from "./output.ts";

export const validate: Command = {
  name: "validate",
  summary: "check configuration offline: what Envoy would reject, with file, line and column",
  usage: "SOURCE... [FLAGS]",
  examples: [
    { does: "a directory, as `xcp serve` would read it", line: "xcp validate ./config" },
    { does: "what an adapter generates", line: "xcp validate ./adapter.ts" },
    { does: "what another program writes", line: "./generate.sh | xcp validate -" },
    { does: "a bootstrap, with the verdict of the Envoy on the PATH beside", line: "xcp validate --envoy envoy.yaml" },
    { does: "the same with an Envoy of your choice", line: "xcp validate --envoy=/opt/envoy/bin/envoy ./config" },
    {
      does: "in CI: warnings count, and the forge shows them",
      line: "xcp validate --strict -o sarif ./config > xcp.sarif",
    },
  ],
  words: { most: Infinity },
  flags: [
    outputFlag("text", "json", "sarif"),
    { name: "strict", help: "warnings count as errors" },
    {
      name: "envoy",
      value: "PATH",
      optional: isProgram,
      help: "also ask a real Envoy, that of the PATH or the one named here, and merge its verdict",
    },
    { name: "quiet", short: "q", help: "errors only (with --strict also warnings), and no summary" },
    {
      name: "envoy-version",
      value: "VERSION",
      env: true,
      help: "warn of what an Envoy of this release does not know yet: 1.38",
    },
    {
      name: "descriptors",
      value: "FILE",
      repeat: true,
      env: true,
      help: "descriptor set of types that Envoy's API lacks",
    },
    ...ADAPTER_FLAGS,
  ],
  notes: [
    "SOURCE is a directory, a file, an adapter (./adapter.ts, exec:./program), or - for stdin. An adapter is " +
    "run once. Of several, what later ones say wins, as in `xcp serve`.",
    "An error is what Envoy rejects, a warning what it accepts and that will not do what it says, info the rest. Every " +
    "rule has its section in docs/rules.md.",
    "--envoy PATH is understood too where PATH is a program; any other word behind --envoy is a SOURCE. Bootstraps are given " +
    "to Envoy as they are, resources in a bootstrap that is made of them; files that they name and this machine lacks are " +
    "no defect.",
    "Exits 0 when there is no error, 65 when there is one, 66 when a source or the Envoy that was named " +
    "cannot be read, 69 when there is no Envoy.",
  ],
  async run(parsed, context) {
    if (parsed.words.length === 0) {
      throw usageError("Cannot validate: no source was named", { hint: "Name a directory or a file, or - for stdin" });
    }
    const { readSources } = await import("./validate/run.ts");
    const path = parsed.one("envoy");
    const read = () => readSources(parsed, context);
    const report = path === undefined
      ? await read()
      : await (await import("./validate/envoy.ts")).asked(path, read, context);
    const strict = parsed.on("strict");
    const counts = (severity: string) => report.issues.filter((issue) => issue.severity === severity).length;
    const failed = counts("error") + (strict ? counts("warning") : 0) > 0;
    const quiet = parsed.on("quiet");
    const shown = report.issues.filter(({ severity }) =>
      !quiet || severity === "error" || strict && severity === "warning"
    );
    const form = formOf(parsed, ["text", "json", "sarif"]);
    if (form === "json") {
      const { toJsonIssue } = await import("./validate/json.ts");
      const { files, resources } = report;
      context.stdout.write(toJsonText({ issues: shown.map(toJsonIssue), files, resources }));
    } else if (form === "sarif") {
      const { toSarif } = await import("./validate/sarif.ts");
      context.stdout.write(toJsonText(toSarif(shown)));
    } else {
      const { toText, summary } = await import("./validate/text.ts");
      const { isTerminal } = context.stdout;
      const color = wantsColor(context.stdout, context.env);
      context.stdout.write(toText(shown, { color, frame: isTerminal ? report.text : undefined }));
      if (!quiet) context.stderr.write(summary(report));
    }
    return failed ? EXIT.invalid : EXIT.ok;
  },
};

/** A file that can be executed and is no configuration: on some file systems every file can be. */
function isProgram(word: string): boolean {
  if (/\.(ya?ml|json)$/i.test(word)) return false;
  try {
    accessSync(word, constants.X_OK);
    return statSync(word).isFile();
  } catch {
    return false;
  }
}
