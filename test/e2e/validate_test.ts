/** The compiled binary on files, and the page of every rule before a real Envoy. */
import { assertEquals, assertMatch } from "@std/assert";
import { CATALOGUE } from "../../lib/validate/catalogue.ts";
import { findEnvoy, NEEDS_ENVOY, runXcp, temporaryFolder } from "./harness.ts";

/** Warnings about what Envoy refuses only as most people run it. */
const DEPENDS: ReadonlySet<string> = new Set(["udp-reuse-port"]);

interface Found {
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
}

/** Whether xcp and Envoy are of one mind about an example, and it is the one that the page says. */
function agree(rule: { name: string; severity: string }, kind: "bad" | "good", code: number, issues: readonly Found[]) {
  const rejected = kind === "bad" && rule.severity === "error";
  // A rule whose severity depends on the place may have a wrong example of either.
  if ((kind === "good" || rejected) && code !== (rejected ? 65 : 0)) return false;
  const alone = issues.some((issue) => issue.rule === "envoy-rejects");
  const allowed = rejected || kind === "bad" && DEPENDS.has(rule.name);
  return !issues.some((issue) => issue.rule === "envoy-accepts") && (allowed || !alone);
}

Deno.test(
  "what a rule's page calls wrong, Envoy refuses, and what it calls right, Envoy takes",
  NEEDS_ENVOY,
  async () => {
    const { path: envoy = "" } = await findEnvoy();
    await using folder = await temporaryFolder();
    const disputed: string[] = [];
    for (const rule of CATALOGUE.values()) {
      for (const kind of ["bad", "good"] as const) {
        const text = rule[kind];
        if (text === undefined) continue;
        const file = await folder.write(`${rule.name}.${kind}.yaml`, text);
        const { code, stdout } = await runXcp(["validate", "-o", "json", `--envoy=${envoy}`, file]);
        const { issues }: { issues: Found[] } = JSON.parse(stdout);
        if (!agree(rule, kind, code, issues)) disputed.push(`${rule.name} (${kind}): ${JSON.stringify(issues)}`);
      }
    }
    assertEquals(disputed, []);
  },
);

const CLUSTER = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: NAME
connect_timeout: 1s
`;

Deno.test("exit codes and streams are those of a linter", async () => {
  await using folder = await temporaryFolder();
  const good = await folder.write("good/a.yaml", CLUSTER);
  const bad = await folder.write("bad/a.yaml", `${CLUSTER}lb_polizy: RANDOM\n`);
  assertEquals((await runXcp(["validate", good])).code, 0);
  const { code, stdout } = await runXcp(["validate", "-q", bad]);
  assertEquals(code, 65);
  assertMatch(stdout, /a\.yaml:4:1: error: .*did you mean "lb_policy"\? \[unknown-field\]\n$/);
  assertEquals((await runXcp(["validate", folder.at("nowhere")])).code, 66);
  assertEquals((await runXcp(["validate"])).code, 64);
});

Deno.test("a file of 80 MB is refused at once, and one of 40 MB is read", async () => {
  await using folder = await temporaryFolder();
  const block = Array.from({ length: 1_000 }, (_, i) => `---\n${CLUSTER.replace("NAME", `NUMBER-${i}`)}`).join("");
  const copies = (bytes: number) =>
    Array.from({ length: Math.ceil(bytes / block.length) }, (_, i) => block.replaceAll("NUMBER", `n${i}`)).join("");
  const huge = await folder.write("huge.yaml", copies(80e6));
  const refused = await runXcp(["validate", huge]);
  assertEquals(refused.code, 65);
  assertMatch(refused.stdout, /huge\.yaml:1:1: error: .*\[file-too-large\]/);
  const large = await folder.write("large.yaml", copies(40e6));
  const { code, stderr } = await runXcp(["validate", large]);
  assertEquals(code, 0, stderr);
  assertMatch(stderr, /^0 errors, 0 warnings in 1 file \(\d+ resources\)\n$/);
});
