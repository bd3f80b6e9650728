import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ran } from "./testing/context.ts";

/** A folder of files, which goes with the test. */
async function folderOf(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), "xcp-validate-"));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const CLUSTER = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: orders
connect_timeout: 1s
`;
const WRONG = `${CLUSTER}lb_polizy: RANDOM\n`;
const ODD = `${CLUSTER}connect_timeout: 2s\n`;

Deno.test("a right directory passes in silence but for its summary", async () => {
  await using folder = await folderOf({ "a.yaml": CLUSTER, "deep/b.yaml": CLUSTER.replace("orders", "users") });
  const { code, stdout, stderr } = await ran(["validate", folder.path]);
  assertEquals({ code, stdout, stderr }, {
    code: 0,
    stdout: "",
    stderr: "0 errors, 0 warnings in 2 files (2 resources)\n",
  });
});

Deno.test("an error is a line with its place and rule, and exit code 65", async () => {
  await using folder = await folderOf({ "a.yaml": WRONG });
  const { code, stdout, stderr } = await ran(["validate", folder.path]);
  assertEquals(code, 65);
  assertEquals(
    stdout,
    `${folder.path}/a.yaml:4:1: error: envoy.config.cluster.v3.Cluster has no field "lb_polizy"; ` +
      `did you mean "lb_policy"? [unknown-field]\n`,
  );
  assertEquals(stderr, "1 error, 0 warnings in 1 file (0 resources)\n");
});

Deno.test("on a terminal the place is shown in its text, and coloured unless NO_COLOR is set", async () => {
  await using folder = await folderOf({ "a.yaml": WRONG });
  const { stdout } = await ran(["validate", folder.path], { NO_COLOR: "1" }, true);
  assertStringIncludes(stdout, "\n  3 | connect_timeout: 1s\n  4 | lb_polizy: RANDOM\n    | ^\n");
  assertStringIncludes((await ran(["validate", folder.path], {}, true)).stdout, "\x1b[1;31merror:\x1b[0m");
});

Deno.test("a file that steers terminals does not steer this one", async () => {
  await using folder = await folderOf({ "a.yaml": `${CLUSTER}"\u202e\\e[2J": "\u202e"\n` });
  const { stdout } = await ran(["validate", folder.path], { NO_COLOR: "1" }, true);
  assertMatch(stdout, /unknown-field/);
  assertEquals(/[\p{Cc}\p{Cf}]/u.test(stdout.replaceAll("\n", "")), false);
});

Deno.test("warnings count with --strict, and --quiet leaves out what does not count", async () => {
  await using folder = await folderOf({ "a.yaml": ODD });
  const { code, stdout } = await ran(["validate", folder.path]);
  assertEquals(code, 0);
  assertMatch(stdout, /:4:1: warning: .* \[duplicate-key\]\n$/);
  assertEquals((await ran(["validate", "--strict", folder.path])).code, 65);
  assertEquals(await ran(["validate", "--quiet", folder.path]), { code: 0, stdout: "", stderr: "" });
  const both = await ran(["validate", "--quiet", "--strict", folder.path]);
  assertEquals([both.code, both.stdout, both.stderr], [65, stdout, ""]);
});

Deno.test("JSON has the issues with their places, and how much was read", async () => {
  await using folder = await folderOf({ "a.yaml": `- ${WRONG.replaceAll("\n", "\n  ")}` });
  const { code, stdout } = await ran(["validate", "-o", "json", folder.path]);
  assertEquals([code, JSON.parse(stdout)], [65, {
    issues: [{
      file: `${folder.path}/a.yaml`,
      line: 4,
      column: 3,
      path: "lb_polizy",
      rule: "unknown-field",
      severity: "error",
      message: 'envoy.config.cluster.v3.Cluster has no field "lb_polizy"; did you mean "lb_policy"?',
    }],
    files: 1,
    resources: 0,
  }]);
});

Deno.test("SARIF names the rules that were broken, and where", async () => {
  await using folder = await folderOf({ "a b.yaml": WRONG, "c.yaml": ODD.replace("orders", "users") });
  const { code, stdout } = await ran(["validate", "-o", "sarif", folder.path]);
  const { version, runs: [run] } = JSON.parse(stdout);
  assertEquals([code, version, run.tool.driver.name], [65, "2.1.0", "xcp"]);
  assertEquals(run.tool.driver.rules.map(({ id }: { id: string }) => id), ["duplicate-key", "unknown-field"]);
  const [first, second] = run.results;
  assertEquals([first.ruleId, first.level, second.ruleId, second.level], [
    "unknown-field",
    "error",
    "duplicate-key",
    "warning",
  ]);
  assertEquals(run.tool.driver.rules[first.ruleIndex].id, "unknown-field");
  const { artifactLocation, region } = first.locations[0].physicalLocation;
  assertEquals(region, { startLine: 4, startColumn: 1 });
  assertMatch(artifactLocation.uri, /^file:\/\/.*\/a%20b\.yaml$/);
});

Deno.test("stdin is a source, whatever pieces it comes in", async () => {
  const bytes = new TextEncoder().encode(`${CLUSTER}# ü\nlb_polizy: 1\n`);
  const pieces = [bytes.subarray(0, bytes.indexOf(0xc3) + 1), bytes.subarray(bytes.indexOf(0xc3) + 1)];
  const { code, stdout } = await ran(["validate", "-q", "-"], {}, false, pieces);
  assertEquals(code, 65);
  assertMatch(stdout, /^<stdin>:5:1: error: /);
  assertEquals((await ran(["validate", "-"], {}, false, [Uint8Array.of(0xff)])).code, 65);
});

Deno.test("of several sources the later one wins; in one, a name that stands twice is an error", async () => {
  await using folder = await folderOf({ "a/a.yaml": CLUSTER, "b/b.yaml": CLUSTER });
  assertEquals((await ran(["validate", `${folder.path}/a`, `${folder.path}/b`])).code, 0);
  const { code, stdout } = await ran(["validate", folder.path]);
  assertEquals(code, 65);
  assertMatch(
    stdout,
    /b\.yaml:1:1: error: Cluster "orders" is already defined at .*a\.yaml:1:1 \[duplicate-resource\]/,
  );
});

const ROUTES = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
validate_clusters: true
virtual_hosts:
- { name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: orders } }] }
`;

Deno.test("what resources name is looked for in each group, and what is missing in some says in which", async () => {
  await using folder = await folderOf({
    "routes.yaml": ROUTES,
    "groups/edge/a.yaml": CLUSTER,
    "groups/core/b.yaml": CLUSTER.replace("orders", "users"),
  });
  const { code, stdout } = await ran(["validate", "-q", folder.path]);
  assertEquals(code, 65);
  assertMatch(
    stdout,
    /^\S+routes\.yaml:5:\d+: error: Route "web" names cluster "orders", .* in group "core", "default"/,
  );
  assertEquals(stdout.split("\n").length, 2);
  await using whole = await folderOf({ "routes.yaml": ROUTES, "a.yaml": CLUSTER });
  assertEquals((await ran(["validate", whole.path])).code, 0);
});

Deno.test("one broken file is one error, not one for each that needs it", async () => {
  await using folder = await folderOf({ "routes.yaml": ROUTES, "a.yaml": WRONG });
  const { stdout } = await ran(["validate", "-q", folder.path]);
  assertMatch(stdout, /^\S+a\.yaml:4:1: error: .*\n$/);
});

Deno.test("what is newer than a release is told when it is asked for", async () => {
  await using folder = await folderOf({ "a.yaml": CLUSTER });
  assertEquals((await ran(["validate", "--envoy-version", "1.38", folder.path])).code, 0);
  const { code, stderr } = await ran(["validate", "--envoy-version", "0.9", folder.path]);
  assertEquals(code, 64);
  assertMatch(stderr, /^xcp: Cannot take --envoy-version "0\.9": /);
});

Deno.test("no source is a wrong call, and one that is not there cannot be read", async () => {
  assertEquals((await ran(["validate"])).code, 64);
  const { code, stderr } = await ran(["validate", "/nowhere/at-all"]);
  assertEquals([code, stderr], [66, 'xcp: Cannot read "/nowhere/at-all": no such file or directory\n']);
});
