import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readdir, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { generateIdentity, identityToRecipient } from "age-encryption";
import type { ReadinessJson } from "../../lib/admin/readiness.ts";
import type { Blobs } from "../../lib/store/blobs.ts";
import { openStore } from "../../lib/store/open.ts";
import { openS3Store } from "../../lib/store/s3/store.ts";
import { CLUSTER } from "../../lib/model/types.ts";
import { type Authority, createAuthority, fingerprint, type Pair } from "../certificates.ts";
import { findS3 } from "../tools/any_s3.ts";
import {
  acceptedIn,
  type Backend,
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  fileStore,
  type Folder,
  freePort,
  groupOf,
  listener,
  NEEDS_ENVOY,
  route,
  s3Environment,
  secret,
  snapshot,
  snapshotLog,
  startBackend,
  startFollower,
  startXcp,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";
import { openAds } from "./harness/ads_client.ts";

const s3 = { start: undefined, ...await findS3() };
const NEEDS_S3 = { ignore: NEEDS_ENVOY.ignore || s3.start === undefined };
const SETTLE = ["--settle", "200ms"];

/** A site with a listener in clear and one with TLS, whose certificate is a Secret. */
interface Site {
  readonly clear: number;
  readonly safe: number;
  readonly authority: Authority;
  readonly pair: Pair;
}

function newSite(): Site {
  const authority = createAuthority();
  const pair = authority.issue({ commonName: "site", ip: ["127.0.0.1"] });
  return { clear: freePort(), safe: freePort(), authority, pair };
}

async function writeSite(folder: Folder, { clear, safe, pair }: Site, { port }: Backend): Promise<void> {
  const listeners = documents(listener({ port: clear }), listener({ port: safe, name: "safe", secret: "cert" }));
  await folder.write("config/listeners.yaml", listeners);
  const routing = documents(route("one"), route("one", "safe"), cluster("one"), endpoints("one", port));
  await folder.write("config/routing.yaml", routing);
  await folder.write("config/secret.yaml", secret("cert", pair));
}

async function answersClear({ clear }: Site, { colour }: Backend): Promise<void> {
  await eventuallyAnswers(`http://127.0.0.1:${clear}/`, { status: 200, body: colour });
}

async function answersSafe({ safe, authority, pair }: Site, { colour }: Backend): Promise<void> {
  const expected = { status: 200, body: colour, certificate: fingerprint(pair.cert) };
  await eventuallyAnswers(`https://127.0.0.1:${safe}/`, expected, { ca: authority.cert });
}

async function readiness(xcp: Xcp): Promise<ReadinessJson & { readonly status: number }> {
  const { status, text } = await xcp.get("/readyz");
  return { status, ...JSON.parse(text) };
}

/** What of a group's place and state `/readyz` says. */
async function served(xcp: Xcp, name = "default") {
  const group = (await readiness(xcp)).groups.find((group) => group.name === name);
  return group && { source: group.source, restored: group.restored, stale: group.stale };
}

/** Waits until what a group's clients accepted is the newest that there is of it. */
async function accepts(blobs: Blobs, group = "default", above = 0): Promise<number> {
  return await eventually(async () => {
    const number = (await acceptedIn(blobs))[group] ?? 0;
    return number > above ? number : undefined;
  }, { describe: `what ${group} accepted to be above ${above}` });
}

Deno.test(
  "the sources gone and the disk empty: Envoy gets from the bucket what it accepted before",
  NEEDS_S3,
  async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using folder = await temporaryFolder();
    if (s3.start === undefined) return;
    await using server = await s3.start();
    const { url } = await server.bucket();
    const env = s3Environment(server);
    const blobs = await openS3Store(url, { credentials: server.credentials });
    const identity = await generateIdentity();
    const key = await folder.write("key", identity);
    const site = newSite();
    await writeSite(folder, site, red);
    const serve = (state: string, ...more: string[]) => {
      const store = ["--store", url, "--with-secrets", recipient, ...SETTLE];
      return startXcp({ args: [folder.at("config"), ...store, "--state-dir", folder.at(state), ...more], env });
    };
    const recipient = await identityToRecipient(identity);
    {
      await using xcp = await serve("first");
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
      await answersSafe(site, red);
      await accepts(blobs);
      assertEquals(await served(xcp), { source: "sources", restored: false, stale: false });
    }
    await folder.remove("config");
    await folder.remove("first");
    {
      await using xcp = await serve("second", "--identity", key);
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
      await answersClear(site, red);
      await answersSafe(site, red);
      assertEquals(await served(xcp), { source: "store", restored: true, stale: true });
      const { ready, reasons, groups } = await readiness(xcp);
      assert(ready && reasons.length > 0, JSON.stringify(reasons));
      assert((groups[0]?.age ?? -1) >= 0, "it is not said how old that is");
      assertMatch((await xcp.get("/metrics")).text, /^xcp_group_restored\{group="default"\} 1$/m);
      await writeSite(folder, site, blue);
      await answersSafe(site, blue);
      assertEquals(await served(xcp), { source: "sources", restored: false, stale: false });
      await accepts(blobs, "default", 1);
    }
    await folder.remove("config");
    // Who cannot read the secrets serves the rest, and says who waits for what.
    await using xcp = await serve("third");
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta", ready: false });
    await answersClear(site, blue);
    const { issues } = await groupOf(xcp);
    const said = issues.map(({ message }) => message).join("\n");
    assertMatch(said, /Secret "cert".*listener "safe" waits for it/);
    assertMatch(xcp.log(), /secret "cert"/i);
    await blobs.close();
  },
);

Deno.test(
  "the sources and the bucket gone: Envoy gets what it accepted from the local copy, with its secrets",
  NEEDS_S3,
  async () => {
    await using red = await startBackend("red");
    await using folder = await temporaryFolder();
    if (s3.start === undefined) return;
    await using server = await s3.start();
    const { url } = await server.bucket();
    const site = newSite();
    await writeSite(folder, site, red);
    const store = ["--store", url, "--without-secrets", ...SETTLE];
    const args = [folder.at("config"), ...store, "--state-dir", folder.at("state")];
    const serve = () => startXcp({ args, env: s3Environment(server) });
    const blobs = await openS3Store(url, { credentials: server.credentials });
    const copy = await openStore(fileStore(folder, "state/copy"));
    {
      await using xcp = await serve();
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
      await answersSafe(site, red);
      await accepts(blobs);
      await accepts(copy);
    }
    await blobs.close();
    await copy.close();
    await isPrivate(folder.at("state"));
    await folder.remove("config");
    await server.child.stop("SIGKILL");

    await using xcp = await serve();
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
    await answersClear(site, red);
    await answersSafe(site, red);
    assertEquals(await served(xcp), { source: "copy", restored: true, stale: true });
    const failing = async () => (await readiness(xcp)).stores.find(({ role }) => role === "store")?.failing;
    await eventually(failing, { describe: "the bucket to be said to fail" });
  },
);

/** Nobody but the owner may read anything below a folder. */
async function isPrivate(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  assert(entries.some((entry) => entry.isFile()));
  for (const path of [folder, ...entries.map(({ parentPath, name }) => join(parentPath, name))]) {
    assertEquals((await stat(path)).mode & 0o077, 0, path);
  }
}

Deno.test("sources, bucket and local copy gone: refused and said, until the source is back", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using folder = await temporaryFolder();
  const site = newSite();
  const store = ["--store", `s3://none/none?endpoint=http://127.0.0.1:${freePort()}&region=us-east-1`];
  const args = [folder.at("config"), ...store, "--without-secrets", "--state-dir", folder.at("state")];
  const env = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  await using xcp = await startXcp({ args, env, ready: false });
  const refused = await readiness(xcp);
  assertEquals([refused.status, refused.ready, refused.groups.map(({ source }) => source)], [503, false, [null]]);
  assertStringIncludes(refused.reasons.join("\n"), folder.at("config"));
  assertStringIncludes(xcp.log(), "s3://none/none");
  {
    using client = openAds({ address: xcp.xds });
    client.request(CLUSTER.url);
    const { code, details } = await client.ended();
    assertEquals([code, client.responses.length], [status.UNAVAILABLE, 0], details);
  }
  await using envoy = await startFollower({ xds: xcp.xds, mode: "delta", ready: false });
  await eventually(async () => await envoy.stat("cluster.xcp.upstream_rq_total") > 0);
  assertEquals(await envoy.ready(), false);
  await writeSite(folder, site, red);
  await xcp.child.waitFor(/xcp is serving xDS/);
  await envoy.waitReady();
  await answersSafe(site, red);
  const healed = await readiness(xcp);
  assertEquals([healed.status, healed.groups[0]?.source], [200, "sources"]);
});

/** A group's own site: what its Envoy gets. */
function groupSite(port: number, { port: backend }: Backend, timeout = "2s"): string {
  const one = cluster("one").replace("connect_timeout: 2s", `connect_timeout: ${timeout}`);
  return documents(listener({ port }), route("one"), one, endpoints("one", backend));
}

Deno.test(
  "one group rejects, another moves, a third has no client; a cold start gives each what it accepted",
  NEEDS_ENVOY,
  async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using folder = await temporaryFolder();
    const url = fileStore(folder);
    const [east, west, idle] = [freePort(), freePort(), freePort()];
    const write = (group: string, text: string) => folder.write(`config/groups/${group}/site.yaml`, text);
    const answers = (port: number, body: string) =>
      eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body });
    await write("east", groupSite(east, red));
    await write("west", groupSite(west, red));
    await write("idle", groupSite(idle, red));
    const serve = (state: string) => {
      // What Envoy rejects is wanted here, and xcp would not let it come to that.
      const flags = ["--validate", "off", "--store", url, ...SETTLE, "--state-dir", folder.at(state)];
      return startXcp({ args: [folder.at("config"), ...flags] });
    };
    let moved: number;
    {
      await using xcp = await serve("first");
      const blobs = await openStore(url);
      await using _east = await startFollower({ xds: xcp.xds, mode: "delta", cluster: "east" });
      await using _west = await startFollower({ xds: xcp.xds, mode: "sotw", cluster: "west" });
      await answers(east, "red");
      await answers(west, "red");
      await accepts(blobs, "east");
      moved = await accepts(blobs, "west");
      await write("east", groupSite(east, blue, "0s"));
      await eventually(async () =>
        (await xcp.get("/metrics")).text.includes('xcp_clients_rejecting{group="east",type="cluster"} 1')
      );
      await write("west", groupSite(west, blue));
      await answers(west, "blue");
      moved = await accepts(blobs, "west", moved);
      const accepted = await acceptedIn(blobs);
      assertEquals([Object.keys(accepted), accepted.west], [["east", "west"], moved]);
      // Of east it is what its Envoy has, in whichever snapshot.
      await snapshot(["pull", url, folder.at("pulled")]);
      const endpointsOf = (group: string) => readFile(folder.at(`pulled/groups/${group}/endpoints.yaml`), "utf8");
      assertStringIncludes(await endpointsOf("east"), `port_value: ${red.port}`);
      assertStringIncludes(await endpointsOf("west"), `port_value: ${blue.port}`);
      const [newest] = await snapshotLog(url);
      assertEquals(
        [newest?.groups, newest?.pointers.includes("latest")],
        [3, true],
        "the group without clients is stored",
      );
      await blobs.close();
    }
    await folder.remove("config");
    await using xcp = await serve("second");
    await using one = await startFollower({ xds: xcp.xds, mode: "delta", cluster: "east" });
    await using _two = await startFollower({ xds: xcp.xds, mode: "sotw", cluster: "west" });
    await answers(east, "red");
    await answers(west, "blue");
    assertEquals((await one.stats("cds.update_rejected"))["cluster_manager.cds.update_rejected"], 0);
    for (const group of ["east", "west"]) assertEquals((await served(xcp, group))?.source, "store");
    await snapshot(["verify", url]);
  },
);

Deno.test("what was acknowledged just before the end is kept at the end", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using folder = await temporaryFolder();
  const url = fileStore(folder);
  const port = freePort();
  await folder.write("config/site.yaml", groupSite(port, red));
  const args = [folder.at("config"), "--store", url, "--settle", "10m", "--state-dir", folder.at("state")];
  await using xcp = await startXcp({ args });
  await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
  await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: "red" });
  const before = await openStore(url).then(async (blobs) => await acceptedIn(blobs).finally(() => blobs.close()))
    .catch(() => ({}));
  assertEquals(before, {}, "it settled before its time");
  const { code } = await xcp.child.stop("SIGTERM");
  assertEquals(code, 0, xcp.log());
  const blobs = await openStore(url);
  const [newest] = await snapshotLog(url);
  assertEquals(await acceptedIn(blobs), { default: newest?.number ?? 0 });
  await blobs.close();
});

Deno.test(
  "a replica that starts while its store is away serves the local copy, and follows when it is back",
  NEEDS_ENVOY,
  async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using folder = await temporaryFolder();
    const url = fileStore(folder);
    const port = freePort();
    const answers = (body: string) => eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body });
    const push = async (backend: Backend) => {
      await folder.write("config/site.yaml", groupSite(port, backend));
      await snapshot(["push", folder.at("config"), url]);
    };
    await push(red);
    const args = [url, "--poll", "200ms", ...SETTLE, "--state-dir", folder.at("state")];
    {
      await using xcp = await startXcp({ args });
      await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
      await answers("red");
      await eventually(async () => {
        const copy = await openStore(fileStore(folder, "state/copy"));
        return await acceptedIn(copy).finally(() => copy.close());
      });
    }
    await rename(folder.at("store"), folder.at("away"));
    await using xcp = await startXcp({ args });
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
    await answers("red");
    assertEquals(await served(xcp), { source: "copy", restored: true, stale: true });
    await rename(folder.at("away"), folder.at("store"));
    await push(blue);
    await answers("blue");
    assertEquals(await served(xcp), { source: "sources", restored: false, stale: false });
  },
);
