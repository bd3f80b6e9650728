/**
 * `xcp types`: what the editor of an author of adapters needs.
 *
 * @module
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { reason, systemCode } from "../lib/system_error.ts";
import type { AuthorFile } from "../lib/types/files.ts";
import type { Command } from "./command.ts";
import { CommandError, EXIT, usageError } from "./exit.ts";
import { printable } from "./printable.ts";

export const types: Command = {
  name: "types",
  summary: "write the TypeScript types and an example for adapter authors",
  usage: "DIR [--descriptors FILE]",
  examples: [
    { does: "start an adapter", line: "xcp types my-adapter && xcp serve my-adapter/adapter.ts" },
    { does: "take the types of a newer xcp", line: "xcp types my-adapter" },
  ],
  flags: [
    {
      name: "descriptors",
      value: "FILE",
      repeat: true,
      env: true,
      help: "descriptor set of types that Envoy's API lacks: they are written too",
    },
  ],
  words: { most: 1 },
  notes: [
    "Writes adapter.ts, an example that runs; services.json, which it reads; tsconfig.json, for the editor; and xcp.d.ts, " +
    "with every type of Envoy in its JSON form. Nothing is fetched and nothing has to be installed.",
    "Only xcp.d.ts is replaced when it is there. What else is there is yours and stays as it is.",
  ],
  async run(parsed, { stdout }) {
    const [directory] = parsed.words;
    if (directory === undefined || directory === "") {
      throw usageError(`Cannot run "xcp types DIR": no directory was named`);
    }
    const [{ loadApiWith }, { authorFiles }] = await Promise.all([
      import("./api.ts"),
      import("../lib/types/files.ts"),
    ]);
    const files = authorFiles(await loadApiWith(parsed.all("descriptors")));
    await at(directory, () => mkdir(directory, { recursive: true }));
    let isExample = true;
    for (const file of files) {
      if (file.owner === "example" && !isExample) continue;
      const path = join(directory, file.name);
      const isWritten = await at(path, () => write(path, file));
      if (file.name === "adapter.ts") isExample = isWritten;
      stdout.write(isWritten ? `Wrote ${shown(path)}: ${file.what}\n` : `Kept ${shown(path)}: it was there already\n`);
    }
    const adapter = shown(join(directory, "adapter.ts"));
    stdout.write(`Next: xcp validate ${adapter}, then xcp serve ${adapter}\n`);
    return EXIT.ok;
  },
};

/** Whether the file was written: what belongs to the author is not touched. */
async function write(path: string, { owner, text }: AuthorFile): Promise<boolean> {
  if (owner !== "xcp") {
    try {
      await writeFile(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      if (systemCode(error) === "EEXIST") return false;
      throw error;
    }
  }
  // An editor reads the file while it is written.
  const made = `${path}.${process.pid}`;
  try {
    await writeFile(made, text);
    await rename(made, path);
  } catch (error) {
    await rm(made, { force: true });
    throw error;
  }
  return true;
}

async function at<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const why = systemCode(error) === "EEXIST" ? "not a directory" : reason(error);
    throw new CommandError("unwritable", `Cannot write ${JSON.stringify(printable(path))}: ${why}`, { cause: error });
  }
}

/** A path as a shell reads it. */
function shown(path: string): string {
  const text = printable(path);
  return /^[\w./@:+~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
