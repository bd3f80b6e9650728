/**
 * `xcp snapshot show`: one snapshot, what is in it and where it came from.
 *
 * @module
 */
import { typeByUrl } from "../../lib/model/types.ts";
import type { Manifest } from "../../lib/store/snapshot/format.ts";
import { chunksOf, pointersTo } from "../../lib/store/snapshot/history.ts";
import { onlyOne, resolveRef } from "../../lib/store/snapshot/refs.ts";
import { manifestOf } from "../../lib/store/snapshot/resolved.ts";
import { readPointers } from "../../lib/store/snapshot/survey.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf, toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { storeWord, withStore } from "../store.ts";
import { bytesText, columns, counted } from "./words.ts";

export async function showSnapshot(parsed: Parsed, [word]: readonly string[], context: Context): Promise<number> {
  const { url, ref } = storeWord(word, "show STORE[@REF]");
  const shown = await withStore(url, async (blobs) => {
    const id = onlyOne(blobs, await resolveRef(blobs, ref, "read"));
    const manifest = await manifestOf(blobs, id);
    return describe(manifest, id.hash, pointersTo(await readPointers(blobs), id.number));
  });
  context.stdout.write(formOf(parsed, ["table", "json"]) === "json" ? toJsonText(shown) : toText(shown));
  return EXIT.ok;
}

type Shown = ReturnType<typeof describe>;

/** Chunks are counted: their names say nothing to people. */
function describe(manifest: Manifest, hash: string, pointers: readonly string[]) {
  const { number, parent, time, label, provenance, rules, groups, leftOut, encryption } = manifest;
  const chunks = [...chunksOf(manifest).values()];
  return {
    number,
    hash,
    label,
    time,
    parent: parent?.number ?? null,
    pointers,
    provenance,
    groups: Object.entries(groups).map(([name, { revision, types }]) => ({
      name,
      revision,
      types: Object.entries(types).map(([type, { version, resources }]) => ({ type, version, resources })),
    })),
    rules,
    leftOut,
    recipients: encryption?.recipients ?? [],
    chunks: chunks.length,
    bytes: chunks.reduce((sum, { stored }) => sum + stored, 0),
  };
}

function toText(shown: Shown): string {
  const { who, from, xcp, envoyApi, rollbackOf } = shown.provenance;
  const facts: [string, string][] = [
    ["snapshot", `${shown.number} ${shown.hash}`],
    ...(shown.label === null ? [] : [["label", shown.label] as [string, string]]),
    ["time", shown.time],
    ["parent", shown.parent === null ? "none" : String(shown.parent)],
    ...(shown.pointers.length === 0 ? [] : [["pointers", shown.pointers.join(", ")] as [string, string]]),
    ...(rollbackOf === undefined ? [] : [["rollback to", String(rollbackOf)] as [string, string]]),
    ["pushed by", `${who}, xcp ${xcp}, Envoy API ${envoyApi}`],
    ["from", from],
    ["size", `${counted(shown.chunks, "chunk")}, ${bytesText(shown.bytes)}`],
    ["rules", String(shown.rules.length)],
    ...(shown.recipients.length === 0 ? [] : [["encrypted to", shown.recipients.join(", ")] as [string, string]]),
  ];
  const types = shown.groups.flatMap(({ name, types }) =>
    types.length === 0
      ? [[printable(name), "-", 0, "-"]]
      : types.map(({ type, version, resources }) => [printable(name), short(type), resources, version])
  );
  const missing = shown.leftOut.map(({ group, type, name }) => [printable(group), short(type), printable(name)]);
  return [
    columns(facts.map(([name, value]) => [name, printable(value)])),
    ...(types.length === 0 ? [] : [`\n${columns([["GROUP", "TYPE", "RESOURCES", "VERSION"], ...types])}`]),
    ...(missing.length === 0 ? [] : [`\nLeft out:\n${columns([["GROUP", "TYPE", "NAME"], ...missing])}`]),
  ].join("");
}

function short(type: string): string {
  return typeByUrl(type)?.plural ?? printable(type);
}
