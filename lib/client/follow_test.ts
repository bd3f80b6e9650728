import { type AddressInfo, createServer, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { assertEquals, assertRejects } from "@std/assert";
import { CLUSTER, ENDPOINTS } from "../model/types.ts";
import { openChannel } from "./channel.ts";
import { ClientError } from "./error.ts";
import { follow, type FollowOptions } from "./follow.ts";
import type { Query } from "./messages.ts";
import { deltaCluster, query, type Script, sotwCluster, startServer, type TestServer } from "./testing.ts";

async function settled(server: TestServer, asked: Partial<Query> = {}, options: Partial<FollowOptions> = {}) {
  return await follow(server.channel(), query(asked), { timeoutMs: 10_000, until: "settled", ...options });
}

async function failure(script: Script, asked: Partial<Query> = {}, options: Partial<FollowOptions> = {}) {
  await using server = await startServer(script);
  const error = await assertRejects(() => settled(server, asked, options), ClientError);
  return `${error.failure}: ${error.message}`;
}

Deno.test("delta: names are subscribed once, and the answer is acknowledged before the client goes", async () => {
  await using server = await startServer((stream, _, nth) => {
    if (nth === 1) {
      stream.delta({ typeUrl: CLUSTER.url, nonce: "n1", systemVersionInfo: "s", resources: [deltaCluster("a", "1")] });
    }
  });
  const holding = await settled(server, { names: ["a"] });
  assertEquals(holding.resources.map(({ name, version }) => [name, version]), [["a", "1"]]);
  assertEquals(holding.version, "s");
  const [stream] = server.streams;
  assertEquals(stream?.requests.map(({ names, nonce, error }) => [names, nonce, error]), [
    [["a"], "", undefined],
    [[], "n1", undefined],
  ]);
  const [first, second] = stream?.requests ?? [];
  assertEquals([first?.node?.id, first?.node?.cluster, second?.node], ["n", "c", undefined]);
  assertEquals(first?.node?.features.includes("xds.config.supports-resource-ttl"), true);
});

Deno.test("state of the world: the acknowledgement repeats the names, with version and nonce", async () => {
  await using server = await startServer((stream, _, nth) => {
    if (nth > 2) return;
    const names = nth === 1 ? ["a"] : ["b"];
    stream.sotw({
      typeUrl: ENDPOINTS.url,
      nonce: `n${nth}`,
      versionInfo: `${nth}`,
      resources: names.map((name) => ({ ...sotwCluster(name), typeUrl: ENDPOINTS.url })),
    });
  });
  const holding = await settled(server, { names: ["a", "b"], mode: "sotw", type: ENDPOINTS.url });
  assertEquals(holding.resources.map(({ name, version }) => [name, version]), [["a", "1"], ["b", "2"]]);
  assertEquals(server.streams[0]?.requests.map(({ names, version, nonce }) => [names.join(), version, nonce]), [
    ["a,b", "", ""],
    ["a,b", "1", "n1"],
    ["a,b", "2", "n2"],
  ]);
});

Deno.test("a response above the limit of grpc-js is taken", async () => {
  const text = "x".repeat(100);
  await using server = await startServer((stream, _, nth) => {
    if (nth > 1) return;
    const resources = Array.from({ length: 50_000 }, (_, i) => deltaCluster(`c${i}`, "1", text));
    stream.delta({ typeUrl: CLUSTER.url, nonce: "1", resources });
  });
  assertEquals((await settled(server)).resources.length, 50_000);
});

Deno.test("a resource that cannot be used is rejected with the version before it, and shown", async () => {
  await using server = await startServer((stream, _, nth) => {
    if (nth > 2) return;
    const resources = nth === 1 ? [sotwCluster("a")] : [sotwCluster("a"), sotwCluster("bad")];
    stream.sotw({ typeUrl: CLUSTER.url, nonce: `n${nth}`, versionInfo: `${nth}`, resources });
  });
  const stop = new AbortController();
  const odd: string[] = [];
  const holding = await settled(server, { mode: "sotw" }, {
    until: "aborted",
    signal: AbortSignal.any([stop.signal, AbortSignal.timeout(10_000)]),
    inspect: (_, bytes) => new TextDecoder().decode(bytes).includes("bad") ? "no cluster" : undefined,
    onOddity: (sentence) => odd.push(sentence),
    onAnswer: (_, { version }) => version === "2" && stop.abort(),
  });
  assertEquals(holding.resources.map(({ name }) => name), ["a", "bad"]);
  assertEquals(odd, ['Rejected response "2": "bad": no cluster']);
  assertEquals(server.streams[0]?.requests.map(({ version, nonce, error }) => [version, nonce, error]), [
    ["", "", undefined],
    ["1", "n1", undefined],
    ["1", "n2", '"bad": no cluster'],
  ]);
});

Deno.test("a response of another type is passed over, and not acknowledged", async () => {
  await using server = await startServer((stream, _, nth) => {
    if (nth > 1) return;
    stream.delta({ typeUrl: ENDPOINTS.url, nonce: "wrong" });
    stream.delta({ typeUrl: CLUSTER.url, nonce: "right", resources: [deltaCluster("a", "1")] });
  });
  const odd: string[] = [];
  await settled(server, {}, { onOddity: (sentence) => odd.push(sentence) });
  assertEquals(odd, [`The server sent a response of "${ENDPOINTS.url}", which nobody asked for`]);
  assertEquals(server.streams[0]?.requests.map(({ nonce }) => nonce), ["", "right"]);
});

Deno.test("a server that says nothing about names leaves them owed, about everything it is silent", async () => {
  const mute = () => {};
  await using server = await startServer(mute);
  assertEquals((await settled(server, { names: ["a"] }, { timeoutMs: 300 })).owed(), ["a"]);
  assertEquals(await failure(mute, {}, { timeoutMs: 300 }), "silent: no answer in 0.3 s");
});

Deno.test("a server that ends, sends garbage, or lacks the method is told apart", async () => {
  assertEquals(await failure((stream) => stream.end(status.OK, "")), "ended: it ended the stream");
  assertEquals(
    await failure((stream) => stream.end(status.PERMISSION_DENIED, "not you")),
    "ended: it ended the stream with PERMISSION_DENIED: not you",
  );
  assertEquals(
    await failure((stream) => stream.raw(new Uint8Array([0xff, 0xff]))),
    "garbled: it sends what is no xDS response",
  );
  await using sotw = await startServer(() => {}, { modes: ["sotw"] });
  const error = await assertRejects(() => settled(sotw), ClientError);
  assertEquals(error.failure, "unimplemented");
});

Deno.test("nobody there, and somebody who takes connections and says nothing, are unreachable", async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket.on("error", () => {})));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const { port } = mute.address() as AddressInfo;
  const ask = async () => {
    const channel = openChannel({ address: { kind: "tcp", host: "127.0.0.1", port }, tls: undefined });
    try {
      const options = { timeoutMs: 300, until: "settled" } as const;
      const { failure, message } = await assertRejects(() => follow(channel, query(), options), ClientError);
      return `${failure}: ${message}`;
    } finally {
      channel.close();
    }
  };
  assertEquals(await ask(), "unreachable: no connection in 0.3 s");
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => mute.close(resolve));
  assertEquals(await ask(), "unreachable: connection refused");
});

Deno.test("a watch that is ended before it began asks nothing, and one without an answer says so", async () => {
  await using server = await startServer(() => {});
  const stop = new AbortController();
  const options = { until: "aborted", signal: stop.signal, timeoutMs: 50 } as const;
  const odd: string[] = [];
  await settled(server, {}, {
    ...options,
    onOddity(sentence) {
      odd.push(sentence);
      stop.abort();
    },
  });
  assertEquals(odd, ["The server has not answered in 0.05 s; still waiting"]);
  assertEquals((await settled(server, {}, options)).answered, false);
});
