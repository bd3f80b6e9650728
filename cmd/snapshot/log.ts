/**
 * `xcp snapshot log`: what was pushed when.
 *
 * @module
 */
import { history, type HistoryEntry } from "../../lib/store/snapshot/history.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf, toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { wholeStore, withStore } from "../store.ts";
import { bytesText, columns } from "./words.ts";

export async function printLog(parsed: Parsed, [word]: readonly string[], context: Context): Promise<number> {
  const url = wholeStore(word, "log STORE");
  const progress = startProgress("Reading snapshots", context);
  const entries = await withStore(url, (blobs) => history(blobs, { onProgress: progress.report }))
    .finally(progress.clear);
  const { stdout, stderr } = context;
  if (formOf(parsed, ["table", "json"]) === "json") stdout.write(toJsonText(entries));
  else if (entries.length === 0) stderr.write(`xcp: There is no snapshot yet in "${url.replace(/\?.*$/s, "")}"\n`);
  else stdout.write(columns([HEAD, ...entries.map(row)]));
  return EXIT.ok;
}

const HEAD = ["NUMBER", "HASH", "TIME", "LABEL", "GROUPS", "RESOURCES", "SIZE", ""];

function row(entry: HistoryEntry): (string | number)[] {
  const { number, hash, time, label, groups, resources, bytes } = entry;
  return [
    number,
    hash?.slice(0, 12) ?? "-",
    time?.replace(/\.\d+Z$/, "Z") ?? "-",
    printable(label ?? "-"),
    groups ?? "-",
    resources ?? "-",
    bytes === null ? "-" : bytesText(bytes),
    remarks(entry).join(", "),
  ];
}

function remarks({ pointers, rollbackOf, unfinished, damaged }: HistoryEntry): string[] {
  return [
    ...pointers,
    ...(rollbackOf === undefined ? [] : [`rollback to ${rollbackOf}`]),
    ...(unfinished ? ["never finished"] : []),
    ...(damaged === undefined ? [] : [`damaged: ${printable(damaged)}`]),
  ];
}
