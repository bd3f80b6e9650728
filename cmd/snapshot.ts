/**
 * `xcp snapshot`: what is kept in a store, and what is done with it.
 *
 * @module
 */
import type { Command, Context } from "./command.ts";
import { usageError } from "./exit.ts";
import type { Parsed } from "./flags.ts";
import { outputFlag } from "./output.ts";
import { secretFlags } from "./secrets.ts";
import { SOURCE_FLAGS } from "./sources.ts";

/** One of the things that can be done: the flags that mean something to it, and the words behind its name. */
interface Action {
  readonly usage: string;
  readonly words: number;
  readonly flags: readonly string[];
  load(): Promise<(parsed: Parsed, words: readonly string[], context: Context) => Promise<number>>;
}

const READING = ["identity", "descriptors"];
const SOURCES = SOURCE_FLAGS.map(({ name }) => name);

const ACTIONS: Readonly<Record<string, Action>> = {
  push: {
    usage: "push SOURCE STORE",
    words: 2,
    flags: [...SOURCES, "label", "with-secrets", "without-secrets", "dry-run", "allow-empty", "output"],
    load: async () => (await import("./snapshot/push.ts")).pushSource,
  },
  pull: {
    usage: "pull STORE[@REF] DIR",
    words: 2,
    flags: [...READING, "as", "group", "node-id", "admin-port"],
    load: async () => (await import("./snapshot/pull.ts")).pullSnapshot,
  },
  log: {
    usage: "log STORE",
    words: 1,
    flags: ["output"],
    load: async () => (await import("./snapshot/log.ts")).printLog,
  },
  show: {
    usage: "show STORE[@REF]",
    words: 1,
    flags: ["output"],
    load: async () => (await import("./snapshot/show.ts")).showSnapshot,
  },
  verify: {
    usage: "verify STORE",
    words: 1,
    flags: ["output"],
    load: async () => (await import("./snapshot/verify.ts")).verifyStore,
  },
  rollback: {
    usage: "rollback STORE@REF",
    words: 1,
    flags: [],
    load: async () => (await import("./snapshot/rollback.ts")).rollBack,
  },
  prune: {
    usage: "prune STORE --keep N --older-than 30d",
    words: 1,
    flags: ["keep", "older-than", "dry-run", "output"],
    load: async () => (await import("./snapshot/prune.ts")).pruneStore,
  },
};

export const snapshot: Command = {
  name: "snapshot",
  summary: "keep configurations in a store: push, pull, log, show, verify, rollback, prune",
  usage: Object.values(ACTIONS).map(({ usage }) => usage).join("\n  xcp snapshot "),
  examples: [
    { does: "keep what a directory says, in a bucket", line: "xcp snapshot push ./config s3://bucket/edge" },
    { does: "what was pushed when, and which of it is live", line: "xcp snapshot log s3://bucket/edge" },
    { does: "go back to the one before", line: "xcp snapshot rollback s3://bucket/edge@41" },
    { does: "the files that xcp serves the same from", line: "xcp snapshot pull s3://bucket/edge ./config" },
    {
      does: "start an Envoy without any control plane",
      line: "xcp snapshot pull file:///srv/snapshots /etc/envoy/xds --as envoy && envoy -c /etc/envoy/xds/envoy.yaml",
    },
    {
      does: "keep 50 snapshots, and whatever is younger than 30 days",
      line: "xcp snapshot prune s3://bucket/edge --keep 50 --older-than 30d",
    },
  ],
  words: { most: 3 },
  parts: ACTIONS,
  flags: [
    {
      name: "label",
      value: "NAME",
      help: "push: a name for it (default: the commit, when SOURCE is a clean git tree)",
    },
    ...secretFlags("push"),
    { name: "allow-empty", help: "push: a source without any resource is meant" },
    { name: "as", value: "FORM", choices: ["xcp", "envoy", "json"], fallback: "xcp", help: "pull: what is written" },
    { name: "group", value: "NAME", help: "pull --as envoy: the group, when there are several" },
    { name: "node-id", value: "ID", help: "pull --as envoy: name of the Envoy (default: its group)" },
    { name: "admin-port", value: "PORT", help: "pull --as envoy: port of Envoy's own admin page, on 127.0.0.1" },
    { name: "keep", value: "N", help: "prune: so many of the newest stay" },
    { name: "older-than", value: "TIME", help: "prune: what is younger stays: 12h, 30d" },
    { name: "dry-run", help: "push, prune: say what would be done, and do nothing" },
    outputFlag("table", "json"),
    ...SOURCE_FLAGS,
  ],
  notes: [
    "SOURCE is a directory, a file, an adapter (./adapter.ts, exec:./program) that is run once, a running server " +
    "(http://host:18001), or a store. STORE is s3://bucket/prefix, with the environment and credentials " +
    "of AWS and ?endpoint=URL&region=R&path-style=true, or file:///path.",
    "REF is a number, a hash (six characters or more), a label, latest or accepted. Without one it is latest; for pull what " +
    "the clients of each group accepted last, and latest where none ever did.",
    "A push fails when there are secrets, until --with-secrets or --without-secrets says what becomes of them.",
    "pull replaces what an earlier pull wrote, all files at once, and refuses any other directory that is not empty.",
    "Exits 0 when it is done, 65 for what is not valid or damaged, 66 when a source, store or snapshot is not there, 69 when a " +
    "store or server cannot be reached, 75 when somebody else pushed at the same time: nothing has changed, try again.",
  ],
  async run(parsed, context) {
    const [name = "", ...words] = parsed.words;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) {
      const state = name === "" ? "it needs to know what to do" : `there is no "${name}"`;
      throw usageError(`Cannot run "xcp snapshot": ${state}`, {
        ...(name === "" ? {} : { unknown: { given: name, known: Object.keys(ACTIONS) } }),
        hint: `There are ${Object.keys(ACTIONS).join(", ")}; "xcp help snapshot" has examples`,
      });
    }
    const surplus = words[action.words];
    if (surplus !== undefined) throw usageError(`Cannot take "${surplus}": xcp snapshot ${action.usage}`);
    for (const { name: flag } of snapshot.flags) {
      if (!action.flags.includes(flag) && parsed.from(flag) === `--${flag}` && parsed.all(flag).length > 0) {
        throw usageError(`Cannot take --${flag}: it means nothing to "xcp snapshot ${name}"`);
      }
    }
    return await (await action.load())(parsed, words, context);
  },
};
