/**
 * `xcp snapshot push`: from a source to a store.
 *
 * @module
 */
import { typeByUrl } from "../../lib/model/types.ts";
import type { Content, Secrets } from "../../lib/store/snapshot/content.ts";
import type { LeftOut } from "../../lib/store/snapshot/format.ts";
import { type Cost, push, type Pushed } from "../../lib/store/snapshot/push.ts";
import { isReserved } from "../../lib/store/snapshot/refs.ts";
import { SecretFinder } from "../../lib/store/snapshot/secrets.ts";
import type { Context } from "../command.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { formOf, toJsonText } from "../output.ts";
import { printable } from "../printable.ts";
import { startProgress } from "../progress.ts";
import { readSource, type SourceContent, sourceOptions } from "../sources.ts";
import { secretsOf } from "../secrets.ts";
import { wholeStore, withStore } from "../store.ts";
import { commitOf, provenanceOf } from "./provenance.ts";
import { bytesText, counted } from "./words.ts";

const USAGE = "push SOURCE STORE";
/** Secrets that a message names. */
const MOST_NAMED = 5;

export async function pushSource(parsed: Parsed, words: readonly string[], context: Context): Promise<number> {
  const [word] = words;
  if (word === undefined) throw usageError(`Cannot run "xcp snapshot ${USAGE}": no source was named`);
  const url = wholeStore(words[1], USAGE);
  const [secrets, given] = [await secretsOf(parsed), labelOf(parsed)];
  const options = await sourceOptions(parsed, context);
  const source = await readSource(word, options);
  const content = contentOf(source, secrets, parsed);
  for (const notice of noticesOf(source)) context.stderr.write(`xcp: ${notice}\n`);
  const label = given ?? (source.kind === "files" ? await commitOf(word) : undefined);
  const dryRun = parsed.on("dry-run");
  const progress = startProgress("Writing chunks", context);
  const pushed = await withStore(url, (blobs) =>
    push(blobs, content, {
      secrets,
      finder: new SecretFinder(options.api),
      provenance: provenanceOf(source.from),
      ...(label === undefined ? {} : { label }),
      dryRun,
      now: context.now,
      onProgress: progress.report,
    }), { forWriting: !dryRun, create: !dryRun }).finally(progress.clear);
  return told(pushed, url, parsed, context);
}

function told(pushed: Pushed, url: string, parsed: Parsed, { stdout, stderr }: Context): number {
  const json = formOf(parsed, ["table", "json"]) === "json";
  const store = url.replace(/\?.*$/s, "");
  switch (pushed.kind) {
    case "pushed": {
      const { manifest, hash, cost, manifestBytes, parentDamage } = pushed;
      const { number, label, leftOut } = manifest;
      if (parentDamage !== undefined) {
        stderr.write(`xcp: Cannot read snapshot ${manifest.parent?.number}, the newest so far: ${parentDamage}\n`);
      }
      for (const line of leftOutLines(leftOut)) stderr.write(`xcp: ${line}\n`);
      if (json) {
        const wrote = { chunks: cost.chunks, bytes: cost.bytes + manifestBytes, reused: cost.reused };
        stdout.write(toJsonText({ outcome: "pushed", number, hash, label, resources: cost.resources, wrote }));
      } else {
        const name = label === null ? "" : ` (${printable(label)})`;
        stdout.write(`Pushed snapshot ${number} ${hash.slice(0, 12)}${name} to ${store}: ${costText(cost)}\n`);
      }
      return EXIT.ok;
    }
    case "unchanged": {
      const { number, hash } = pushed.latest;
      const label = parsed.one("label");
      if (label !== undefined) stderr.write(`xcp: Label "${printable(label)}" is not kept: there is no new snapshot\n`);
      if (json) stdout.write(toJsonText({ outcome: "unchanged", number, hash }));
      else stdout.write(`Nothing to push: snapshot ${number} ${hash.slice(0, 12)} of ${store} is the same\n`);
      return EXIT.ok;
    }
    case "dry-run":
      if (json) stdout.write(toJsonText({ outcome: "dry-run", would: pushed.cost }));
      else stdout.write(`Would push to ${store}: ${costText(pushed.cost)}\n`);
      return EXIT.ok;
    case "conflict": {
      const first = pushed.latest === undefined ? "" : `; the newest is ${pushed.latest.number} now`;
      throw new CommandError("conflict", `Cannot push to "${store}": somebody else pushed at the same time${first}`, {
        hint: "Nothing has changed: look at what they pushed, and try again",
      });
    }
    case "refused":
      throw refusedError(pushed.secrets, store);
  }
}

function costText({ chunks, bytes, reused, resources }: Cost): string {
  const all = counted(chunks + reused, "chunk");
  return `${counted(resources, "resource")}, ${chunks} of ${all} written, ${bytesText(bytes)}`;
}

function refusedError(secrets: readonly LeftOut[], store: string): CommandError {
  const held = counted(secrets.length, "resource holds a secret", "resources hold secrets");
  return new CommandError("invalid", `Cannot push to "${store}": ${held}: ${namesText(secrets)}`, {
    hint: "Say what becomes of them: --with-secrets RECIPIENTS encrypts them, --without-secrets leaves them out",
  });
}

function namesText(secrets: readonly LeftOut[]): string {
  const named = secrets.slice(0, MOST_NAMED).map(({ group, type, name }) =>
    `${typeByUrl(type)?.short ?? type} ${JSON.stringify(printable(name))} of group ${JSON.stringify(group)}`
  );
  return `${named.join(", ")}${secrets.length > named.length ? ", …" : ""}`;
}

function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  return leftOut.length === 0 ? [] : [
    `${counted(leftOut.length, "resource")} left out: ${namesText(leftOut)}. Who pulls it has to have them otherwise`,
  ];
}

function noticesOf({ rulesKnown }: SourceContent): string[] {
  return rulesKnown ? [] : ["This server does not tell its rules: nodes belong to the group of their cluster"];
}

/** What is stored of a source; refuses what is less than was meant. */
function contentOf({ content, redacted, from }: SourceContent, { mode }: Secrets, parsed: Parsed): Content {
  const resources = [...content.groups.values()].reduce((sum, group) => sum + group.length, 0);
  if (resources === 0 && !parsed.on("allow-empty")) {
    throw new CommandError("invalid", `Cannot push "${from}": it holds no resource`, {
      hint: "Whoever serves the snapshot would take everything from its clients; --allow-empty says that this is meant",
    });
  }
  if (redacted.length === 0) return content;
  if (mode !== "without") {
    const held = counted(redacted.length, "resource");
    throw new CommandError(
      "invalid",
      `Cannot push "${from}": it does not tell all of ${held}: ${namesText(redacted)}`,
      {
        hint: "A server tells no secrets: push its files, or leave these out with --without-secrets",
      },
    );
  }
  const hidden = new Set(redacted.map(({ group, type, name }) => JSON.stringify([group, type, name])));
  const groups = [...content.groups].map(([group, list]) =>
    [group, list.filter(({ type, name }) => !hidden.has(JSON.stringify([group, type, name])))] as const
  );
  return { ...content, groups: new Map(groups), leftOut: [...content.leftOut, ...redacted] };
}

function labelOf(parsed: Parsed): string | undefined {
  const label = parsed.one("label");
  if (label === undefined || !isReserved(label)) return label;
  throw usageError(`Cannot take --label "${printable(label)}": it could not be told from another kind of reference`);
}
