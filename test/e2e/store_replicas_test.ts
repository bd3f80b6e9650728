import { assert, assertEquals } from "@std/assert";
import { findS3 } from "../tools/any_s3.ts";
import type { S3Server } from "../tools/s3_server.ts";
import {
  type Backend,
  cluster,
  documents,
  endpoints,
  type Envoy,
  eventually,
  eventuallyAnswers,
  type Folder,
  freePort,
  groupOf,
  listener,
  type Load,
  type Mode,
  MODES,
  NEEDS_ENVOY,
  route,
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

const s3 = { start: undefined, ...await findS3() };
const NEEDS_S3 = { ignore: NEEDS_ENVOY.ignore || s3.start === undefined };

const REPLICAS = 3;
/** How often each Envoy moves to another replica. */
const MOVES = 6;

/** Clusters that nothing uses: enough content to see in bytes whether it comes again. */
const SPARE = documents(
  ...Array.from({ length: 100 }, (_, i) => cluster(`spare-${i}`, "type: STATIC").replace(/type: EDS\neds.*\n/, "")),
);

/** An Envoy that reaches xcp through a switch, and the requests that go through it. */
interface Follower {
  readonly envoy: Envoy;
  readonly plug: Switch;
  readonly url: string;
  readonly load: Load;
}

interface Fleet extends AsyncDisposable {
  readonly store: string;
  /** Of who may use the bucket. */
  readonly env: Readonly<Record<string, string>>;
  readonly replicas: readonly Xcp[];
  readonly followers: readonly Follower[];
  /** Pushes another configuration. */
  push(name: string, backend: Backend): Promise<void>;
  snapshot(...args: string[]): Promise<string>;
  answers(backend: Backend): Promise<void>;
}

/** Replicas of one bucket, and an Envoy in a group of its own for each: listeners differ in their ports alone. */
async function startFleet(mode: Mode, first: Backend): Promise<Fleet> {
  if (s3.start === undefined) throw new Error("there is no S3 server");
  const stack = new AsyncDisposableStack();
  try {
    const server: S3Server = stack.use(await s3.start());
    const env = s3Environment(server);
    const { url: store } = await server.bucket();
    const config: Folder = stack.use(await temporaryFolder());
    const ports = Array.from({ length: REPLICAS }, freePort);
    const push = async (name: string, { port }: Backend) => {
      await config.write("spare.yaml", SPARE);
      await config.write("routing.yaml", documents(route(name), cluster(name), endpoints(name, port)));
      for (const [i, port] of ports.entries()) await config.write(`groups/g${i}/web.yaml`, listener({ port }));
      await snapshot(["push", config.path, store], env);
    };
    await push("one", first);
    const replicas: Xcp[] = [];
    for (let i = 0; i < REPLICAS; i++) {
      replicas.push(stack.use(await startXcp({ args: [store, "--poll", "500ms"], env })));
    }
    const followers: Follower[] = [];
    for (const [i, port] of ports.entries()) {
      const plug = stack.use(await startSwitch(replicas[i]?.xds ?? ""));
      const envoy = stack.use(await startFollower({ xds: plug.address, mode, cluster: `g${i}` }));
      const url = `http://127.0.0.1:${port}/`;
      await eventuallyAnswers(url, { status: 200, body: first.colour });
      followers.push({ plug, envoy, url, load: stack.use(startLoad({ url, rate: 50, freshEvery: 3 })) });
    }
    return {
      store,
      env,
      replicas,
      followers,
      push,
      snapshot: (...args) => snapshot(args, env),
      async answers({ colour }) {
        await Promise.all(followers.map(({ url }) => eventuallyAnswers(url, { status: 200, body: colour })));
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** What an Envoy counted of clusters and listeners that were touched. */
async function touched({ envoy }: Follower): Promise<Readonly<Record<string, number>>> {
  return await envoy.stats(
    "^cluster_manager\\.(cluster_(added|modified|removed|updated)|cds\\.update_rejected)$" +
      "|^listener_manager\\.(listener_(added|modified|removed|in_place_updated)|lds\\.update_rejected)$" +
      "|rds\\.web\\.(config_reload|update_rejected)$",
  );
}

const received = ({ envoy }: Follower) => envoy.stat("cluster.xcp.upstream_cx_rx_bytes_total");

/** Waits until an Envoy is on a replica and has what it wants, and nothing is under way. */
async function settled({ node, xcp }: { readonly node: string; readonly xcp: Xcp }): Promise<void> {
  await eventually(async () => {
    const { clients } = await xcp.json<{ clients: Client[] }>("/v1/clients");
    const mine = clients.find((client) => client.node?.cluster === node)?.subscriptions ?? [];
    return mine.length === 4 && mine.every(({ pending }) => !pending);
  }, { timeout: 30_000, describe: `${node} to be back` });
}

interface Client {
  readonly node: { readonly cluster: string } | null;
  readonly subscriptions: readonly { readonly pending: boolean }[];
}

/** Moves every Envoy to the replica beside its own, so that each goes through all of them. */
async function move({ followers, replicas }: Fleet, round: number): Promise<void> {
  const places = followers.map((_, i) => replicas[(i + round) % replicas.length] as Xcp);
  for (const [i, { plug }] of followers.entries()) plug.point(places[i]?.xds ?? "");
  await Promise.all(places.map((xcp, i) => settled({ node: `g${i}`, xcp })));
}

async function noFailures({ followers }: Fleet): Promise<void> {
  for (const { load } of followers) {
    const { failures, succeeded, sent } = await load.stop();
    assertEquals([failures, succeeded], [[], sent]);
    assert(sent > 50, `${sent} requests`);
  }
}

for (const mode of MODES) {
  const name = `${mode}: Envoys that go from replica to replica lose no request, and are sent nothing twice`;
  Deno.test(name, NEEDS_S3, async () => {
    await using red = await startBackend("red", { delay: 10 });
    await using blue = await startBackend("blue", { delay: 10 });
    await using fleet = await startFleet(mode, red);
    const { followers, replicas } = fleet;
    // One content, one version, whoever read it.
    const versions = await Promise.all(replicas.map(async (xcp) => (await groupOf(xcp, "g0")).versions));
    for (const version of versions) assertEquals(version, versions[0]);
    const before = await Promise.all(followers.map(touched));
    const whole = await Promise.all(followers.map(received));
    for (let round = 1; round <= MOVES; round++) await move(fleet, round);
    assertEquals(await Promise.all(followers.map(touched)), before);
    for (const [i, follower] of followers.entries()) {
      const [first = 0, again] = [whole[i], await received(follower) - (whole[i] ?? 0)];
      assert(first > 5_000 && again < MOVES * first / 10, `${again} bytes in ${MOVES} moves, ${first} at the start`);
      assert(follower.plug.connections() > MOVES, `${follower.plug.connections()} connections`);
    }
    // They follow what is pushed all the same, also when they move at that moment.
    await fleet.push("one", blue);
    await move(fleet, MOVES + 1);
    await fleet.answers(blue);
    await noFailures(fleet);
  });
}

Deno.test(
  "a bad change that everybody accepted is rolled back under load within seconds, and no request is lost",
  NEEDS_S3,
  async () => {
    await using good = await startBackend("good", { delay: 10 });
    await using bad = await startBackend("bad", { delay: 10 });
    await using fleet = await startFleet("delta", good);
    await fleet.push("two", bad);
    await fleet.answers(bad);
    const [{ number = 0 } = {}] = await snapshotLog(fleet.store, fleet.env);
    assertEquals(number, 2);
    const start = performance.now();
    await fleet.snapshot("rollback", `${fleet.store.replace("?", "@1?")}`);
    await fleet.answers(good);
    const seconds = (performance.now() - start) / 1000;
    assert(seconds < 5, `it took ${seconds} s`);
    // Everything of the bad change is gone, and stays away.
    for (const { envoy } of fleet.followers) {
      await eventually(async () => !Object.hasOwn(await envoy.clusters(), "two"));
    }
    await noFailures(fleet);
  },
);
