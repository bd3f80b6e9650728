/**
 * `deno task bench:store [CLUSTERS...]`: time and memory of the compiled binary with a store on a local S3 server, for
 * configurations of so many clusters: a push, pulls in each form beside copying the same objects with the SDK of AWS alone,
 * and a server that starts from the store. `$XCP` measures another binary.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../test/e2e/harness/files.ts";
import { s3Environment } from "../test/e2e/harness/snapshot.ts";
import { startXcp, xcpBinary } from "../test/e2e/harness/xcp.ts";
import { findS3 } from "../test/tools/any_s3.ts";
import { writeStaticClusters } from "./bench/clusters.ts";
import { startCrowd } from "./bench/crowd.ts";
import { type Spent, spent } from "./bench/spent.ts";
import { cpuMs, peakBytes } from "./bench/usage.ts";
import { BINARY, build } from "./build.ts";
import { bunPath, hostTarget } from "./bun.ts";
import { PartError, run, script } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const COPY = join(ROOT, "test/load/s3_copy.ts");

async function measure(clusters: number): Promise<void> {
  const { start, reason } = { start: undefined, reason: "", ...await findS3() };
  if (start === undefined) throw new PartError(`Cannot measure: ${reason}`);
  await using folder = await temporaryFolder();
  await using server = await start();
  const { name, url } = await server.bucket();
  const [xcp, bun] = [xcpBinary(), await bunPath(hostTarget())];
  const env = { HOME: folder.path, ...s3Environment(server) };
  const config = folder.at("config");
  await mkdir(config);
  const size = await writeStaticClusters(config, clusters);
  console.log(
    `${clusters} clusters, ${mb(size)} of YAML; ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}`,
  );
  const tell = (what: string, { wallMs, cpuMs, peakBytes }: Spent, more = "") => {
    const times = `${seconds(wallMs)} (CPU ${seconds(cpuMs)})`;
    console.log(
      `${what.padEnd(22)} ${times.padEnd(22)} peak ${mb(peakBytes)} = ${(peakBytes / size).toFixed(1)}x${more}`,
    );
  };
  tell("version", await spent(xcp, ["version"], env));
  tell("push", await spent(xcp, ["snapshot", "push", config, url], env));

  const bundled = folder.at("copy.js");
  await run(Deno.execPath(), ["bundle", "--quiet", "--platform=deno", "-o", bundled, COPY], { cwd: ROOT });
  const copy = await spent(bun, [bundled, server.endpoint, name, "store/", folder.at("copy")], env);
  tell("copy with the SDK", copy);
  for (const form of ["xcp", "json", "envoy"]) {
    for (const again of form === "envoy" ? ["", " again"] : [""]) {
      const pull = await spent(xcp, ["snapshot", "pull", url, folder.at(form), "--as", form], env);
      const times = (pull.wallMs / copy.wallMs).toFixed(1);
      tell(`pull --as ${form}${again}`, pull, `, ${times} times the copy`);
    }
  }

  const begun = performance.timeOrigin + performance.now();
  await using serving = await startXcp({ args: [url], env, timeout: 120_000 });
  const ready = performance.timeOrigin + performance.now();
  await using crowd = await startCrowd(serving.xds, "delta", 1);
  const { at, bytes } = await crowd.opened;
  const { pid } = serving.child;
  const serve = { wallMs: ready - begun, cpuMs: await cpuMs(pid), peakBytes: await peakBytes(pid) };
  tell(
    "serve to ready",
    serve,
    `, first full answer (${mb(bytes)}) ${seconds(at - ready)} later, with the client's start`,
  );
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

async function main(): Promise<void> {
  const counts = Deno.args.length === 0 ? [10_000, 100_000] : Deno.args.map(Number);
  const wrong = Deno.args.find((_, at) => !Number.isSafeInteger(counts[at]) || Number(counts[at]) < 1);
  if (wrong !== undefined) throw new PartError(`Cannot measure "${wrong}" clusters`);
  if (xcpBinary() === BINARY) await build();
  for (const count of counts) await measure(count);
}

if (import.meta.main) await script(main);
