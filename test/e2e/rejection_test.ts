import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { typeByName } from "../../lib/model/types.ts";
import {
  type Backend,
  clientsOf,
  cluster,
  documents,
  endpoints,
  eventually,
  groupOf,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  runXcp,
  startBackend,
  startLoad,
  startWorld,
  type World,
} from "./harness.ts";

/** Something that parses, and that Envoy rejects. */
interface Rejection {
  readonly name: string;
  readonly file: string;
  /** Short name of the type, as metrics have it, and plural, as logs have it. */
  readonly short: string;
  readonly plural: string;
  /** Envoy's statistics of the type. */
  readonly stats: string;
  readonly good: (port: number) => string;
  readonly bad: (port: number) => string;
  /** A correct change, other than back to what it was. */
  readonly better: (port: number) => string;
  /** Envoy's words. */
  readonly words: RegExp;
}

const TIMEOUT = "connect_timeout: 2s";

const REJECTIONS: readonly Rejection[] = [
  {
    name: "a cluster with a timeout of zero",
    file: "cluster.yaml",
    short: "cluster",
    plural: "clusters",
    stats: "cluster_manager.cds",
    good: () => cluster("one"),
    bad: () => cluster("one").replace(TIMEOUT, "connect_timeout: 0s"),
    better: () => cluster("one").replace(TIMEOUT, "connect_timeout: 3s"),
    words: /ClusterValidationError\.ConnectTimeout: value must be greater than 0s/,
  },
  {
    name: "a cluster among good ones whose load balancer cannot be",
    file: "cluster.yaml",
    short: "cluster",
    plural: "clusters",
    stats: "cluster_manager.cds",
    good: () => cluster("one"),
    bad: () => documents(cluster("one", "lb_policy: RANDOM"), cluster("two", "lb_policy: CLUSTER_PROVIDED")),
    better: () => cluster("one", "lb_policy: LEAST_REQUEST"),
    words: /cluster provided LB specified but cluster 'two' did not provide one/,
  },
  {
    name: "a listener without a router",
    file: "listener.yaml",
    short: "listener",
    plural: "listeners",
    stats: "listener_manager.lds",
    good: (port) => listener({ port }),
    bad: (port) => listener({ port, filter: "bad" }).replace(/ +- name: router\n.*\n/, ""),
    better: (port) => listener({ port, filter: "better" }),
    words: /terminal/,
  },
];

function endpointsFile({ port }: Backend): string {
  return documents(endpoints("one", port), endpoints("two", port));
}

/** Waits until the NACK is known, and finds Envoy's words on every surface. */
async function isToldEverywhere({ xcp }: World, { plural, short, words }: Rejection, nacks: number): Promise<void> {
  const rejected = await eventually(async () => {
    const [client] = await clientsOf(xcp);
    return client?.subscriptions.find((subscription) => subscription.rejected !== null)?.rejected;
  });
  assertMatch(rejected.message, words);
  const logged = xcp.log().split("\n").filter((line) => line.includes(rejected.message));
  assertEquals(logged.length, nacks, xcp.log());
  assertMatch(logged.at(-1) ?? "", new RegExp(`site-1.*${plural}`));
  assertEquals(await metricsOf(xcp, short), { nacks, rejecting: 1 });
  const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
  assertEquals(code, 1);
  assertStringIncludes(stdout, rejected.message);
  assertStringIncludes(stdout, "site-1");
}

/** Waits until Envoy took what the change makes the group's content, so that this is where a rollback leads back to. */
async function isAcknowledged({ xcp }: World, { short }: Rejection, change: () => Promise<unknown>): Promise<void> {
  const type = typeByName(short)?.url ?? "";
  const before = (await groupOf(xcp)).versions[type];
  await change();
  await eventually(async () => {
    const version = (await groupOf(xcp)).versions[type];
    const [client] = await clientsOf(xcp);
    const subscription = client?.subscriptions.find((subscription) => subscription.type === type);
    return version !== before && subscription?.acknowledged === version;
  });
}

async function isCleared({ xcp }: World, { short }: Rejection, nacks: number): Promise<void> {
  await eventually(async () => (await metricsOf(xcp, short)).rejecting === 0);
  assertEquals(await metricsOf(xcp, short), { nacks, rejecting: 0 });
  const [client] = await clientsOf(xcp);
  assertEquals(client?.subscriptions.map(({ rejected }) => rejected).filter((rejected) => rejected !== null), []);
  assertEquals((await runXcp(["status", "--admin-url", xcp.admin])).code, 0);
}

async function metricsOf(xcp: World["xcp"], short: string): Promise<{ nacks: number; rejecting: number }> {
  const { text } = await xcp.get("/metrics");
  const number = (name: string) => Number(text.match(new RegExp(`^${name} (\\d+)$`, "m"))?.[1]);
  return {
    nacks: number(`xcp_responses_total{group="default",type="${short}",result="nack"}`),
    rejecting: number(`xcp_clients_rejecting{group="default",type="${short}"}`),
  };
}

/** Changes of other types, which must not bring the rejected one again; Envoy takes them meanwhile. */
async function otherChanges(world: World, rejection: Rejection, backends: readonly Backend[]): Promise<void> {
  const attempts = await world.envoy.stat(`${rejection.stats}.update_attempt`);
  for (const backend of [...backends, ...backends]) {
    await world.config.write("endpoints.yaml", endpointsFile(backend));
    await world.answers({ status: 200, body: backend.colour });
  }
  // Routes wait for a cluster that is in trouble, but not for ever.
  await world.config.write(
    "route.yaml",
    route("one").replace("prefix: /", "prefix: /, case_sensitive: false"),
  );
  const taken = await world.envoy.stat("http.web.rds.web.config_reload");
  await eventually(async () => await world.envoy.stat("http.web.rds.web.config_reload") > taken);
  await world.config.write("route.yaml", route("one"));
  await eventually(async () => await world.envoy.stat("http.web.rds.web.config_reload") > taken + 1);
  assertEquals(await world.envoy.stat(`${rejection.stats}.update_attempt`), attempts, "it was sent again");
}

for (const mode of MODES) {
  for (const rejection of REJECTIONS) {
    const name = `${mode}: ${rejection.name}: Envoy's words are on every surface, and the next good change is taken`;
    Deno.test(name, NEEDS_ENVOY, async () => {
      await using red = await startBackend("red");
      await using blue = await startBackend("blue");
      // What Envoy says is wanted here, and xcp would not let it come to that.
      await using world = await startWorld({
        mode,
        files: (port) => ({
          "listener.yaml": listener({ port }),
          "route.yaml": route("one"),
          "cluster.yaml": cluster("one"),
          "endpoints.yaml": endpointsFile(red),
        }),
        args: ["--validate", "off", "--order-timeout", "1s"],
      });
      const { config, envoy, port, xcp } = world;
      const { file, stats, good, bad, better } = rejection;
      await world.answers({ body: "red" });
      await using load = startLoad({ url: world.url, freshEvery: 2 });

      await config.write(file, bad(port));
      await isToldEverywhere(world, rejection, 1);
      assertEquals(await envoy.stat(`${stats}.update_rejected`), 1);
      // It is what the sources say, and valid as far as xcp can tell: the group follows them.
      assertEquals((await groupOf(xcp)).stale, false);
      await otherChanges(world, rejection, [blue, red]);
      await config.write(file, better(port));
      await isCleared(world, rejection, 1);

      // The same again, and then back to what Envoy had: only the server can know that this must be sent.
      await isAcknowledged(world, rejection, () => config.write(file, good(port)));
      await config.write(file, bad(port));
      await isToldEverywhere(world, rejection, 2);
      await config.write(file, good(port));
      await isCleared(world, rejection, 2);
      await world.answers({ status: 200, filter: "" });

      assertEquals(await envoy.stat(`${stats}.update_rejected`), 2);
      const { failures, succeeded } = await load.stop();
      assertEquals(failures, []);
      assert(succeeded > 0);
    });
  }
}
