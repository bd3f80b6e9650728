import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "./commands.ts";
import { ran } from "./testing/context.ts";

Deno.test("xcp alone, help and --help print the overview on stdout", async () => {
  const alone = await ran([]);
  assertEquals(alone.code, 0);
  for (const { name } of COMMANDS) assertStringIncludes(alone.stdout, `  ${name}`);
  assertEquals(await ran(["help"]), alone);
  assertEquals(await ran(["--help"]), alone);
});

Deno.test("every command explains itself with examples before flags", async () => {
  for (const { name } of COMMANDS) {
    const { code, stdout, stderr } = await ran(["help", name]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.indexOf("Examples:") < stdout.indexOf("Flags:"), true);
    assertEquals((await ran([name, "--help"])).stdout, stdout);
  }
});

Deno.test("a command is listed with the name and the summary that it has itself", async () => {
  for (const entry of COMMANDS) {
    const { name, summary } = await entry.load();
    assertEquals([entry.name, entry.summary], [name, summary]);
  }
});

Deno.test("help lines are at most 100 characters wide", async () => {
  for (const { name } of COMMANDS) {
    const { stdout } = await ran(["help", name]);
    const examples = stdout.split("\n").filter((line) => line.length > 100 && !line.startsWith("  xcp "));
    assertEquals(examples, []);
  }
});

Deno.test("a part of a command is explained with its own flags and examples", async () => {
  const { code, stdout } = await ran(["help", "snapshot", "prune"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "Usage:\n  xcp snapshot prune STORE");
  assertStringIncludes(stdout, "--keep N");
  assertEquals([stdout.includes("--label"), stdout.includes("snapshot push ./config")], [false, false]);
  const unknown = await ran(["help", "snapshot", "psh"]);
  assertEquals([unknown.code, unknown.stderr.includes('Did you mean "push"?')], [64, true]);
  assertEquals((await ran(["help", "serve", "now"])).code, 64);
});

Deno.test("an unknown command is refused with the one that was meant", async () => {
  assertEquals(await ran(["srve"]), {
    code: 64,
    stdout: "",
    stderr: 'xcp: Cannot run "srve": no such command\nDid you mean "serve"?\n"xcp help" lists the commands\n',
  });
});

Deno.test("an unknown flag is refused with the one that was meant", async () => {
  assertStringIncludes((await ran(["serve", "--listne", "x"])).stderr, 'Did you mean "--listen"?');
  assertStringIncludes((await ran(["serve", "--tls"])).stderr, 'Did you mean "--tls-cert"?');
  assertEquals((await ran(["serve", "--tls"])).code, 64);
});

Deno.test("nothing is suggested for a word that is like no other", async () => {
  assertEquals((await ran(["xyzzy"])).stderr.includes("Did you mean"), false);
});

Deno.test("a word that a command does not take is refused", async () => {
  assertMatch((await ran(["version", "now"])).stderr, /Cannot take "now": version takes flags only/);
});

Deno.test("a command that needs words is refused without any", async () => {
  for (const name of ["validate", "diff", "snapshot", "types", "completion"]) {
    assertEquals((await ran([name])).code, 64);
  }
});

Deno.test("version names the API, the runtime, the platform and the releases that it knows", async () => {
  assertMatch(
    (await ran(["version"])).stdout,
    /^xcp \d+\.\d+\.\d+ \(Envoy API \d+\.\d+\.\d+, deno [\d.]+, \w+-\w+\)\n.*: Envoy 1\.\d+ to 1\.\d+\n$/,
  );
  const { stdout } = await ran(["--version", "-o", "json"]);
  const info = JSON.parse(stdout);
  assertEquals(Object.keys(info), ["version", "envoy_api", "runtime", "platform", "envoy_releases"]);
  assertEquals(info.envoy_api.startsWith(`${info.envoy_releases.at(-1)}.`), true);
});

Deno.test("help, version and status load neither the API nor gRPC nor Hono", async () => {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("./run.ts", import.meta.url).pathname],
    stdout: "piped",
    stderr: "null",
  });
  const graph: Graph = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
  for (const name of ["help", "version", "status", "status/ask", "status/table", "bootstrap", "get", "serve"]) {
    const heavy = reached(graph, new URL(`./${name}.ts`, import.meta.url).href)
      .filter((specifier) => /grpc|hono|prom-client|binpb|protobuf|js-yaml/.test(specifier));
    assertEquals(heavy, [], `${name} loads too much`);
  }
});

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** Every module that is loaded with one, without what is only imported when it is needed. */
function reached({ modules }: Graph, from: string): string[] {
  const seen = new Set<string>();
  const visit = (specifier: string) => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const { code, isDynamic } of modules.find((each) => each.specifier === specifier)?.dependencies ?? []) {
      if (!isDynamic && code?.specifier !== undefined) visit(code.specifier);
    }
  };
  visit(from);
  if (!modules.some((each) => each.specifier === from)) throw new Error(`Cannot find "${from}" in the graph`);
  return [...seen];
}
