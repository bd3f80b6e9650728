/**
 * `xcp snapshot prune`: removes what is old.
 *
 * @module
 */
import { prune, type Pruned } from "../../lib/store/snapshot/prune.ts";
import type { Context } from "../command.ts";
import { EXIT, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf, toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { wholeStore, withStore } from "../store.ts";
import { durationOf } from "../values.ts";
import { bytesText, counted } from "./words.ts";

export async function pruneStore(parsed: Parsed, [word]: readonly string[], context: Context): Promise<number> {
  const url = wholeStore(word, "prune STORE");
  const keep = keepOf(parsed);
  const older = parsed.one("older-than") === undefined ? undefined : durationOf(parsed, "older-than", 0);
  if (keep === undefined && older === undefined) {
    throw usageError(`Cannot prune: neither --keep nor --older-than says what stays`);
  }
  const dryRun = parsed.on("dry-run");
  const progress = startProgress("Removing chunks", context);
  const pruned = await withStore(url, (blobs) =>
    prune(blobs, {
      ...(keep === undefined ? {} : { keep }),
      ...(older === undefined ? {} : { olderThanMs: older }),
      dryRun,
      now: context.now,
      onProgress: progress.report,
    }), { forWriting: !dryRun }).finally(progress.clear);
  const { stdout, stderr } = context;
  if (pruned.chunksStay !== undefined) {
    stderr.write(`xcp: No chunk is removed, because what is needed is not known: ${printable(pruned.chunksStay)}\n`);
  }
  if (formOf(parsed, ["table", "json"]) === "json") {
    const { chunksStay, ...plain } = pruned;
    stdout.write(toJsonText({ ...plain, dryRun, ...(chunksStay === undefined ? {} : { chunksStay }) }));
  } else stdout.write(toText(pruned, dryRun));
  return EXIT.ok;
}

function keepOf(parsed: Parsed): number | undefined {
  const text = parsed.one("keep");
  if (text === undefined) return undefined;
  const keep = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (keep > 0) return keep;
  throw usageError(`Cannot take ${parsed.from("keep")} "${text}": it is a number of snapshots, 1 or more`);
}

function toText({ snapshots, unfinished, chunks, bytes, kept }: Pruned, dryRun: boolean): string {
  if (snapshots.length + chunks === 0) return `Nothing to remove: ${counted(kept, "snapshot")}\n`;
  const which = snapshots.length === 0 ? "" : ` (${ranges(snapshots)})`;
  const dead = unfinished.length === 0 ? "" : `, ${unfinished.length} of them never finished`;
  const what = `${counted(snapshots.length, "snapshot")}${which}${dead} and ${counted(chunks, "chunk")}`;
  return `${dryRun ? "Would remove" : "Removed"} ${what}, ${bytesText(bytes)}; ${kept} stay\n`;
}

/** `9, 5-7, 1` of numbers that fall. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last[0] === number + 1) last[0] = number;
    else found.push([number, number]);
  }
  return found.map(([low, high]) => low === high ? String(low) : `${low}-${high}`).join(", ");
}
