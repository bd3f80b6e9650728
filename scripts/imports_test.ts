/// <reference lib="deno.unstable" />
import { assertEquals } from "@std/assert";
import plugin, { forbidden, MAY_SEE, PACKAGES, SHARED } from "./imports.ts";

/** Lints a file that breaks every rule, as if it stood at `path`. */
async function violations(path: string): Promise<string[]> {
  const source = await Deno.readTextFile(new URL("../test/fixtures/imports/violations.ts", import.meta.url));
  return Deno.lint.runPlugin(plugin, path, source).map(({ id, message }) => `${id}: ${message}`);
}

const FORBIDDEN: [path: string, specifier: string, why: string][] = [
  ["lib/model/a.ts", "../hub/port.ts", "lib/model must not import lib/hub: lib/gen, proto is what it may see"],
  ["lib/xds/a.ts", "../hub/port.ts", "lib/xds must not import lib/hub: lib/model is what it may see"],
  ["lib/xds/a_test.ts", "../hub/port.ts", "lib/xds must not import lib/hub: lib/model is what it may see"],
  ["lib/model/a.ts", "../../scripts/build.ts", "lib/model must not import scripts: lib/gen, proto is what it may see"],
  ["lib/gen/a.ts", "../log.ts", "lib/gen must not import lib/log.ts: nothing is what it may see"],
  ["lib/attic/a.ts", "../log.ts", "lib/attic has no row in the table of imports in scripts/imports.ts"],
  ["main.ts", "./lib/log.ts", "main.ts must not import lib/log.ts: cmd is what it may see"],
  ["lib/hub/a.ts", "@grpc/grpc-js", 'lib/hub must not name "@grpc/grpc-js": only lib/transport, lib/client may'],
  ["lib/hub/a.ts", "left-pad", '"left-pad" is not in the table of packages in scripts/imports.ts'],
  ["cmd/a.ts", "@std/assert", 'cmd must not name "@std/assert": only tests may'],
  ["lib/model/a.ts", "node:fs/promises", 'lib/model is pure: no "node:fs/promises"'],
];

const ALLOWED: [path: string, specifier: string][] = [
  ["lib/hub/a.ts", "./port.ts"],
  ["lib/hub/a.ts", "../model/types.ts"],
  ["lib/hub/a.ts", "node:http"],
  ["lib/model/a.ts", "node:crypto"],
  ["lib/model/a.ts", "../../proto/envoy.binpb"],
  ["lib/xds/a_test.ts", "@std/assert"],
  ["lib/xds/a_test.ts", "../../test/conformance/script.ts"],
  ["lib/xds/a_test.ts", "../gen/envoy/service/discovery/v3/discovery_pb.ts"],
  ["lib/log_test.ts", "./log.ts"],
  ["lib/transport/a.ts", "@grpc/grpc-js"],
  ["lib/model/a.ts", "@bufbuild/protobuf/wkt"],
  ["cmd/a.ts", "../lib/source/directory.ts"],
  ["test/e2e/a_test.ts", "../../lib/hub/port.ts"],
  ["examples/adapter.ts", "anything"],
];

Deno.test("an import against the direction is told apart from one along it", () => {
  for (const [path, specifier, why] of FORBIDDEN) assertEquals(forbidden(path, specifier), why);
  for (const [path, specifier] of ALLOWED) assertEquals(forbidden(path, specifier), undefined, `${path}: ${specifier}`);
});

Deno.test("the lint rule finds every kind of import", async () => {
  const found = (await violations("lib/model/violations.ts")).filter((line) => line.startsWith("xcp/imports"));
  assertEquals(found.length, 5, found.join("\n"));
});

Deno.test("the protocol core may not know time, chance or promises, and other rooms may", async () => {
  const pure = (lines: string[]) =>
    lines.filter((line) => line.startsWith("xcp/pure")).map((line) => line.split(": no ")[1]);
  assertEquals(pure(await violations("lib/xds/violations.ts")), [
    "await",
    "Date",
    "Date",
    "Math.random",
    "setTimeout",
    "Promise",
  ]);
  assertEquals(pure(await violations("lib/hub/violations.ts")), []);
});

/** The rows of a table in ARCHITECTURE.md, as the names in backticks in each of its cells. */
async function table(heading: string): Promise<string[][][]> {
  const page = await Deno.readTextFile(new URL("../ARCHITECTURE.md", import.meta.url));
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) =>
    row.split("|").slice(1, -1).map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name))
  );
}

Deno.test("ARCHITECTURE.md shows who may see whom as the table of imports has it", async () => {
  const shown = (await table("Rooms")).map(([room = [], , sees = []]) => [room[0], sees.sort()]);
  const said = new Map([["cmd", ["lib"]], ["scripts", []], ["test", []]]); // in words: all, everything
  const held = Object.entries(MAY_SEE).map(([room, sees]) =>
    [room, said.get(room) ?? sees.filter((name) => !SHARED.includes(name)).sort()] as const
  );
  assertEquals(new Map(shown as [string, string[]][]), new Map(held));
});

Deno.test("ARCHITECTURE.md shows which package is named where as the table of packages has it", async () => {
  const shown = (await table("Third-party")).flatMap(([names = [], rooms = []]) =>
    names.map((name) => [name, rooms.sort()] as const)
  );
  assertEquals(new Map(shown), new Map(Object.entries(PACKAGES).map(([name, rooms]) => [name, [...rooms].sort()])));
});
