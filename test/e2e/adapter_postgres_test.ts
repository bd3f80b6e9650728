import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFile } from "node:fs/promises";
import { copyExample, findModules } from "../tools/adapter_example.ts";
import { findPostgres, type Postgres, startPostgres } from "../tools/postgres.ts";
import {
  type Backend,
  eventually,
  eventuallyAnswers,
  type Folder,
  freePort,
  groupOf,
  NEEDS_ENVOY,
  runXcp,
  startBackend,
  startFollower,
  startLoad,
  startXcp,
  type Xcp,
} from "./harness.ts";

const [modules, postgres] = [await findModules("postgres"), await findPostgres()];
for (const found of [modules, postgres]) if (found.path === undefined) console.error(found.reason);
const ignore = NEEDS_ENVOY.ignore || modules.path === undefined || postgres.path === undefined;

/** The adapter, and a database with its tables, in which Envoys of the group `default` listen on `port`. */
async function startDatabase(port: number): Promise<{ folder: Folder; database: Postgres } & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  try {
    const folder = stack.use(await copyExample("postgres", modules.path ?? ""));
    const database = stack.use(await startPostgres(postgres.path ?? ""));
    await database.execute(await readFile(folder.at("schema.sql"), "utf8"));
    await database.execute(`
      insert into groups (group_name, port) values ('default', ${port});
      create role reader login password '${database.env["PGPASSWORD"]}';
      grant select on envoy_groups to reader`);
    return { folder, database, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** The environment of an adapter that may read the view, and nothing else. */
function reader({ env }: Postgres): Record<string, string> {
  return { ...env, PGUSER: "reader" };
}

function serve(folder: Folder, database: Postgres, ready = true): Promise<Xcp> {
  return startXcp({ args: [folder.at("adapter.ts"), "--adapter-env", "PG*"], env: reader(database), ready });
}

/** A service with a prefix, on backends. */
function service(name: string, prefix: string, ...backends: readonly Backend[]): string {
  const endpoints = backends.map(({ port }) => endpoint(name, port)).join("");
  return `insert into services (group_name, service, path_prefix) values ('default', '${name}', '${prefix}');${endpoints}`;
}

function endpoint(service: string, port: number): string {
  return `insert into endpoints (group_name, service, address, port) values ('default', '${service}', '127.0.0.1', ${port});`;
}

/** How often clients of a group acknowledged a response, by the short name of its type. */
async function acknowledged(xcp: Xcp): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const line of (await xcp.get("/metrics")).text.split("\n")) {
    const type = /^xcp_responses_total\{.*type="([^"]+)",result="ack"\} /.exec(line)?.[1];
    if (type !== undefined) counts[type] = Number(line.split(" ").at(-1));
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

async function errorsOf(xcp: Xcp): Promise<string> {
  return (await groupOf(xcp)).issues.map(({ message }) => message).join("\n");
}

Deno.test({
  name: "rows of a database are services and endpoints, and an endpoint that changes is all that Envoy is told",
  ignore,
  async fn() {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    const port = freePort();
    await using site = await startDatabase(port);
    const { database, folder } = site;
    await database.execute(`${service("hello", "/", red)}insert into groups values ('empty', 10000)`);

    const { code, stderr } = await runXcp(["validate", folder.at("adapter.ts"), "--adapter-env", "PG*"], {
      env: reader(database),
    });
    assertEquals([code, stderr], [0, "0 errors, 0 warnings in 1 file (6 resources)\n"]);

    await using xcp = await serve(folder, database);
    await using envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
    const [hello, orders] = [`http://127.0.0.1:${port}/`, `http://127.0.0.1:${port}/orders/1`];
    await eventuallyAnswers(orders, { body: "red" });
    await database.execute(service("orders", "/orders", blue));
    await eventuallyAnswers(orders, { body: "blue" });
    await eventuallyAnswers(`http://127.0.0.1:${port}/ordersheet`, { body: "red" });

    // Endpoints come, get ill, and go.
    const told = (expected: Record<string, number>) =>
      eventually(async () => JSON.stringify(await acknowledged(xcp)) === JSON.stringify(expected), {
        describe: async () => `${JSON.stringify(expected)}, found ${JSON.stringify(await acknowledged(xcp))}`,
      });
    await told({ cluster: 2, endpoint: 2, listener: 1, route: 2 });
    await database.execute(endpoint("orders", red.port));
    await eventuallyAnswers(orders, { body: "red" });
    await database.execute(`update endpoints set healthy = false where service = 'orders' and port = ${red.port}`);
    await eventually(async () => /failed_eds_health/.test(await envoy.get("/clusters")));
    for (let i = 0; i < 4; i++) await eventuallyAnswers(orders, { body: "blue" });
    await database.execute(`delete from endpoints where service = 'orders' and port = ${red.port}`);
    await eventually(async () => (await envoy.clusters())["orders"]?.length === 1);
    await told({ cluster: 2, endpoint: 5, listener: 1, route: 2 });

    // What is one transaction is one change, and what is rolled back is none.
    await database.execute(`
      delete from services where service = 'orders';
      update services set path_prefix = '/hello' where service = 'hello';
      ${service("everything", "/", blue)}`);
    await eventuallyAnswers(`${hello}hello`, { body: "red" });
    await eventuallyAnswers(orders, { body: "blue" });
    await eventually(async () => Object.keys(await envoy.clusters()).sort().join() === "everything,hello,xcp", {
      describe: async () => `three clusters, found ${Object.keys(await envoy.clusters())}`,
    });

    // A group comes and goes.
    await database.execute("insert into groups values ('edge', 10000)");
    await eventually(async () => (await xcp.get("/v1/groups/edge")).status === 200);
    await database.execute("delete from groups where group_name = 'edge'");
    await eventually(async () => (await xcp.get("/v1/groups/edge")).status === 404);
    assertEquals(await errorsOf(xcp), "");
    for (const type of ["cluster_manager.cds", "listener_manager.lds", "http.http.rds.http"]) {
      assertEquals(await envoy.stat(`${type}.update_rejected`), 0);
    }
  },
});

Deno.test({
  name: "a database that goes away costs no request and is said; what changed meanwhile is followed when it is back",
  ignore,
  async fn() {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    const port = freePort();
    await using site = await startDatabase(port);
    const { database, folder } = site;
    await database.execute(service("hello", "/", red));
    await using xcp = await serve(folder, database);
    await database.execute("insert into groups values ('leaving', 10000)");
    await eventually(async () => (await xcp.get("/v1/groups/leaving")).status === 200);
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
    const url = `http://127.0.0.1:${port}/`;
    await eventuallyAnswers(url, { body: "red" });
    await using load = startLoad({ url });

    await database.stop();
    await eventually(async () => /the database is away: /.test(await errorsOf(xcp)), {
      describe: async () => `the database to be away, found "${await errorsOf(xcp)}"; the log:\n${xcp.log()}`,
    });
    const { stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
    assertMatch(stdout, /the database is away: /);
    await eventuallyAnswers(url, { body: "red" });

    // Changed where the adapter does not hear of it.
    await database.start({ hidden: true });
    await database.execute(`
      update endpoints set port = ${blue.port};
      insert into groups values ('new', 10000);
      delete from groups where group_name = 'leaving'`);
    await database.stop();
    await eventuallyAnswers(url, { body: "red" });
    await database.start();
    await eventuallyAnswers(url, { body: "blue" });
    await eventually(async () => await errorsOf(xcp) === "");
    await eventually(async () => (await xcp.get("/v1/groups/new")).status === 200);
    await eventually(async () => (await xcp.get("/v1/groups/leaving")).status === 404);

    // The connection is cut by the very transaction that changes something.
    await database.execute(`
      update endpoints set port = ${red.port};
      select pg_terminate_backend(pid, 1000) from pg_stat_activity where application_name = 'xcp'`);
    await eventuallyAnswers(url, { body: "red" });
    // It listens again.
    await eventually(async () => await errorsOf(xcp) === "");
    await database.execute(`update endpoints set port = ${blue.port}`);
    await eventuallyAnswers(url, { body: "blue" });

    const { failures } = await load.stop();
    assertEquals(failures, []);
    assertEquals(xcp.log().includes(database.env.PGPASSWORD ?? ""), false, "the password is in the log");
    assertEquals(xcp.log().match(/An adapter is running/g)?.length, 1);
  },
});

Deno.test({
  name: "a database that says nothing any more is noticed, and left for one that does",
  ignore,
  async fn() {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    const port = freePort();
    await using site = await startDatabase(port);
    const { database, folder } = site;
    await database.execute(service("hello", "/", red));
    // The same adapter, less patient.
    const text = await readFile(folder.at("adapter.ts"), "utf8");
    const hasty = text.replace("TIMEOUT = 5_000", "TIMEOUT = 1_000").replace("HEARTBEAT = 10_000", "HEARTBEAT = 500");
    await folder.write("adapter.ts", hasty);
    await using xcp = await serve(folder, database);
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
    const url = `http://127.0.0.1:${port}/`;
    await eventuallyAnswers(url, { body: "red" });
    await database.freeze();
    await eventually(async () => /the database is away: .*timeout/i.test(await errorsOf(xcp)), {
      describe: async () => `the database to be away, found "${await errorsOf(xcp)}"; the log:\n${xcp.log()}`,
    });
    await eventuallyAnswers(url, { body: "red" });
    database.thaw();
    await database.execute(`update endpoints set port = ${blue.port}`);
    await eventuallyAnswers(url, { body: "blue" });
    await eventually(async () => await errorsOf(xcp) === "");
  },
});

Deno.test({
  name: "without a database at the start xcp is not ready, says why, and heals",
  ignore,
  async fn() {
    await using red = await startBackend("red");
    const port = freePort();
    await using site = await startDatabase(port);
    const { database, folder } = site;
    await database.execute(service("hello", "/", red));
    await database.stop();
    await using xcp = await serve(folder, database, false);
    const { status, text } = await xcp.get("/readyz");
    assertEquals(status, 503);
    assertStringIncludes(text, "ECONNREFUSED");
    await database.start();
    await eventually(async () => (await xcp.get("/readyz")).status === 200, { timeout: 30_000 });
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
    await eventuallyAnswers(`http://127.0.0.1:${port}/`, { body: "red" });
  },
});
