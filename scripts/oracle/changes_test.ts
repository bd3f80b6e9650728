import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../../lib/model/api.ts";
import { type Base, changesOf, printRoot, readBase } from "./base.ts";
import { bootstrapOf } from "./bootstrap.ts";
import { Minimal } from "./minimal.ts";
import type { Change } from "./mutant.ts";
import { breaches, RuleReader } from "./rules.ts";
import { random, shuffled } from "./random.ts";
import { get, raw, text, textOf } from "./value.ts";

const api = loadApi();
const rules = new RuleReader(api);
const minimal = new Minimal(api, rules);
const T = "type.googleapis.com/envoy";

const LISTENER = `"@type": ${T}.config.listener.v3.Listener
name: l
address: {socket_address: {address: 127.0.0.1, port_value: 80}}
filter_chains:
- filters:
  - name: tcp
    typed_config:
      "@type": ${T}.extensions.filters.network.tcp_proxy.v3.TcpProxy
      stat_prefix: x
      idleTimeout: 1s
      cluster: c
  - name: echo
    typed_config: {"@type": ${T}.extensions.filters.network.echo.v3.Echo}
`;

function base(content: string): Base {
  const read = readBase("f.yaml", content);
  if (read === undefined) throw new Error("In no form");
  return read;
}

function changes(content: string): Change[] {
  return changesOf(api, rules, minimal, base(content));
}

/** How many lines at the beginning and at the end are the same. */
function common(a: readonly string[], b: readonly string[]): [number, number] {
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return [head, tail];
}

Deno.test("a mutant differs in one place, and that is where its lines are", () => {
  const one = base(LISTENER);
  const before = printRoot(one.root).text.split("\n");
  let count = 0;
  for (const change of changes(LISTENER)) {
    const printed = printRoot(change.apply(one.root));
    const after = printed.text.split("\n");
    if (printed.text === before.join("\n")) continue;
    count++;
    const name = `${change.kind} ${change.field} ${change.detail}`;
    const places = change.at.flatMap((path) => printed.place(path) ?? []);
    const fair = places.flatMap(({ line, first }) => [line, first]);
    assert(fair.length > 0, name);
    const [head, tail] = common(before, after);
    const near = fair.some((line) => line >= head && line <= after.length - tail + 1);
    // What is missing is said of what it was in, which may begin long before.
    assert(near || change.kind.startsWith("missing_"), `${name}: lines ${fair}, changed after ${head}`);
  }
  assert(count > 150, `only ${count} mutants`);
});

Deno.test("defects of all classes are made", () => {
  const kinds = new Set(changes(LISTENER).map(({ kind }) => kind));
  const wanted = [
    "unknown_field",
    "unknown_field_typo",
    "unknown_at_type",
    "missing_at_type",
    "oneof_conflict",
    "pgv_string_min_len",
    "type_number_for_string",
    "bad_duration",
    "bad_ip",
    "bad_port",
    "dup_filters",
    "order_of_filters",
    "missing_cluster",
    "missing_item_of_filters",
  ];
  assertEquals(wanted.filter((kind) => !kinds.has(kind)), []);
});

Deno.test("a field in an Any is reached, in either spelling", () => {
  const fields = changes(LISTENER).filter(({ kind }) => kind === "bad_duration").map(({ field }) => field);
  assertEquals([...new Set(fields)], ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.idle_timeout"]);
});

Deno.test("a value that breaks a rule is made from the rule", () => {
  const broken = (of: Record<string, unknown>, old = text("x")) => breaches(of, old).map(({ value }) => value);
  assertEquals(broken({ string: { minLen: "3" } }), [text("xx")]);
  assertEquals(broken({ uint32: { lte: 4294967295 } }), []);
  assertEquals(broken({ uint32: { gte: 0, lt: 5 } }), [raw("5")]);
  assertEquals(broken({ double: { lte: 1 } }), [raw("2")]);
  assertEquals(broken({ enum: { definedOnly: true, notIn: [2] } }), [raw("77"), raw("2")]);
  assertEquals(broken({ duration: { gt: "0s", lte: "1.5s" } }), [text("0s"), text("2.5s")]);
});

Deno.test("forms are told apart, and each becomes a bootstrap", () => {
  const cluster = `"@type": ${T}.config.cluster.v3.Cluster\nname: c\n`;
  const item = `- ${cluster.trim().replaceAll("\n", "\n  ")}\n`;
  const texts = {
    "typed": cluster,
    "typed-multi": `${cluster}---\n${cluster}`,
    "typed-list": item,
    "discovery": `resources:\n${item}`,
    "bootstrap": "static_resources: {clusters: [{name: c}]}",
  };
  for (const [form, content] of Object.entries(texts)) {
    const read = base(content);
    assertEquals(read.form, form);
    const bootstrap = bootstrapOf(read.form, read.root);
    if (bootstrap === undefined || bootstrap === "bad") throw new Error(`No bootstrap for ${form}`);
    const clusters = get(get(bootstrap, "static_resources"), "clusters");
    const [first] = clusters?.kind === "list" ? clusters.items : [];
    assertEquals([textOf(get(first, "name")), get(first, "@type")], ["c", undefined], form);
  }
  assertEquals(readBase("f.yaml", "groups: {a: {}}"), undefined);
});

Deno.test("a resource without a type is bad without a question to Envoy", () => {
  const one = base(`"@type": ${T}.config.cluster.v3.Cluster\nname: c\n`);
  const change = changesOf(api, rules, minimal, one).find(({ kind }) => kind === "missing_at_type");
  assertEquals(change === undefined ? "" : bootstrapOf(one.form, change.apply(one.root)), "bad");
});

Deno.test("the same seed gives the same order", () => {
  const all = Array.from({ length: 50 }, (_, i) => i);
  assertEquals(shuffled(all, random(7)), shuffled(all, random(7)));
  assert(shuffled(all, random(7)).join() !== shuffled(all, random(8)).join());
  assertEquals(shuffled(all, random(7)).sort((a, b) => a - b), all);
});
