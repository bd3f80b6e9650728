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
      Deno.test(`${table}, rule ${rule}, ${mode}: ${row.name}${issue}`, () =>
        run(row, mode, new CoreServer(row.client)));
    }
  }
}

Deno.test("every rule has rows", () => {
  const covered = new Set(rows.flatMap(({ rule }) => rule));
  assertEquals(RULES.filter((rule) => !covered.has(rule)), []);
});

/** Where the rules are tested that are not about the state of a discovery stream. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "1, per-type services": "lib/transport/discovery_service_test.ts",
  "22, CSDS": "lib/transport/services/status_service_test.ts",
  "23, LRS": "lib/transport/services/load_service_test.ts",
  "24, health": "lib/transport/services/health_test.ts",
  "24, reflection": "lib/transport/services/reflection_test.ts",
  "25, REST-JSON": "lib/transport/rest_test.ts",
};

Deno.test("the other rules have tests of their own", async () => {
  for (const [rule, file] of Object.entries(ELSEWHERE)) {
    const { isFile } = await Deno.stat(new URL(`../../${file}`, import.meta.url));
    assertEquals(isFile, true, rule);
  }
});

Deno.test("every report of another server or client that the rules name has a row", () => {
  const named = rows.map(({ issue }) => issue ?? "").join(", ");
  const reports = [
    ...[431, 585, 1293, 1092, 1296, 794, 565, 488, 1450, 421, 526, 800, 583, 981, 1035].map((n) =>
      `go-control-plane #${n}`
    ),
    ...[7529, 9934, 13009, 13070, 35696, 46383].map((n) => `envoy #${n}`),
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
