/**
 * Runs every row of every table against the pure core, and holds that every rule has rows.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { CoreServer } from "./core_server.ts";
import { run } from "./runner.ts";
import { type Mode, RULES } from "./script.ts";
import { TABLES } from "./tables.ts";

const rows = Object.values(TABLES).flat();

for (const [table, rows] of Object.entries(TABLES)) {
  for (const row of rows) {
    const modes: readonly Mode[] = row.mode === "both" ? ["sotw", "delta"] : [row.mode];
    for (const mode of modes) {
      const rule = Array.isArray(row.rule) ? row.rule.join(", ") : row.rule;
      const issue = row.issue === undefined ? "" : ` [${row.issue}]`;
      Deno.test(`${table}, rule ${rule}, ${mode}: ${row.name}${issue}`, () => run(row, mode, new CoreServer()));
    }
  }
}

Deno.test("every rule has rows", () => {
  const covered = new Set(rows.flatMap(({ rule }) => rule));
  assertEquals(RULES.filter((rule) => !covered.has(rule)), []);
});

Deno.test("every report of another server or client that the rules name has a row", () => {
  const named = rows.map(({ issue }) => issue ?? "").join(", ");
  const reports = [
    ...["#431", "#488", "#526", "#565", "#583", "#585", "#794", "#800", "#981", "#1035", "#1293", "#1450"].map((n) =>
      `go-control-plane ${n}`
    ),
    ...["#7529", "#9934", "#13009", "#13070", "#35696", "#46383"].map((n) => `envoy ${n}`),
    "consul #10379",
    "kgateway #14703",
  ];
  assertEquals(reports.filter((report) => !new RegExp(`${report}(?!\\d)`).test(named)), []);
});

Deno.test("no two rows of a table have the same name", () => {
  for (const rows of Object.values(TABLES)) {
    const names = rows.map(({ name, mode }) => `${mode} ${name}`);
    assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
  }
});
