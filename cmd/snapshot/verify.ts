/**
 * `xcp snapshot verify`: whether a store holds what was written.
 *
 * @module
 */
import { type Defect, type Verified, verify } from "../../lib/store/snapshot/verify.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf, toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { wholeStore, withStore } from "../store.ts";
import { bytesText, counted } from "./words.ts";

export async function verifyStore(parsed: Parsed, [word]: readonly string[], context: Context): Promise<number> {
  const url = wholeStore(word, "verify STORE");
  const progress = startProgress("Reading chunks", context);
  const found = await withStore(url, (blobs) => verify(blobs, { onProgress: progress.report })).finally(progress.clear);
  const { stdout } = context;
  if (formOf(parsed, ["table", "json"]) === "json") stdout.write(toJsonText(found));
  else stdout.write(found.defects.map(line).join("") + summary(found));
  return found.defects.length > 0 ? EXIT.invalid : EXIT.ok;
}

/** Snapshots that a line names. */
const MOST_NAMED = 8;

function line({ key, why, snapshots, pointers }: Defect): string {
  const named = snapshots.slice(0, MOST_NAMED).join(", ");
  const more = snapshots.length > MOST_NAMED ? `, … ${snapshots.length} in all` : "";
  const needed = snapshots.length === 0 ? "" : `; lost with it: snapshot ${named}${more}`;
  const live = pointers.length === 0 ? "" : ` (${pointers.join(", ")})`;
  return `${key}: ${printable(why)}${needed}${live}\n`;
}

function summary({ defects, snapshots, chunks, bytes, unneeded }: Verified): string {
  const read = `${counted(snapshots, "snapshot")}, ${counted(chunks, "chunk")}, ${bytesText(bytes)}`;
  const state = defects.length === 0 ? "all is as it was written" : counted(defects.length, "defect");
  const dead = unneeded.snapshots.length === 0
    ? ""
    : `Never finished: snapshot ${unneeded.snapshots.join(", ")}; prune removes what is older than a day\n`;
  const spare = unneeded.chunks === 0
    ? ""
    : `Not needed: ${counted(unneeded.chunks, "chunk")}, ${bytesText(unneeded.bytes)}\n`;
  return `${read}: ${state}\n${dead}${spare}`;
}
