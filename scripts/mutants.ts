/**
 * `deno task mutants`: breaks the protocol core in one place after another and looks whether a test notices. A mutant
 * that survives is a gap in the tests, or code that does nothing. The work happens in a temporary copy. Words after the command choose mutants by a part of their name.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { script } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What the core and its tests need. */
const COPIED = ["deno.json", "deno.lock", "lib/model", "lib/gen", "lib/xds", "test/conformance", "test/std"];
/** The tests beside the rooms and the tables first: they are fast. */
const RUNS: readonly (readonly string[])[] = [
  ["lib/xds", "test/conformance/tables_test.ts"],
  ["test/conformance/interleavings_test.ts"],
];
const INTERLEAVINGS = "6000";

/** One way to break the core: `from` stands in the file exactly once. */
export interface Mutant {
  readonly name: string;
  /** In `lib/xds`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export const MUTANTS: readonly Mutant[] = [
  // subscription.ts
  mutant("legacy wildcard for every type", "subscription.ts", "this.#unnamed && this.#legacyWildcard", "this.#unnamed"),
  mutant("legacy wildcard after a name", "subscription.ts", "if (request.names.length > 0) this.#unnamed = false;", ""),
  mutant(
    "an empty name is a name",
    "subscription.ts",
    'let wanted = new Set(request.names);\n    wanted.delete("");',
    "let wanted = new Set(request.names);",
  ),
  mutant(
    "known names are asked again in state-of-the-world",
    "subscription.ts",
    "const names = [...wanted].filter((name) => !this.names.has(name));",
    "const names = [...wanted];",
  ),
  mutant(
    "names are added, never replaced",
    "subscription.ts",
    "for (const name of dropped) this.names.delete(name);",
    "",
  ),
  mutant("a stale request replaces everything", "subscription.ts", "if (stale) {", "if (false) {"),
  mutant(
    "the wildcard is answered with every request",
    "subscription.ts",
    "const all = wildcard && !this.wildcard;",
    "const all = wildcard;",
  ),
  mutant(
    "delta: legacy wildcard on any request",
    "subscription.ts",
    "const legacy = first && this.#legacyWildcard",
    "const legacy = this.#legacyWildcard",
  ),
  mutant(
    "delta: no legacy wildcard",
    "subscription.ts",
    "const legacy = first && this.#legacyWildcard && request.subscribe.length === 0;",
    "const legacy = false;",
  ),
  mutant(
    "delta: the wildcard cannot be unsubscribed",
    "subscription.ts",
    "if (name === WILDCARD) this.wildcard = false;\n      else if",
    "if",
  ),
  mutant(
    "delta: unsubscribing under the wildcard is not answered",
    "subscription.ts",
    "const again = this.wildcard ?",
    "const again = false ?",
  ),
  mutant(
    "delta: nothing is fresh",
    "subscription.ts",
    "const fresh = followedAll ? [] : [...asked].filter((name) => !this.names.has(name));",
    "const fresh: string[] = [];",
  ),
  // receive.ts
  mutant("a missing type is accepted", "receive.ts", 'if (request.type === "") {', "if (false) {"),
  mutant("types without bound", "receive.ts", "stream.types.size >= stream.limits.types", "false"),
  mutant("names without bound", "receive.ts", "state.subscription.names.size > stream.limits.names", "false"),
  mutant(
    "one type less than allowed",
    "receive.ts",
    "stream.types.size >= stream.limits.types",
    "stream.types.size >= stream.limits.types - 1",
  ),
  mutant(
    "a stale nonce is current",
    "receive.ts",
    "const stale = state.nonce !== 0 && request.nonce !== String(state.nonce);",
    "const stale = false;",
  ),
  mutant(
    "a wildcard that is dropped is still owed",
    "receive.ts",
    "if (followedAll && !state.subscription.wildcard) narrow(state);",
    "",
  ),
  mutant(
    "a wildcard that is new knows what names knew",
    "receive.ts",
    "if (!followedAll && state.subscription.wildcard) widen(state);",
    "",
  ),
  mutant(
    "a response in flight counts for a wildcard that came later",
    "receive.ts",
    "if (flight !== undefined) flight.complete = false;",
    "",
  ),
  mutant(
    "a wildcard asked for again is not sent again",
    "receive.ts",
    "asked.all ? stream.snapshot",
    "false ? stream.snapshot",
  ),
  mutant(
    "names that are asked for are not owed",
    "receive.ts",
    "for (const name of asked.names) state.owed.add(name);",
    "",
  ),
  mutant("names that are given up are still owed", "receive.ts", "owed.delete(name);", ""),
  mutant("names that are given up are still held", "receive.ts", "holdings.forget(name);", ""),
  mutant(
    "a rejected rest is not tried again",
    "receive.ts",
    "if (holdings.doubtful.has(name)) state.refused = undefined;",
    "",
  ),
  mutant(
    "fresh names are held",
    "receive.ts",
    "for (const name of asked.fresh) state.holdings.exceptions.set(name, null);",
    "",
  ),
  mutant(
    "doubts of an earlier stream are forgotten",
    "receive.ts",
    "if (subscription.covers(name)) holdings.doubtful.add(name);",
    "",
  ),
  mutant(
    "an equal version skips named types",
    "receive.ts",
    "if (stream.snapshot !== undefined) holdings.base = stream.snapshot.set(type);\n    return asked;",
    "return { ...asked, names: [] };",
  ),
  mutant(
    "an equal version skips the endpoint wildcard",
    "receive.ts",
    "const legacy = state.fullState && request.names.length === 0;",
    "const legacy = request.names.length === 0 || !state.fullState;",
  ),
  mutant(
    "an equal version skips an explicit wildcard",
    "receive.ts",
    "const legacy = state.fullState && request.names.length === 0;",
    "const legacy = state.fullState;",
  ),
  mutant("an equal version does not skip", "receive.ts", "return { ...asked, all: false };", "return asked;"),
  mutant("a resumed client is not waited for", "receive.ts", "if (held.size > 0) state.resumedAt = now;", ""),
  mutant(
    "delta: held versions are believed whatever they are",
    "receive.ts",
    "if (subscription.covers(name) && holdings.version(name) !== version) {",
    "if (false) {",
  ),
  mutant(
    "delta: held names are answered again",
    "receive.ts",
    "const unknown = (name: string) => !held.has(name);",
    "const unknown = () => true;",
  ),
  mutant(
    "delta: what a wildcard client lacks is not seen",
    "receive.ts",
    "for (const { name } of holdings.base) if (!held.has(name)) holdings.exceptions.set(name, null);",
    "",
  ),
  mutant(
    "endpoints that are reported are not sent to a warming cluster",
    "receive.ts",
    "if (order.warms === state.type && flight !== undefined)",
    "if (false)",
  ),
  // verdict.ts
  mutant(
    "any nonce is a verdict",
    "verdict.ts",
    "if (flight === undefined || request.nonce !== String(flight.nonce)) return;",
    "if (flight === undefined) return;",
  ),
  mutant("a NACK is an ACK", "verdict.ts", "if (request.error !== undefined) {", "if (false) {"),
  mutant(
    "a NACK leaves no doubt",
    "verdict.ts",
    "if (request.error !== undefined) {\n    doubt(state, content);",
    "if (request.error !== undefined) {",
  ),
  mutant(
    "a NACK is sent again",
    "verdict.ts",
    "state.refused = holdings.doubtful.size > 0 ? content.current : undefined;",
    "",
  ),
  mutant(
    "a NACK without doubt refuses for ever",
    "verdict.ts",
    "holdings.doubtful.size > 0 ? content.current : undefined",
    "content.current",
  ),
  mutant("an ACK of a part is an ACK of all", "verdict.ts", "if (complete) {", "if (true) {"),
  mutant("an ACK of all is an ACK of a part", "verdict.ts", "if (complete) {", "if (false) {"),
  mutant("what is refused is refused for ever", "verdict.ts", "  state.refused = undefined;\n", ""),
  mutant("a type is silent for ever", "verdict.ts", "state.silentSince = undefined;", ""),
  mutant(
    "doubts are told to nobody",
    "verdict.ts",
    'effects.push({ kind: "doubt"',
    'if (false) effects.push({ kind: "doubt"',
  ),
  mutant("doubts are never taken back", "verdict.ts", "state.doubted = doubtful.size > 0;", "state.doubted = false;"),
  mutant(
    "what is in flight at the end is no doubt",
    "verdict.ts",
    "if (state.flight !== undefined) doubt(state, state.flight.content);",
    "",
  ),
  mutant(
    "removals that are rejected are no doubt",
    "verdict.ts",
    "for (const name of content.removed) if (subscription.covers(name)) holdings.doubtful.add(name);",
    "",
  ),
  mutant(
    "resources that are rejected are no doubt",
    "verdict.ts",
    "for (const { name } of content.changed) if (subscription.covers(name)) holdings.doubtful.add(name);",
    "",
  ),
  // holdings.ts
  mutant(
    "what lacks is forgotten with the next ACK",
    "holdings.ts",
    "for (const [name, version] of this.exceptions) if (version === null && target.has(name)) lacking.add(name);",
    "",
  ),
  mutant(
    "what is left over is forgotten",
    "holdings.ts",
    "for (const [name, version] of kept) this.exceptions.set(name, version);\n    this.doubtful",
    "this.doubtful",
  ),
  mutant("a clean ACK leaves doubts", "holdings.ts", "this.doubtful.clear();", ""),
  mutant(
    "an older base forgets what it lacks",
    "holdings.ts",
    "if ((target.get(name)?.version ?? null) === version) this.exceptions.delete(name);",
    "this.exceptions.delete(name);",
  ),
  // plan.ts
  mutant("rejected content is sent again", "plan.ts", "if (onlyAsked && !asked) return undefined;", ""),
  mutant(
    "questions after a NACK are not answered",
    "plan.ts",
    "if (onlyAsked && !asked) return undefined;",
    "if (onlyAsked) return undefined;",
  ),
  mutant(
    "questions after a NACK are answered with everything",
    "plan.ts",
    "onlyAsked: onlyAsked && !state.owedAll",
    "onlyAsked: false",
  ),
  mutant(
    "full state is sent in parts",
    "plan.ts",
    'if (mode === "sotw" && state.fullState) return',
    "if (false) return",
  ),
  mutant(
    "doubts do not make full state due",
    "plan.ts",
    "if (!asked && holdings.doubtful.size === 0 && changed.length",
    "if (!asked && changed.length",
  ),
  mutant(
    "full state has names that nobody asked for",
    "plan.ts",
    "const resources = picked ?? target;",
    "const resources = target;",
  ),
  mutant(
    "an empty wildcard is not answered",
    "plan.ts",
    "if (!state.owedAll && change.changed.length === 0 && removed.length === 0) return undefined;",
    "if (change.changed.length === 0 && removed.length === 0) return undefined;",
  ),
  mutant(
    "shared plans never remove",
    "plan.ts",
    'const removed = mode === "delta" ? change.removed : [];',
    "const removed: string[] = [];",
  ),
  mutant(
    "shared plans serve clients with exceptions",
    "plan.ts",
    "if (subscription.wildcard && holdings.exact && state.owed.size === 0) return",
    "if (subscription.wildcard && state.owed.size === 0) return",
  ),
  mutant(
    "shared plans ignore what is owed",
    "plan.ts",
    "if (subscription.wildcard && holdings.exact && state.owed.size === 0) return",
    "if (subscription.wildcard && holdings.exact) return",
  ),
  mutant(
    "named plans ignore exceptions",
    "plan.ts",
    "for (const name of holdings.exceptions.keys()) if (subscription.covers(name)) names.add(name);",
    "",
  ),
  mutant(
    "named plans ignore doubts",
    "plan.ts",
    "for (const name of holdings.doubtful) if (subscription.covers(name)) names.add(name);\n  }",
    "}",
  ),
  mutant(
    "what is owed and equal is not sent",
    "plan.ts",
    "if (must || resource.version !== held) changed.push(resource);",
    "if (resource.version !== held) changed.push(resource);",
  ),
  mutant(
    "absence is said only of what was held",
    "plan.ts",
    '} else if (mode === "delta" && (must || held !== undefined)) {',
    '} else if (mode === "delta" && held !== undefined) {',
  ),
  mutant(
    "removals do not wait",
    "plan.ts",
    "if (removals || owed.has(name)) removed.push(name);",
    "removed.push(name);",
  ),
  mutant(
    "questions wait with the removals",
    "plan.ts",
    "if (removals || owed.has(name)) removed.push(name);",
    "if (removals) removed.push(name);",
  ),
  mutant("what is withheld is not remembered", "plan.ts", "else leftover.push(name);", ""),
  mutant(
    "what waits for its removal is given away (names)",
    "plan.ts",
    "current.get(name) ?? (held === undefined ? undefined : target.get(name))",
    "target.get(name)",
  ),
  mutant(
    "what waits for its removal is given away (full state)",
    "plan.ts",
    "pick(target, subscription.names).filter(kept)",
    "pick(target, subscription.names)",
  ),
  mutant(
    "names that need no removal hold removals back",
    "plan.ts",
    "const lost = (name: string) => gone(name) && holdings.version(name) !== undefined;",
    "const lost = gone;",
  ),
  mutant("keys do not see removals", "plan.ts", '"", ...removed.map(write)', '""'),
  mutant("keys without lengths", "plan.ts", "`${name.length}:${name}`", "name"),
  // stream.ts
  mutant(
    "types are looked at once",
    "stream.ts",
    "while (wakeAt === MOVED) {",
    "for (let once = 0; once < 1; once++) {",
  ),
  mutant(
    "several responses in flight",
    "stream.ts",
    "if (flight?.overdue === false) return outdated(state, current) ? flight.since + orderTimeout : Infinity;",
    "",
  ),
  mutant(
    "nobody is woken for a silent client",
    "stream.ts",
    "return outdated(state, current) ? flight.since + orderTimeout : Infinity;",
    "return Infinity;",
  ),
  mutant(
    "removals go at once",
    "stream.ts",
    'removes(mode, state, current) ? lapses(stream, state, "removals", now) : -Infinity',
    "-Infinity",
  ),
  mutant(
    "nobody is woken for a removal",
    "stream.ts",
    "const wakeAt = withheld > now ? withheld : Infinity;",
    "const wakeAt = Infinity;",
  ),
  mutant("additions go at once", "stream.ts", "if (until > now) {", "if (false) {"),
  mutant("additions wait for ever", "stream.ts", "Math.min(until, state.waitingSince + orderTimeout)", "until"),
  mutant("waits begin anew", "stream.ts", "state.waitingSince ??= now;", "state.waitingSince = now;"),
  mutant(
    "silence begins anew with each response",
    "stream.ts",
    "state.silentSince ??= now;",
    "state.silentSince = now;",
  ),
  mutant("what was owed is owed again", "stream.ts", "  state.owedAll = false;\n  state.owed.clear();", ""),
  mutant("a nonce may come twice", "stream.ts", "}, state.nonce);", "}, 0);"),
  mutant(
    "endpoints are not sent with their clusters",
    "stream.ts",
    "if (warming !== undefined) owe(warming, content.changed);",
    "",
  ),
  mutant(
    "a rejected content that is gone still counts",
    "stream.ts",
    "    state.refused = undefined;\n    return true;",
    "    return false;",
  ),
  mutant(
    "the base never moves by itself",
    "stream.ts",
    "holdings.rebase(removals ? current : union(holdings.base, current));",
    "",
  ),
  mutant(
    "the base moves past withheld removals",
    "stream.ts",
    "holdings.rebase(removals ? current : union(holdings.base, current));",
    "holdings.rebase(current);",
  ),
  // waiting.ts
  mutant(
    "users that have not come back are not waited for",
    "waiting.ts",
    'if (what === "removals" && state.resumedAt !== undefined) until',
    "if (false) until",
  ),
  mutant(
    "a rejection holds nothing back",
    "waiting.ts",
    "} else if (other.refused !== undefined) {\n      until = Infinity;",
    "} else if (false) {",
  ),
  mutant(
    "silence holds nothing back",
    "waiting.ts",
    "} else if (other.silentSince !== undefined) {",
    "} else if (false) {",
  ),
  mutant(
    "silence holds back for ever",
    "waiting.ts",
    "until = Math.max(until, other.silentSince + orderTimeout);",
    "until = Infinity;",
  ),
  mutant(
    "what is due of others holds nothing back",
    "waiting.ts",
    'what === "removals") !== undefined',
    'what === "removals") === null',
  ),
  mutant(
    "removals of others do not hold removals back",
    "waiting.ts",
    'currentSet(stream, type), what === "removals")',
    "currentSet(stream, type), false)",
  ),
  mutant(
    "removals of others hold additions back",
    "waiting.ts",
    'currentSet(stream, type), what === "removals")',
    "currentSet(stream, type), true)",
  ),
  mutant(
    "endpoints that nobody follows are owed",
    "waiting.ts",
    "if (type === warming && subscription.covers(name)) owed.add(name);",
    "if (type === warming) owed.add(name);",
  ),
  mutant(
    "questions do not make a response outdated",
    "waiting.ts",
    "return state.owedAll || state.owed.size > 0 || !unchanged",
    "return !unchanged",
  ),
  mutant(
    "every response is outdated",
    "waiting.ts",
    "return state.owedAll || state.owed.size > 0 || !unchanged",
    "return true || !unchanged",
  ),
  mutant("a client that does not read keeps its stream", "waiting.ts", "if (!drained) {", "if (false) {"),
  mutant("a client that reads loses its stream", "waiting.ts", "if (!drained) {", "if (true) {"),
  mutant("what is given up is no doubt", "waiting.ts", "    doubt(state, flight.content);\n", ""),
  mutant("a late verdict is lost", "waiting.ts", "flight.overdue = true;", "state.flight = undefined;"),
  // order.ts
  mutant(
    "listeners before clusters",
    "order.ts",
    "{ type: LDS, after: [CDS], removedAfter: [] }",
    "{ type: LDS, after: [], removedAfter: [] }",
  ),
  mutant(
    "routes before clusters",
    "order.ts",
    "{ type: RDS, after: [CDS], removedAfter: [LDS, SRDS] }",
    "{ type: RDS, after: [], removedAfter: [LDS, SRDS] }",
  ),
  mutant(
    "scoped routes before clusters",
    "order.ts",
    "{ type: SRDS, after: [CDS], removedAfter: [LDS] }",
    "{ type: SRDS, after: [], removedAfter: [LDS] }",
  ),
  mutant(
    "clusters go before listeners follow",
    "order.ts",
    "removedAfter: [LDS, SRDS, RDS]",
    "removedAfter: [SRDS, RDS]",
  ),
  mutant(
    "clusters go before scoped routes follow",
    "order.ts",
    "removedAfter: [LDS, SRDS, RDS]",
    "removedAfter: [LDS, RDS]",
  ),
  mutant("clusters go before routes follow", "order.ts", "removedAfter: [LDS, SRDS, RDS]", "removedAfter: [LDS, SRDS]"),
  mutant(
    "endpoints go before their clusters",
    "order.ts",
    "{ type: EDS, after: [], removedAfter: [CDS] }",
    "{ type: EDS, after: [], removedAfter: [] }",
  ),
  mutant(
    "endpoints wait for the ACK of clusters",
    "order.ts",
    "{ type: EDS, after: [], removedAfter: [CDS] }",
    "{ type: EDS, after: [CDS], removedAfter: [CDS] }",
  ),
  mutant(
    "secrets wait for the ACK of clusters",
    "order.ts",
    "{ type: SDS, after: [], removedAfter: [CDS, LDS] }",
    "{ type: SDS, after: [CDS], removedAfter: [CDS, LDS] }",
  ),
  mutant("secrets go before clusters follow", "order.ts", "removedAfter: [CDS, LDS]", "removedAfter: [LDS]"),
  mutant("secrets go before listeners follow", "order.ts", "removedAfter: [CDS, LDS]", "removedAfter: [CDS]"),
  mutant(
    "scoped routes go before listeners follow",
    "order.ts",
    "{ type: SRDS, after: [CDS], removedAfter: [LDS] }",
    "{ type: SRDS, after: [CDS], removedAfter: [] }",
  ),
  mutant("routes go before listeners follow", "order.ts", "removedAfter: [LDS, SRDS] }", "removedAfter: [SRDS] }"),
  mutant("routes go before scoped routes follow", "order.ts", "removedAfter: [LDS, SRDS] }", "removedAfter: [LDS] }"),
  mutant(
    "types are sent in any order",
    "order.ts",
    "return (RANK.get(a) ?? ORDER.length) - (RANK.get(b) ?? ORDER.length);",
    "return (RANK.get(b) ?? ORDER.length) - (RANK.get(a) ?? ORDER.length);",
  ),
  mutant("nothing warms", "order.ts", ", warms: EDS }", " }"),
];

function mutant(name: string, file: string, from: string, to: string): Mutant {
  return { name, file, from, to };
}

/** Breaks a text in the mutant's place. Throws when the place is not there exactly once: the list is out of date. */
export function mutate(text: string, { name, from, to }: Mutant): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(
      `Cannot make the mutant "${name}": its text stands in the file ${
        more.length + (after === undefined ? 0 : 1)
      } times`,
    );
  }
  return before + to + after;
}

/** Whether some test fails. A mutant that does not come to an end is noticed too. */
async function isNoticed(folder: string): Promise<boolean> {
  for (const paths of RUNS) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-check", "-A", "--fail-fast", ...paths],
      cwd: folder,
      env: { XCP_INTERLEAVINGS: INTERLEAVINGS, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), 60_000);
    const { success } = await child.status;
    clearTimeout(timer);
    if (!success) return true;
  }
  return false;
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const folder = await Deno.makeTempDir({ prefix: "xcp-mutants-" });
  const survivors: string[] = [];
  try {
    for (const path of COPIED) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await copy(join(ROOT, path), join(folder, path));
    }
    if (await isNoticed(folder)) throw new Error("Cannot try mutants: the tests fail without any");
    for (const one of chosen) {
      const path = join(folder, "lib/xds", one.file);
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, mutate(text, one));
      const noticed = await isNoticed(folder);
      await Deno.writeTextFile(path, text);
      console.log(`${noticed ? "noticed " : "SURVIVES"} ${one.file}: ${one.name}`);
      if (!noticed) survivors.push(`${one.file}: ${one.name}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`\n${chosen.length} mutants, ${survivors.length} survive${survivors.map((s) => `\n  ${s}`).join("")}`);
  return survivors.length === 0 ? 0 : 1;
}

if (import.meta.main) await script(() => main(Deno.args));
