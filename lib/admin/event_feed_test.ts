import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "node:net";
import type { HubEvent } from "../hub/status.ts";
import { startHttpServer } from "../http_server.ts";
import { CLUSTER } from "../model/types.ts";
import { EventFeed, type EventFeedOptions } from "./event_feed.ts";
import { fakeHub } from "./testing/fake_hub.ts";
import { setUp } from "./testing/set_up.ts";

const NODE = { id: "edge-1", cluster: "edge", locality: "", userAgent: "envoy" };
const NODE_JSON = { id: "edge-1", cluster: "edge", locality: "", user_agent: "envoy" };
const AT = "1970-01-01T00:00:03.500Z";
const STREAM = { stream: "1", mode: "delta", service: undefined, group: "edge" } as const;

const CONNECTED: HubEvent = { kind: "connected", ...STREAM, node: NODE, address: "10.0.0.1:1" };
const DISCONNECTED: HubEvent = { kind: "disconnected", ...STREAM, node: NODE };
const RELOADED: HubEvent = { kind: "reloaded", ok: true, changed: ["edge"], held: [], gone: ["old"], issues: [] };

function acknowledged(version: string, more: { stream?: string; group?: string } = {}): HubEvent {
  const { stream = "1", group = "edge" } = more;
  return { kind: "acknowledged", stream, group, type: CLUSTER.url, version, propagationMs: 250 };
}

function feedOf(more: Partial<EventFeedOptions> = {}) {
  const stop = new AbortController();
  const feed = new EventFeed({ hub: fakeHub(), now: () => 3_500, signal: stop.signal, ...more });
  const open = (lastId?: string, filter: { group?: string; node?: string } = {}) => {
    const stream = feed.open({ group: filter.group, node: filter.node }, lastId, () => {});
    return stream === undefined ? undefined : follow(stream);
  };
  return { feed, open, stop: () => stop.abort() };
}

/** Reads events one by one; what is no event is left out. */
function follow(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  async function frame(): Promise<string | undefined> {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return found;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  }
  async function next() {
    for (;;) {
      const found = await frame();
      if (found === undefined) return undefined;
      const [, id, event, data = ""] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(found) ?? [];
      if (id !== undefined) return { id, event, data: JSON.parse(data) };
    }
  }
  return { frame, next, cancel: () => reader.cancel() };
}

Deno.test("every event of the hub is told with an id, its kind and snake_case data", async () => {
  const { feed, open } = feedOf();
  const reader = open();
  const rejected = { stream: "1", node: NODE, group: "edge", type: CLUSTER.url, version: "v", message: "a\n\nb" };
  feed.observe(CONNECTED);
  feed.observe(acknowledged("v"));
  feed.observe({ kind: "rejected", ...rejected });
  feed.observe(RELOADED);
  feed.observe({ ...DISCONNECTED, node: undefined, group: undefined });
  const events = [];
  for (let i = 0; i < 5; i++) events.push(await reader?.next());
  const stream = { at: AT, stream: "1", mode: "delta", service: null };
  assertEquals(events.map((each) => [each?.event, each?.data]), [
    ["connected", { ...stream, node: NODE_JSON, group: "edge", address: "10.0.0.1:1" }],
    [
      "acknowledged",
      { at: AT, stream: "1", group: "edge", type: CLUSTER.url, version: "v", propagation_seconds: 0.25 },
    ],
    ["rejected", { at: AT, ...rejected, node: NODE_JSON }],
    ["reloaded", { at: AT, ok: true, changed: ["edge"], held: [], gone: ["old"], issues: [] }],
    ["disconnected", { ...stream, node: null, group: null }],
  ]);
  assertEquals(new Set(events.map((each) => each?.id)).size, 5);
  await reader?.cancel();
  assertEquals(feed.readers, 0);
});

Deno.test("a reader hears of one group or one node, whoever an ACK is from", async () => {
  const { feed, open } = feedOf();
  const all = [
    CONNECTED,
    acknowledged("a"),
    acknowledged("b", { group: "other", stream: "2" }),
    RELOADED,
    DISCONNECTED,
  ];
  const kinds = async (filter: { group?: string; node?: string }, count: number) => {
    const reader = open(undefined, filter);
    for (const event of all) feed.observe(event);
    const heard = [];
    for (let i = 0; i < count; i++) heard.push((await reader?.next())?.event);
    await reader?.cancel();
    return heard;
  };
  assertEquals(await kinds({ group: "edge" }, 4), ["connected", "acknowledged", "reloaded", "disconnected"]);
  assertEquals(await kinds({ group: "old" }, 1), ["reloaded"]);
  assertEquals(await kinds({ group: "other" }, 1), ["acknowledged"]);
  // The fake hub knows stream 1 as node edge-1, and no stream 2.
  assertEquals(await kinds({ node: "edge-1" }, 3), ["connected", "acknowledged", "disconnected"]);
});

Deno.test("who comes back hears what it missed, also of a stream that is gone", async () => {
  const { feed, open } = feedOf({ hub: { node: () => undefined } });
  const first = open();
  feed.observe(CONNECTED);
  const last = await first?.next();
  await first?.cancel();
  feed.observe(acknowledged("a"));
  feed.observe(acknowledged("b", { group: "other", stream: "2" }));
  feed.observe(DISCONNECTED);
  const again = open(last?.id, { node: "edge-1" });
  feed.observe(CONNECTED);
  const heard = [];
  for (let i = 0; i < 3; i++) heard.push((await again?.next())?.event);
  assertEquals(heard, ["acknowledged", "disconnected", "connected"]);
  await again?.cancel();
});

Deno.test("who comes back too late, or to another process, is told that something is missing", async () => {
  const { feed, open } = feedOf({ kept: 3 });
  const first = open();
  feed.observe(acknowledged("0"));
  const old = (await first?.next())?.id ?? "";
  await first?.cancel();
  for (const version of ["1", "2", "3"]) feed.observe(acknowledged(version));
  const versions = async (id: string, count: number) => {
    const reader = open(id);
    const heard = [];
    for (let i = 0; i < count; i++) {
      const event = await reader?.next();
      heard.push(event?.event === "missed" ? event.data.after : event?.data.version);
    }
    await reader?.cancel();
    return heard;
  };
  assertEquals(await versions(old, 3), ["1", "2", "3"]);
  feed.observe(acknowledged("4"));
  assertEquals(await versions(old, 4), [old, "2", "3", "4"]);
  for (const strange of ["other-1", old.replace(/\d+$/, "999"), "nonsense"]) {
    assertEquals(await versions(strange, 1), [strange]);
  }
});

Deno.test("a reader that does not read is given up", async () => {
  const { feed, open } = feedOf({ mostWaiting: 2_000 });
  let cuts = 0;
  const reader = feed.open({ group: undefined, node: undefined }, undefined, () => cuts++);
  const other = open();
  for (let i = 0; i < 50 && feed.readers === 2; i++) {
    feed.observe(acknowledged(`${i}`));
    assertEquals((await other?.next())?.data.version, `${i}`);
  }
  assertEquals([feed.readers, cuts], [1, 1]);
  await reader?.cancel();
  await other?.cancel();
});

Deno.test("there is a sign of life when nothing happens", async () => {
  const { open } = feedOf({ heartbeatMs: 5 });
  const reader = open();
  assertMatch(await reader?.frame() ?? "", /^retry: \d+$/);
  assertEquals([await reader?.frame(), await reader?.frame()], [":", ":"]);
  await reader?.cancel();
});

Deno.test("readers are bounded, and end with the server", async () => {
  const { feed, open, stop } = feedOf({ mostReaders: 2 });
  const readers = [open(), open()];
  assertEquals(open(), undefined);
  stop();
  for (const reader of readers) assertEquals(await reader?.next(), undefined);
  assertEquals(feed.readers, 0);
  assertEquals(await open()?.next(), undefined);
});

Deno.test("events come over a connection, which ends with the server; HEAD begins nothing", async () => {
  const { app, hub, stop } = setUp();
  const server = await startHttpServer({ address: { kind: "tcp", host: "127.0.0.1", port: 0 }, fetch: app.fetch });
  const head = await fetch(`${server.url}/v1/events`, { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-type")], [200, "text/event-stream"]);
  const response = await fetch(`${server.url}/v1/events?group=edge`);
  assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  assert(response.body);
  const reader = follow(response.body);
  hub.tell(RELOADED);
  assertEquals((await reader.next())?.event, "reloaded");
  stop();
  assertEquals(await reader.next(), undefined);
  await server.close();
});

Deno.test("a connection whose reader does not read is cut", async () => {
  const { app, hub, stop } = setUp();
  const server = await startHttpServer({ address: { kind: "tcp", host: "127.0.0.1", port: 0 }, fetch: app.fetch });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write("GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  await new Promise((resolve) => socket.once("readable", resolve));
  // What the system takes for both sides comes on top of what waits here.
  const message = "x".repeat(100_000);
  for (let i = 0; i < 400; i++) {
    hub.tell({ kind: "rejected", stream: "1", node: NODE, group: "edge", type: CLUSTER.url, version: "", message });
    if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {}).resume();
  await closed;
  stop();
  await server.close();
});
