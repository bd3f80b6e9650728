import { assert, assertEquals } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ReadinessJson } from "../../lib/admin/readiness.ts";
import type { Blobs } from "../../lib/store/blobs.ts";
import { openS3Store } from "../../lib/store/s3/store.ts";
import { type S3Server, storeUrl } from "../tools/s3_server.ts";
import { findToxiproxy, startToxiproxy, type Toxiproxy } from "../tools/toxiproxy.ts";
import { findVersitygw, startVersitygw } from "../tools/versitygw.ts";
import {
  acceptedIn,
  type Backend,
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  type Folder,
  freePort,
  listener,
  type Load,
  NEEDS_ENVOY,
  route,
  runXcp,
  s3Environment,
  snapshot,
  snapshotLog,
  startBackend,
  startFollower,
  startLoad,
  startSwitch,
  startXcp,
  type Switch,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";

const [versitygw, toxiproxy] = [await findVersitygw(), await findToxiproxy()];
for (const found of [versitygw, toxiproxy]) if (found.path === undefined) console.error(found.reason);
const ignore = NEEDS_ENVOY.ignore || versitygw.path === undefined || toxiproxy.path === undefined;

/** Milliseconds that an outage lasts at least: `XCP_OUTAGE_SECONDS=60` is a longer look at it. */
const LASTS = Number(Deno.env.get("XCP_OUTAGE_SECONDS") ?? 3) * 1000;
/** A call that hears nothing gives up after ten seconds, and may be the first of its attempts when the line is back. */
const HEALING = { timeout: 60_000 };

/** The way from the servers to the bucket: the bad network, and before the bucket a place for another server. */
interface Line {
  readonly proxy: Toxiproxy;
  readonly plug: Switch;
  /** Answers 500 to everything. */
  readonly broken: string;
}

interface Outage {
  readonly name: string;
  begin(line: Line): Promise<void>;
  /** It fails, rather than takes long. */
  readonly fails: boolean;
}

const OUTAGES: readonly Outage[] = [
  { name: "connections are refused", fails: true, begin: ({ proxy }) => proxy.disable() },
  {
    name: "a black hole",
    // Seen after ten seconds and more; before, only the age of what was heard last grows.
    fails: LASTS > 120_000,
    begin: ({ proxy }) => proxy.poison({ type: "timeout", stream: "upstream", attributes: { timeout: 0 } }),
  },
  {
    name: "a slow line",
    fails: false,
    begin: ({ proxy }) => proxy.poison({ type: "latency", stream: "downstream", attributes: { latency: 400 } }),
  },
  {
    name: "every answer is lost",
    fails: true,
    begin: ({ proxy }) => proxy.poison({ type: "limit_data", stream: "downstream", attributes: { bytes: 0 } }),
  },
  {
    name: "every answer is 500",
    fails: true,
    begin: ({ plug, broken }) => Promise.resolve(plug.point(broken)),
  },
];

/** A server that is ill; `host:port`. */
async function startBroken(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((_, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A server of one of the kinds, with an Envoy and requests through it. */
interface Side {
  readonly xcp: Xcp;
  readonly role: "store" | "source";
  readonly load: Load;
  /** Listeners of the group of the first Envoy, and of one that comes later. */
  readonly ports: readonly [first: number, later: number];
  /** Another configuration: pushed to the bucket past the bad line, or written to the directory. */
  change(backend: Backend): Promise<void>;
}

interface World extends AsyncDisposable {
  readonly server: S3Server;
  readonly line: Line;
  readonly sides: readonly [replica: Side, keeper: Side];
  /** The keeper's store and its URL, past the bad line. */
  readonly kept: { readonly blobs: Blobs; readonly url: string };
  readonly env: Readonly<Record<string, string>>;
  heal(): Promise<void>;
}

async function write(folder: Folder, [first, later]: Side["ports"], { port }: Backend): Promise<string> {
  await folder.write("config/routing.yaml", documents(route("one"), cluster("one"), endpoints("one", port)));
  await folder.write("config/groups/first/web.yaml", listener({ port: first }));
  await folder.write("config/groups/later/web.yaml", listener({ port: later }));
  return folder.at("config");
}

/** `serve STORE` and `serve DIR --store STORE`, each through the bad line. */
async function startWorld(first: Backend): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    const server = stack.use(await startVersitygw(versitygw.path ?? ""));
    const env = s3Environment(server);
    const plug = stack.use(await startSwitch(new URL(server.endpoint).host));
    const proxy = stack.use(await startToxiproxy(toxiproxy.path ?? "", `http://${plug.address}`));
    const { address: broken } = stack.use(await startBroken());
    const [followed, kept] = [await server.bucket(), await server.bucket()];
    const [remote, local] = [stack.use(await temporaryFolder()), stack.use(await temporaryFolder())];
    const newPorts = (): Side["ports"] => [freePort(), freePort()];
    const side = async (
      role: Side["role"],
      args: readonly string[],
      ports: Side["ports"],
      change: Side["change"],
    ): Promise<Side> => {
      const xcp = stack.use(await startXcp({ args: [...args, "--poll", "300ms"], env }));
      stack.use(await startFollower({ xds: xcp.xds, mode: "delta", cluster: "first" }));
      const url = `http://127.0.0.1:${ports[0]}/`;
      await eventuallyAnswers(url, { status: 200, body: first.colour });
      return { xcp, role, ports, change, load: stack.use(startLoad({ url, rate: 50, freshEvery: 3 })) };
    };
    const [theirs, ours] = [newPorts(), newPorts()];
    const push = async (backend: Backend) => {
      await snapshot(["push", await write(remote, theirs, backend), followed.url], env);
    };
    await push(first);
    const replica = await side("source", [storeUrl(followed.name, proxy.endpoint)], theirs, push);
    const store = ["--store", storeUrl(kept.name, proxy.endpoint), "--settle", "200ms"];
    const directory = await write(local, ours, first);
    const keeper = await side(
      "store",
      [directory, ...store, "--state-dir", local.at("state")],
      ours,
      async (backend) => {
        await write(local, ours, backend);
      },
    );
    const blobs = await openS3Store(kept.url, { credentials: server.credentials });
    stack.defer(() => blobs.close());
    return {
      server,
      line: { proxy, plug, broken },
      sides: [replica, keeper],
      kept: { blobs, url: kept.url },
      env,
      async heal() {
        plug.point(new URL(server.endpoint).host);
        await proxy.heal();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** How its store does, as `/readyz` says it; it is ready in any case. */
async function store({ xcp, role }: Side): Promise<ReadinessJson["stores"][number]> {
  const { status, text } = await xcp.get("/readyz");
  const { ready, stores }: ReadinessJson = JSON.parse(text);
  assertEquals([status, ready], [200, true], text);
  const found = stores.find((one) => one.role === role);
  assert(found !== undefined, text);
  return found;
}

/** An Envoy that was never there before gets what there is. */
async function newcomerIsServed({ xcp, ports: [, port] }: Side, { colour }: Backend): Promise<void> {
  await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw", cluster: "later" });
  await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: colour });
}

const colour = ({ ports: [port] }: Side, { colour }: Backend, options = {}) =>
  eventually(async () => {
    await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: colour });
    return true;
  }, options);

for (const { name, begin, fails } of OUTAGES) {
  const what = `Go: ${name}, between xcp and its bucket: connected and new Envoys are served, it is told, and heals`;
  Deno.test(what, { ignore }, async () => {
    await using red = await startBackend("red", { delay: 10 });
    await using blue = await startBackend("blue", { delay: 10 });
    await using world = await startWorld(red);
    const { line, sides, kept, env } = world;
    const [replica, keeper] = sides;
    await eventually(async () => (await acceptedIn(kept.blobs)).first !== undefined);
    const before = (await acceptedIn(kept.blobs)).first ?? 0;
    for (const side of sides) await eventually(async () => !(await store(side)).failing);

    await begin(line);
    const began = performance.now();
    // A directory goes on to be followed, whatever becomes of what is kept of it; it is also what gives the store work.
    await keeper.change(blue);
    await colour(keeper, blue);
    await replica.change(blue);
    if (fails) {
      for (const side of sides) {
        const describe = async () => `${side.role} to fail; ${JSON.stringify(await store(side))}`;
        await eventually(async () => (await store(side)).failing, { ...HEALING, describe });
        const { stdout } = await runXcp(["status", "--admin-url", side.xcp.admin]);
        assert(stdout.includes("s3://"), stdout);
      }
    }
    await newcomerIsServed(keeper, blue);
    if (fails) await newcomerIsServed(replica, red);
    await eventually(() => performance.now() - began > LASTS, { timeout: LASTS + 1_000, interval: 100 });
    const quiet = await store(replica);
    if (name.includes("black hole")) assert((quiet.age ?? 0) >= 2, JSON.stringify(quiet));

    await world.heal();
    // What was accepted meanwhile is kept in the end, although nothing more happens, and nothing is harmed.
    await eventually(async () => ((await acceptedIn(kept.blobs)).first ?? 0) > before, HEALING);
    await colour(replica, blue, HEALING);
    for (const side of sides) {
      await eventually(async () => !(await store(side)).failing, HEALING);
      await newcomerIsServed(side, blue);
    }
    await snapshot(["verify", kept.url], env);
    const [newest, ...others] = await snapshotLog(kept.url, env);
    assert(newest?.pointers.includes("latest") && others.length < 6, JSON.stringify([newest, ...others]));
    for (const { load } of sides) {
      const { failures, succeeded, sent } = await load.stop();
      assertEquals([failures, succeeded], [[], sent]);
    }
  });
}
