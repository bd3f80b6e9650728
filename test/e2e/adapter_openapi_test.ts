import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { copyExample, findModules } from "../tools/adapter_example.ts";
import {
  type Backend,
  eventually,
  type Folder,
  freePort,
  groupOf,
  NEEDS_ENVOY,
  runXcp,
  startBackend,
  startFollower,
  startXcp,
  type Xcp,
} from "./harness.ts";

const modules = await findModules("openapi");
if (modules.path === undefined) console.error(modules.reason);
const ignore = NEEDS_ENVOY.ignore || modules.path === undefined;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends `GET api.example.com/v1/orders` with further headers. */
function send(port: number, line: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const [, method, host, path] = /^(\w+) ([^/]*)(.*)$/.exec(line) ?? [];
  if (method === undefined || host === undefined || path === undefined) throw new Error(`no request: ${line}`);
  return new Promise((resolve, reject) => {
    const options = { port, method, path, headers: { ...headers, host, connection: "close" }, agent: false as const };
    const call = request({ host: "127.0.0.1", ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => body += piece);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

const UUID = "5f0c8a1e-3b52-4c1d-9b43-1c2d3e4f5a6b";

/** Requests, and what comes of each: the upstream that answers, or Envoy itself. */
const REQUESTS: readonly [line: string, answer: string, headers?: Readonly<Record<string, string>>][] = [
  ["GET api.example.com/v1/orders", "orders"],
  ["GET api.example.com:8443/v1/orders?limit=2", "orders"],
  ["GET api.example.com/v1/orders/17", "orders"],
  ["DELETE api.example.com/v1/orders/17", "orders"],
  ["GET api.example.com/v1/orders/17/items?all", "orders"],
  ["GET api.example.com/v1/orders/export?format=csv", "orders"],
  ["GET api.example.com/v1/orders/export", "400 Required: query format\n"],
  ["GET api.example.com/v1/orders/export?format=pdf", "400 Required: query format\n"],
  ["POST api.example.com/v1/orders", "orders", { "idempotency-key": UUID }],
  ["POST api.example.com/v1/orders", "400 Required: header Idempotency-Key\n"],
  ["POST api.example.com/v1/orders", "400 Required: header Idempotency-Key\n", { "idempotency-key": "again" }],
  ["PUT api.example.com/v1/orders", "405 allow: GET, POST"],
  ["PATCH api.example.com/v1/orders/17", "405 allow: GET, DELETE"],
  ["DELETE api.example.com/v1/orders/export?format=csv", "405 allow: GET"],
  // No order has a number like these, and no path is like those.
  ["GET api.example.com/v1/orders/latest", "404 "],
  ["GET api.example.com/v1/orders/17/", "404 "],
  ["GET api.example.com/v1/orders/17/items/3", "404 "],
  ["GET api.example.com/v1/ordersheet", "404 "],
  ["GET api.example.com/orders", "404 "],
  // Paths that mean another one.
  ["GET api.example.com/v1//orders/./17", "orders"],
  ["GET api.example.com/v1/orders/17/../../admin", "404 "],
  ["GET api.example.com/catalog/products/..%2Fadmin", "400 "],
  // Another API of that host, and the same on hosts of its own.
  ["GET api.example.com/catalog/products?q=tea", "catalog"],
  ["GET api.example.com/catalog/products", "400 Required: query q\n"],
  ["GET api.example.com/catalog/products/a=b", "catalog"],
  ["GET eu.catalog.example.com/products/tea", "catalog"],
  // What is written out wins over what is a parameter, wherever it stands.
  ["PUT eu.catalog.example.com/products/featured", "catalog"],
  ["PUT eu.catalog.example.com/products/tea", "405 allow: GET"],
  ["GET us.catalog.example.com/products/tea/image.webp", "catalog"],
  ["GET us.catalog.example.com/products/tea/image.gif", "404 "],
  ["GET us.catalog.example.com/products/tea/imagexwebp", "404 "],
  ["GET cn.catalog.example.com/products/tea", "404 "],
  ["GET us.catalog.example.com/v1/orders", "404 "],
];

function told({ status, headers, body }: Answer): string {
  if (headers["x-colour"] !== undefined) return String(headers["x-colour"]);
  return `${status} ${headers.allow === undefined ? body : `allow: ${headers.allow}`}`;
}

/** Rewrites a document as an editor does. */
async function edit(folder: Folder, name: string, change: (text: string) => string): Promise<void> {
  await folder.write(`apis/${name}`, change(await readFile(folder.at("apis", name), "utf8")));
}

async function pointAt(folder: Folder, orders: Backend, catalog: Backend): Promise<void> {
  await edit(folder, "orders.yaml", (text) => text.replace("127.0.0.1:8081", `127.0.0.1:${orders.port}`));
  await edit(
    folder,
    "catalog.yaml",
    (text) => text.replaceAll(/127.0.0.1:8082|localhost:8083/g, `127.0.0.1:${catalog.port}`),
  );
}

async function errorsOf(xcp: Xcp, group: string): Promise<readonly string[]> {
  return (await groupOf(xcp, group)).issues.map(({ message }) => message);
}

Deno.test({
  name: "OpenAPI documents are routes: hosts, paths, methods, what a request has to have",
  ignore,
  async fn() {
    await using orders = await startBackend("orders");
    await using catalog = await startBackend("catalog");
    await using folder = await copyExample("openapi", modules.path ?? "");
    await pointAt(folder, orders, catalog);
    const port = freePort();
    const env = { OPENAPI_PORT: `${port}` };
    const args = [folder.at("adapter.ts"), "--adapter-env", "OPENAPI_PORT"];

    const { code, stdout, stderr } = await runXcp(["validate", ...args], { env });
    assertEquals([code, stderr], [0, "0 errors, 0 warnings in 1 file (7 resources)\n"], stdout);

    await using xcp = await startXcp({ args, env });
    await using envoy = await startFollower({ xds: xcp.xds, mode: "delta" });
    const found: string[] = [];
    for (const [line, , headers] of REQUESTS) found.push(`${line}: ${told(await send(port, line, headers))}`);
    assertEquals(found, REQUESTS.map(([line, answer]) => `${line}: ${answer}`));
    const { groups } = await xcp.json<{ groups: { name: string }[] }>("/v1/groups");
    assertEquals(groups.map(({ name }) => name), ["default", "partners"]);
    assertEquals(await envoy.stat("listener_manager.lds.update_rejected"), 0);
    assertEquals(await envoy.stat("http.apis.rds.apis.update_rejected"), 0);
    assertEquals(await envoy.stat("cluster_manager.cds.update_rejected"), 0);
  },
});

Deno.test({
  name:
    "an OpenAPI document that changes changes its routes; one that is broken changes nothing, and stops no other group",
  ignore,
  async fn() {
    await using orders = await startBackend("orders");
    await using moved = await startBackend("moved");
    await using catalog = await startBackend("catalog");
    await using folder = await copyExample("openapi", modules.path ?? "");
    await pointAt(folder, orders, catalog);
    const port = freePort();
    const args = [folder.at("adapter.ts"), "--adapter-env", "OPENAPI_*"];
    await using xcp = await startXcp({ args, env: { OPENAPI_PORT: `${port}` } });
    await using _envoy = await startFollower({ xds: xcp.xds, mode: "sotw" });
    const answers = (line: string, answer: string) => {
      let last = "";
      return eventually(async () => (last = told(await send(port, line))) === answer, {
        describe: () => `"${line}" to be answered with "${answer}", and not with "${last}"; the log:\n${xcp.log()}`,
      });
    };
    await answers("GET api.example.com/v1/orders", "orders");

    // Another upstream, another path, another document.
    const partners = (await groupOf(xcp, "partners")).revision;
    await edit(folder, "orders.yaml", (text) => text.replace(`:${orders.port}`, `:${moved.port}`));
    await answers("GET api.example.com/v1/orders", "moved");
    await edit(folder, "orders.yaml", (text) => text.replace("  /orders/{id}/items:", "  /orders/{id}/lines:"));
    await answers("GET api.example.com/v1/orders/17/lines", "moved");
    await answers("GET api.example.com/v1/orders/17/items", "404 ");
    await folder.write(
      "apis/health.json",
      JSON.stringify({
        openapi: "3.1.1",
        "x-upstream": `127.0.0.1:${catalog.port}`,
        paths: { "/health": { get: {} } },
      }),
    );
    await answers("GET anything.example/health", "catalog");
    await folder.remove("apis/health.json");
    await answers("GET anything.example/health", "404 ");
    assertEquals((await groupOf(xcp, "partners")).revision, partners);

    // Broken: no YAML, no OpenAPI, in conflict with another, no Envoy would take it.
    const whole = await readFile(folder.at("apis/catalog.yaml"), "utf8");
    const breaks: readonly [string, RegExp][] = [
      [`${whole}  oops: [`, /Cannot use "catalog\.yaml": .* at line \d+, column 10 /],
      [whole.replace("3.0.3", "2.0"), /Cannot use "catalog\.yaml": it does not say that it is OpenAPI 3\.0 or 3\.1/],
      [whole.replace("x-upstream", "x-up"), /Cannot use "catalog\.yaml": it does not say where its servers are/],
      [whole.replace("example.com/catalog", "example.com/v1").replaceAll("products", "orders"), /is in "\w+" already/],
      [whole.replace("weight: 3", "weight: -3"), /In cluster "catalog" of group "default": -3 does not fit/],
    ];
    for (const [text, reason] of breaks) {
      await folder.write("apis/catalog.yaml", text);
      const describe = async () => `${reason}, found ${await errorsOf(xcp, "default")}; the log:\n${xcp.log()}`;
      await eventually(async () => (await errorsOf(xcp, "default")).some((message) => reason.test(message)), {
        describe,
      });
      assertEquals(told(await send(port, "GET api.example.com/v1/orders")), "moved");
      assertEquals(told(await send(port, "GET api.example.com/catalog/products/tea")), "catalog");
    }
    assertEquals(await errorsOf(xcp, "partners"), []);
    await edit(folder, "partners/invoices.yaml", (text) => text.replaceAll("/invoices/", "/bills/"));
    await eventually(async () => {
      assertStringIncludes((await xcp.get("/v1/groups/partners/effective?type=route")).text, "/bills/");
      return true;
    });
    // A new group, which goes again, while that one is broken.
    await folder.write("apis/internal/orders.yaml", await readFile(folder.at("apis/orders.yaml")));
    await eventually(async () => (await xcp.get("/v1/groups/internal")).status === 200);
    await folder.remove("apis/internal");
    await eventually(async () => (await xcp.get("/v1/groups/internal")).status === 404);

    await folder.write("apis/catalog.yaml", whole.replaceAll("/products", "/goods"));
    await answers("GET api.example.com/catalog/goods/tea", "catalog");
    assertEquals(await errorsOf(xcp, "default"), []);
    assert(!/restart|started again/.test(xcp.log()), xcp.log());
  },
});
