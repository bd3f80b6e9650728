/** The compiled binary on files, and the page of every rule before a real Envoy. */
import { assertEquals, assertMatch } from "@std/assert";
import { CATALOGUE } from "../../lib/validate/catalogue.ts";
import { findEnvoy, NEEDS_ENVOY, runXcp, temporaryFolder } from "./harness.ts";

Deno.test(
  "what the page of a rule calls wrong, Envoy refuses, and what it calls right, Envoy takes",
  NEEDS_ENVOY,
  async () => {
    const judged: string[] = [];
    const { path: envoy = "" } = await findEnvoy();
    await using folder = await temporaryFolder();
    for (const { name, severity, bad, good } of CATALOGUE.values()) {
      for (const [kind, text] of [["bad", bad], ["good", good]] as const) {
        if (text === undefined) continue;
        const file = await folder.write(`${name}.${kind}.yaml`, text);
        const { code, stdout, stderr } = await runXcp(["validate", "-o", "json", `--envoy=${envoy}`, file]);
        const { issues }: { issues: { rule: string; severity: string; message: string }[] } = JSON.parse(stdout);
        const about = `${name} (${kind}): ${JSON.stringify(issues)} ${stderr}`;
        const rejects = kind === "bad" && severity === "error";
        // A rule whose severity depends on the place may have an example of either.
        const wrong = (kind === "good" || rejects) && code !== (rejects ? 65 : 0);
        if (wrong || issues.some(({ rule }) => rule === "envoy-accepts" || rule === "envoy-rejects")) {
          judged.push(
            about,
          );
        }
      }
    }
    assertEquals(judged, []);
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
