import { assertEquals } from "@std/assert";
import { mkdir, mkdtemp, readdir, readFile as readText, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadApi } from "../../../lib/model/api.ts";
import { readFile } from "../../../lib/model/codec/read.ts";
import { SecretFinder } from "../../../lib/store/snapshot/secrets.ts";
import { keptSets } from "../../testing/kept.ts";
import { Sweeper } from "../sweeper.ts";
import { NewTree } from "../tree.ts";
import { addClustersFirst, type Earlier, leavingOf, readEarlier } from "./earlier.ts";
import { envoyFiles } from "./files.ts";

const api = loadApi();
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const MINUTE = 60_000;

function cluster(name: string, secret?: string): string {
  const tls = secret === undefined ? "" : `
  transport_socket:
    name: tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context:
        tls_certificate_sds_secret_configs: [{ name: ${secret}, sds_config: { ads: {} } }]`;
  return `- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\n  name: ${name}${tls}\n`;
}

/** A directory that is pulled to again and again. */
async function place() {
  const directory = await mkdtemp(join(tmpdir(), "xcp-earlier-"));
  /** What stays, and the files of the step before it when one is made, by path. */
  async function pull(text: string, now: number) {
    const { resources, issues } = readFile(api, text, "a.yaml", "a.yaml");
    assertEquals(issues, []);
    const earlier = await readEarlier(directory, new Sweeper());
    const leaving = earlier && leavingOf(earlier, new Set(resources.map(({ name }) => name)), now, new Sweeper());
    const sets = await keptSets(api, "edge", resources);
    const options = { group: "edge", sets, directory, nodeId: "edge-1", adminPort: undefined, sweeper: new Sweeper() };
    const first = await NewTree.with(directory, async (tree) => {
      const made = await envoyFiles(api, new SecretFinder(api), tree, { ...options, ...(leaving && { leaving }) });
      const step = earlier && await NewTree.with(directory, async (step) => {
        await addClustersFirst(step, earlier, tree, made.secretFiles);
        return await filesIn(step.folder);
      });
      await tree.show(JSON.stringify({ form: "envoy", leaving: leaving?.since ?? {} }), () => now);
      return step;
    });
    return { first, leaving, files: await filesIn(join(directory, ".data")) };
  }
  return { directory, pull, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

type Files = Readonly<Record<string, string>>;

async function filesIn(folder: string): Promise<Files> {
  const files: [string, string][] = [];
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    if (path !== "secrets") files.push([path, await readText(join(folder, path), "utf8")]);
  }
  return Object.fromEntries(files);
}

function namesOf(files: Files | undefined, path: string): string[] {
  return JSON.parse(files?.[path] ?? "{}").resources.map(({ name }: { name: string }) => name);
}

const clustersOf = (files: Files | undefined) => namesOf(files, "cds.json");
const secretsOf = (files: Files | undefined) => Object.keys(files ?? {}).filter((path) => path.startsWith("secrets/"));

Deno.test("clusters that went away stay as long as a listener is drained, with their secrets, and no longer", async () => {
  await using at = await place();
  await at.pull(cluster("a", "cert") + cluster("b"), NOW);
  const { files, leaving } = await at.pull(cluster("b") + cluster("c"), NOW + MINUTE);
  assertEquals(clustersOf(files), ["b", "c", "a"]);
  assertEquals(leaving?.since, { a: "2026-01-02T03:05:05.000Z" });
  assertEquals(secretsOf(files).length, 1);
  const later = await at.pull(cluster("c"), NOW + 14 * MINUTE);
  assertEquals([clustersOf(later.files), Object.keys(later.leaving?.since ?? {})], [["c", "b", "a"], ["b", "a"]]);
  const last = await at.pull(cluster("c"), NOW + 17 * MINUTE);
  assertEquals(clustersOf(last.files), ["c", "b"]);
  assertEquals(secretsOf(last.files), []);
});

Deno.test("one that comes back is what the configuration says", async () => {
  await using at = await place();
  await at.pull(cluster("a", "cert"), NOW);
  await at.pull(cluster("b"), NOW);
  const { files, leaving } = await at.pull(cluster("a"), NOW);
  assertEquals([clustersOf(files), Object.keys(leaving?.since ?? {})], [["a", "b"], ["b"]]);
});

Deno.test("the step before has the new clusters, and the listeners and secrets that are there", async () => {
  await using at = await place();
  const listener = (name: string) =>
    `- "@type": type.googleapis.com/envoy.config.listener.v3.Listener\n  name: ${name}\n`;
  await at.pull(cluster("a", "old") + listener("two"), NOW);
  const { first, files } = await at.pull(cluster("b", "new") + listener("three"), NOW);
  assertEquals([clustersOf(first), namesOf(first, "lds.json")], [["b", "a"], ["two"]]);
  assertEquals([clustersOf(files), namesOf(files, "lds.json")], [["b", "a"], ["three"]]);
  assertEquals([first?.["envoy.yaml"], secretsOf(first)], [files["envoy.yaml"], secretsOf(files)]);
  assertEquals(secretsOf(files).length, 2);
});

Deno.test("what stays is found in files of any size", async () => {
  await using at = await place();
  const names = Array.from(
    { length: 3000 },
    (_, at) => `cluster-${String(at).padStart(5, "0")}-${"x".repeat(at % 97)}`,
  );
  await at.pull(names.map((name) => cluster(name, "cert")).join(""), NOW);
  const { files, leaving } = await at.pull(cluster("b"), NOW);
  assertEquals(clustersOf(files), ["b", ...names]);
  assertEquals(Object.keys(leaving?.since ?? {}), names);
});

Deno.test("what is not of a pull for Envoy has nothing that stays", async () => {
  await using at = await place();
  assertEquals(await readEarlier(at.directory, new Sweeper()), undefined);
  await mkdir(join(at.directory, ".data"));
  await writeFile(join(at.directory, ".data", ".pulled.json"), '{"form":"xcp"}');
  const clusters = { version_info: "1", resources: [{ name: "a" }] };
  await writeFile(join(at.directory, ".data", "cds.json"), `${JSON.stringify(clusters, undefined, 1)}\n`);
  await writeFile(join(at.directory, ".data", "lds.json"), "{");
  assertEquals(await readEarlier(at.directory, new Sweeper()), undefined);
  await writeFile(join(at.directory, ".data", ".pulled.json"), '{"form":"envoy","leaving":{"a":"nonsense"}}');
  const earlier = await readEarlier(at.directory, new Sweeper()) as Earlier;
  assertEquals([...earlier.names], ["a"]);
  assertEquals(leavingOf(earlier, new Set(), NOW, new Sweeper()).since, {});
  await writeFile(join(at.directory, ".data", "cds.json"), JSON.stringify(clusters, undefined, 1).slice(0, -1));
  assertEquals(await readEarlier(at.directory, new Sweeper()), undefined);
});
