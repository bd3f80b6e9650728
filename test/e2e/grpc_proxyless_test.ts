import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLUSTER } from "../../lib/model/types.ts";
import { findGrpcClient, GRPC_CLIENTS, type GrpcProgram } from "../tools/grpc_clients.ts";
import {
  clientsOf,
  cluster,
  documents,
  eventually,
  type Folder,
  freePort,
  groupOf,
  runXcp,
  startXcp,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";
import { type GrpcBackend, startGrpcBackend } from "./proxyless/backend.ts";
import { type Caller, startCaller } from "./proxyless/caller.ts";
import { apiListener, localityEndpoints, weightedRoute } from "./proxyless/site.ts";

/** gRPC's UNAVAILABLE: the status of a call whose target has no configuration. */
const UNAVAILABLE = 14;

/** The status of calls to a listener that never was there, where it differs: grpc-js goes on waiting for its name. */
const MISSING: Readonly<Record<string, number>> = { "grpc-js": 4 };

interface Service extends AsyncDisposable {
  readonly config: Folder;
  readonly xcp: Xcp;
  readonly caller: Caller;
}

async function startService(
  client: GrpcProgram,
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Service> {
  const stack = new AsyncDisposableStack();
  try {
    const config = stack.use(await temporaryFolder());
    for (const [name, content] of Object.entries(files)) await config.write(name, content);
    const xcp = stack.use(await startXcp({ args: [config.path, ...args] }));
    const caller = stack.use(await startCaller({ client, xds: xcp.xds }));
    return { config, xcp, caller, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** A cluster with its endpoints, as one file. */
function clusterFile(name: string, ...backends: readonly GrpcBackend[]): string {
  return documents(cluster(name), localityEndpoints(name, ...backends.map(({ port }) => port)));
}

/** Go's client may send a call by its new routes before its balancer has the cluster that they name. */
const OWN_RACE = /unknown cluster selected for RPC/;

function failuresOf(caller: Caller): unknown[] {
  return caller.failures().filter(({ error = "" }) => !OWN_RACE.test(error));
}

for (const client of GRPC_CLIENTS) {
  const { found, reason } = { reason: undefined, ...await findGrpcClient(client) };
  if (reason !== undefined) console.error(reason);
  const program = found ?? { program: "", args: [], env: {} };
  const options = { ignore: found === undefined };

  Deno.test(
    `${client.name}: calls follow weights, endpoints and a cluster that is replaced, and none fails`,
    options,
    async () => {
      await using red = await startGrpcBackend("red");
      await using blue = await startGrpcBackend("blue");
      await using green = await startGrpcBackend("green");
      await using service = await startService(program, {
        "listener.yaml": apiListener(),
        "route.yaml": weightedRoute({ one: 100, two: 0 }),
        "one.yaml": clusterFile("one", red),
        "two.yaml": clusterFile("two", blue),
      });
      const { caller, config } = service;
      await caller.hears("red");

      // Weights move from one cluster to the other.
      await config.write("route.yaml", weightedRoute({ one: 50, two: 50 }));
      await caller.hears("red", "blue");
      await config.write("route.yaml", weightedRoute({ two: 100 }));
      await caller.hears("blue");
      // Endpoints come and go.
      await config.write("two.yaml", clusterFile("two", blue, green));
      await caller.hears("blue", "green");
      await config.write("two.yaml", clusterFile("two", green));
      await caller.hears("green");
      // A cluster is replaced by another, and the routes follow, in one save.
      await config.write("three.yaml", documents(weightedRoute({ three: 1 }), clusterFile("three", red)));
      for (const file of ["route.yaml", "one.yaml", "two.yaml"]) await config.remove(file);
      await caller.hears("red");

      assertEquals(failuresOf(caller), []);
      assertEquals((await runXcp(["status", "--admin-url", service.xcp.admin])).code, 0);
    },
  );

  Deno.test(`${client.name}: what is missing is an error, and heals when it is written`, options, async () => {
    await using red = await startGrpcBackend("red");
    await using service = await startService(program, { "one.yaml": clusterFile("one", red) });
    const { caller, config } = service;
    // An absence may answer an older request, so gRPC waits for 15 s before it believes it.
    const missing = await caller.fails(MISSING[client.name] ?? UNAVAILABLE);
    assertMatch(missing.error ?? "", /colours|name resolution/);
    await config.write("service.yaml", documents(apiListener(), weightedRoute({ one: 1 })));
    await caller.hears("red");
    await config.remove("service.yaml");
    await caller.fails(UNAVAILABLE);
    // grpc-js takes no notice of a resource that comes back as it was.
    const again = client.name === "grpc-js" ? apiListener({ statPrefix: "again" }) : apiListener();
    await config.write("service.yaml", documents(again, weightedRoute({ one: 1 })));
    await caller.hears("red");
  });

  Deno.test(`${client.name}: calls go on while xcp is away, and follow it when it is back`, options, async () => {
    await using red = await startGrpcBackend("red");
    await using blue = await startGrpcBackend("blue");
    await using config = await temporaryFolder();
    await config.write("service.yaml", documents(apiListener(), weightedRoute({ one: 1 })));
    await config.write("one.yaml", clusterFile("one", red));
    const xds = `127.0.0.1:${freePort()}`;
    const serve = () => startXcp({ args: [config.path, "--listen", xds] });
    // The program is there first.
    await using caller = await startCaller({ client: program, xds });
    {
      await using xcp = await serve();
      await caller.hears("red");
      await xcp.child.stop("SIGKILL");
    }
    const before = failuresOf(caller).length;
    const asked = caller.calls().length;
    await eventually(() => caller.calls().length > asked + 50);
    await config.write("service.yaml", documents(apiListener(), weightedRoute({ two: 1 }), clusterFile("two", blue)));
    await using xcp = await serve();
    await caller.hears("blue");
    await config.remove("one.yaml");
    await eventually(async () => (await groupOf(xcp)).counts[CLUSTER.url] === 1);
    const heard = caller.calls().length;
    await eventually(() => caller.calls().length > heard + 20);
    assertEquals(failuresOf(caller).slice(before), []);
  });

  Deno.test(
    `${client.name}: its rejection is shown with its words while calls go on, until the next good change`,
    options,
    async () => {
      await using red = await startGrpcBackend("red");
      await using blue = await startGrpcBackend("blue");
      await using service = await startService(
        program,
        {
          "service.yaml": documents(apiListener(), weightedRoute({ one: 1 })),
          "one.yaml": clusterFile("one", red),
          // What the client says is wanted here, and xcp would not let it come to that.
        },
        "--validate",
        "off",
      );
      const { caller, config, xcp } = service;
      await caller.hears("red");

      // There is no listener without the router at the end of its filters.
      await config.write("service.yaml", documents(apiListener({ filters: FAULT }), weightedRoute({ one: 1 })));
      const rejected = await eventually(async () => {
        const [client] = await clientsOf(xcp);
        return client?.subscriptions.find(({ rejected }) => rejected !== null)?.rejected;
      });
      assertMatch(rejected.message, /filter/);
      const { code, stdout } = await runXcp(["status", "--admin-url", xcp.admin]);
      assertEquals(code, 1);
      assert(stdout.includes("colours-1"), stdout);
      // Other types go on.
      await config.write("one.yaml", clusterFile("one", blue));
      await caller.hears("blue");

      await config.write("service.yaml", documents(apiListener(), weightedRoute({ one: 1 })));
      await eventually(async () => (await runXcp(["status", "--admin-url", xcp.admin])).code === 0);
      await caller.hears("blue");
      assertEquals(caller.failures(), []);
    },
  );
}

const core = GRPC_CLIENTS.find(({ name }) => name === "C-core");
const { found: coreProgram } = { found: undefined, ...(core && await findGrpcClient(core)) };

// gRFC A88, where a client has it: what is missing is said in so many words, so nobody waits for 15 s.
Deno.test("C-core: it is told at once what is missing", { ignore: coreProgram === undefined }, async () => {
  await using red = await startGrpcBackend("red");
  const { program = "", args = [], env = {} } = coreProgram ?? {};
  const patient = { program, args, env: { ...env, GRPC_EXPERIMENTAL_XDS_DATA_ERROR_HANDLING: "true" } };
  await using service = await startService(patient, { "one.yaml": clusterFile("one", red) });
  const first = await eventually(() => service.caller.calls()[0]);
  assertEquals(first.code, UNAVAILABLE);
  assertMatch(first.error ?? "", /colours: the server has no such resource/);
  await service.config.write("service.yaml", documents(apiListener(), weightedRoute({ one: 1 })));
  await service.caller.hears("red");
});

const FAULT = `      - name: fault
        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault }
`;
