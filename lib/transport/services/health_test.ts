import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { status } from "@grpc/grpc-js";
import { RESOURCE_TYPES } from "../../model/types.ts";
import { until } from "../testing.ts";
import { cluster, encode, jsonClient, startServed } from "../../../test/services.ts";

const CHECK = "grpc.health.v1.Health/Check";
const WATCH = "grpc.health.v1.Health/Watch";
const READY = { default: [cluster("a")] };

Deno.test("health is that of the hub, the same for the whole and for each service", async () => {
  await using server = await startServed();
  using client = jsonClient(server.address);
  const services = ["", ...RESOURCE_TYPES.map(({ discovery }) => discovery.service)];
  services.push("envoy.service.discovery.v3.AggregatedDiscoveryService");
  services.push("envoy.service.load_stats.v3.LoadReportingService");
  services.push("envoy.service.status.v3.ClientStatusDiscoveryService");
  for (const service of services) {
    assertEquals((await client.ask(CHECK, { service })).json, { status: "NOT_SERVING" }, service);
  }
  server.set(READY);
  for (const service of services) {
    assertEquals((await client.ask(CHECK, { service })).json, { status: "SERVING" }, service);
  }
  const { json } = await client.ask("grpc.health.v1.Health/List");
  assertEquals(json, { statuses: Object.fromEntries(services.map((service) => [service, { status: "SERVING" }])) });
});

Deno.test("the health of a service that is not there is not found", async () => {
  await using server = await startServed({ groups: READY });
  using client = jsonClient(server.address);
  const { code, details } = await client.ask(CHECK, { service: "no.such.Service" });
  assertEquals(code, status.NOT_FOUND);
  assertStringIncludes(details, '"no.such.Service"');
});

Deno.test("a request that is no message, or is too long, is refused", async () => {
  await using server = await startServed({ groups: READY });
  using client = jsonClient(server.address);
  assertEquals((await client.raw(CHECK, new Uint8Array([0xff]))).code, status.INVALID_ARGUMENT);
  assertEquals((await client.ask(CHECK, { service: "x".repeat(2_000) })).code, status.INVALID_ARGUMENT);
  const watch = client.stream(WATCH);
  watch.raw(encode("grpc.health.v1.HealthCheckRequest", { service: "x".repeat(2_000) }));
  await until("the watch ends", () => watch.ended === "INVALID_ARGUMENT");
});

Deno.test("a watch is told of each change, and of the end", async () => {
  await using server = await startServed();
  using client = jsonClient(server.address);
  const watch = client.stream(WATCH, { service: "" });
  const unknown = client.stream(WATCH, { service: "no.such.Service" });
  await until("the first answers", () => watch.messages.length + unknown.messages.length === 2);
  server.set(READY);
  await until("the change", () => watch.messages.length === 2);
  server.set({ default: [cluster("b")] });
  await server.transport.drain(2_000, 0);
  await until("the end", () => watch.ended !== undefined && unknown.ended !== undefined);
  assertEquals(watch.messages, [{ status: "NOT_SERVING" }, { status: "SERVING" }, { status: "NOT_SERVING" }]);
  assertEquals(unknown.messages, [{ status: "SERVICE_UNKNOWN" }]);
  assertEquals([watch.ended, unknown.ended], ["UNAVAILABLE", "UNAVAILABLE"]);
});

Deno.test("watches are bounded, and one that goes makes room", async () => {
  const limits = { maxStreams: 2, maxStreamsPerConnection: 100, maxRestConnections: 1, maxRequestBytes: 1 << 20 };
  await using server = await startServed({ groups: READY, transport: { limits } });
  using client = jsonClient(server.address);
  const [first, second] = [client.stream(WATCH, {}), client.stream(WATCH, {})];
  await until("both watch", () => first.messages.length + second.messages.length === 2);
  const third = client.stream(WATCH, {});
  await until("the third is refused", () => third.ended === "RESOURCE_EXHAUSTED");
  first.cancel();
  await until("there is room", async () => {
    const next = client.stream(WATCH, {});
    await until("an answer", () => next.messages.length > 0 || next.ended !== undefined);
    next.cancel();
    return next.messages.length > 0;
  });
  assert(second.ended === undefined);
});

Deno.test("changes that come faster than they can be sent are told in the end", async () => {
  await using server = await startServed({ groups: READY });
  using client = jsonClient(server.address);
  const watch = client.stream(WATCH, {});
  await until("the first answer", () => watch.messages.length === 1);
  let ready = true;
  Object.defineProperty(server.hub, "readiness", { value: () => ({ ready, reasons: [] }) });
  for (let i = 0; i < 1_001; i++) {
    ready = !ready;
    server.set({ default: [cluster(`c${i}`)] });
  }
  await until("the last state", () => JSON.stringify(watch.messages.at(-1)) === '{"status":"NOT_SERVING"}');
  // Not every change is told, and none twice.
  const told = watch.messages.map((message) => JSON.stringify(message));
  assertEquals(told.filter((message, i) => message === told[i - 1]), []);
  assertEquals((await client.ask(CHECK)).json, { status: "NOT_SERVING" });
});
