import { assertEquals } from "@std/assert";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadApi } from "../../../lib/model/api.ts";
import { readFile } from "../../../lib/model/codec/read.ts";
import { SecretFinder } from "../../../lib/store/snapshot/secrets.ts";
import { type Tree, writeTree } from "../tree.ts";
import { clustersFirst, type Earlier, leavingOf, readEarlier } from "./earlier.ts";
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
  async function pull(text: string, now: number) {
    const { resources, issues } = readFile(api, text, "a.yaml", "a.yaml");
    assertEquals(issues, []);
    const earlier = await readEarlier(directory);
    const leaving = earlier && leavingOf(earlier, new Set(resources.map(({ name }) => name)), now);
    const options = { group: "edge", resources, directory, nodeId: "edge-1", adminPort: undefined };
    const made = envoyFiles(api, new SecretFinder(api), { ...options, ...(leaving && { leaving }) });
    const first = earlier && clustersFirst(earlier, made);
    const marker = JSON.stringify({ form: "envoy", leaving: leaving?.since ?? {} });
    await writeTree(directory, { ...made, marker }, () => now);
    return { first, leaving, tree: made };
  }
  return { directory, pull, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

function clustersOf({ files }: Pick<Tree, "files">): string[] {
  const file = files.find(({ path }) => path === "cds.json");
  return JSON.parse(file?.text ?? "{}").resources.map(({ name }: { name: string }) => name);
}

Deno.test("clusters that went away stay as long as a listener is drained, with their secrets, and no longer", async () => {
  await using at = await place();
  await at.pull(cluster("a", "cert") + cluster("b"), NOW);
  const { tree, leaving } = await at.pull(cluster("b") + cluster("c"), NOW + MINUTE);
  assertEquals(clustersOf(tree), ["b", "c", "a"]);
  assertEquals(leaving?.since, { a: "2026-01-02T03:05:05.000Z" });
  assertEquals(tree.files.filter(({ path }) => path.startsWith("secrets/")).length, 1);
  const later = await at.pull(cluster("c"), NOW + 14 * MINUTE);
  assertEquals([clustersOf(later.tree), Object.keys(later.leaving?.since ?? {})], [["c", "b", "a"], ["b", "a"]]);
  const last = await at.pull(cluster("c"), NOW + 17 * MINUTE);
  assertEquals(clustersOf(last.tree), ["c", "b"]);
  assertEquals(last.tree.files.some(({ path }) => path.startsWith("secrets/")), false);
});

Deno.test("one that comes back is what the configuration says", async () => {
  await using at = await place();
  await at.pull(cluster("a", "cert"), NOW);
  await at.pull(cluster("b"), NOW);
  const { tree, leaving } = await at.pull(cluster("a"), NOW);
  assertEquals([clustersOf(tree), Object.keys(leaving?.since ?? {})], [["a", "b"], ["b"]]);
});

Deno.test("new clusters come before the listeners that use them; without any there is one step", async () => {
  await using at = await place();
  const listener = (name: string) =>
    `- "@type": type.googleapis.com/envoy.config.listener.v3.Listener\n  name: ${name}\n`;
  await at.pull(cluster("a") + listener("one"), NOW);
  assertEquals((await at.pull(cluster("a") + listener("two"), NOW)).first, undefined);
  const { first } = await at.pull(cluster("b") + listener("three"), NOW);
  assertEquals(first && clustersOf(first), ["b", "a"]);
  const listeners = first?.files.filter(({ path }) => path === "lds.json").map(({ text }) => JSON.parse(text));
  assertEquals(listeners?.map(({ resources }) => resources.map(({ name }: { name: string }) => name)), [["two"]]);
});

Deno.test("what is not of a pull for Envoy has nothing that stays", async () => {
  await using at = await place();
  assertEquals(await readEarlier(at.directory), undefined);
  await mkdir(join(at.directory, ".data"));
  await writeFile(join(at.directory, ".data", ".pulled.json"), '{"form":"xcp"}');
  await writeFile(join(at.directory, ".data", "cds.json"), '{"resources":[{"name":"a"}]}');
  await writeFile(join(at.directory, ".data", "lds.json"), "{");
  assertEquals(await readEarlier(at.directory), undefined);
  await writeFile(join(at.directory, ".data", ".pulled.json"), '{"form":"envoy","leaving":{"a":"nonsense"}}');
  const earlier = await readEarlier(at.directory) as Earlier;
  assertEquals(leavingOf(earlier, new Set(), NOW).clusters, []);
  await writeFile(join(at.directory, ".data", "cds.json"), "[");
  assertEquals(await readEarlier(at.directory), undefined);
});
