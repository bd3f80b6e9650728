import { assert, assertEquals } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Backend,
  cluster,
  documents,
  endpoints,
  eventually,
  listener,
  type Mode,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startLoad,
  startWorld,
  type World,
} from "./harness.ts";

const CHANGES = 50;
const RATE = 220;
/** Some five requests are under way whenever something changes. */
const ANSWER_MS = 25;

/** What the site looks like; the backend tells where the endpoints are. */
interface Site {
  readonly backend: Backend;
  readonly cluster: string;
  readonly filter: string;
}

function listenerFile({ filter }: Site, port: number): string {
  return listener({ port, filter });
}

/** Route, cluster and endpoints in one file: replacing the cluster is one save. */
function routingFile({ backend, cluster: name }: Site): string {
  return documents(route(name), cluster(name), endpoints(name, backend.port));
}

async function save(world: World, before: Site, now: Site): Promise<void> {
  if (now.filter !== before.filter) await world.config.write("listener.yaml", listenerFile(now, world.port));
  else await world.config.write("routing.yaml", routingFile(now));
}

/** Waits until Envoy answers from the new site and has let go of what it replaced. */
async function taken({ envoy, answers }: World, { backend, cluster, filter }: Site): Promise<void> {
  await answers({ status: 200, body: backend.colour, filter });
  await eventually(async () => Object.keys(await envoy.clusters()).sort().join() === [cluster, "xcp"].sort().join());
}

/** The next site: endpoints moved, a cluster replaced by another with the route following, a filter changed; in turn. */
function changed(site: Site, change: number, other: Backend): Site {
  const kinds: readonly Site[] = [
    { ...site, backend: other },
    { ...site, backend: other, cluster: `cluster-${change}` },
    { ...site, filter: `filter-${change}` },
  ];
  return kinds[change % kinds.length] ?? site;
}

/** Makes the changes while requests go through Envoy, and expects every one of them to be answered by a backend. */
async function changeUnderLoad(mode: Mode, pause: (world: World, site: Site) => Promise<void>): Promise<void> {
  await using red = await startBackend("red", { delay: ANSWER_MS });
  await using blue = await startBackend("blue", { delay: ANSWER_MS });
  let site: Site = { backend: red, cluster: "cluster-0", filter: "filter-0" };
  await using world = await startWorld({
    mode,
    files: (port) => ({ "listener.yaml": listenerFile(site, port), "routing.yaml": routingFile(site) }),
  });
  await taken(world, site);
  await using load = startLoad({ url: world.url, rate: RATE, freshEvery: 5 });
  for (let change = 1; change <= CHANGES; change++) {
    const now = changed(site, change, site.backend === red ? blue : red);
    await save(world, site, now);
    await pause(world, now);
    assertEquals(load.report().failures, [], `requests were lost at change ${change}`);
    site = now;
  }
  await taken(world, site);
  const { sent, succeeded, failures, duration, bodies } = await load.stop();
  assertEquals(failures, []);
  assertEquals(succeeded, sent);
  assert(sent / duration * 1000 >= 200, `${sent} requests in ${duration} ms`);
  assert((bodies.red ?? 0) > 50 && (bodies.blue ?? 0) > 50, JSON.stringify(bodies));
  const rejected = await world.envoy.stats("update_rejected$");
  assertEquals(Object.values(rejected).reduce((sum, count) => sum + count, 0), 0, JSON.stringify(rejected));
}

for (const mode of MODES) {
  Deno.test(`${mode}: ${CHANGES} changes in a row under constant requests lose none`, NEEDS_ENVOY, async () => {
    await changeUnderLoad(mode, taken);
  });

  Deno.test(
    `${mode}: ${CHANGES} changes that do not wait for the ones before lose no request`,
    NEEDS_ENVOY,
    async () => {
      // Around the source's time of quiet: some changes are taken together, some while Envoy still takes the last.
      await changeUnderLoad(mode, () => delay(Math.random() * 300));
    },
  );
}
