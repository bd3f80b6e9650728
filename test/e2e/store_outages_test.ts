import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "../../lib/store/blobs.ts";
import { openS3Store, type S3Store } from "../../lib/store/s3/store.ts";
import { type S3Server, storeUrl } from "../tools/s3_server.ts";
import { findToxiproxy, startToxiproxy, type Toxiproxy } from "../tools/toxiproxy.ts";
import { findVersitygw, startVersitygw } from "../tools/versitygw.ts";
import { eventually } from "./harness.ts";

const [versitygw, toxiproxy] = [await findVersitygw(), await findToxiproxy()];
for (const found of [versitygw, toxiproxy]) if (found.path === undefined) console.error(found.reason);

/** Soon notices silence, and goes on asking. */
const PATIENT = { connectMs: 500, answerMs: 400, callMs: 20_000, attempts: 100, pauseMs: 20 };
/** Gives up as the product does, only sooner. */
const HASTY = { connectMs: 500, answerMs: 400, callMs: 3_000 };

const limit = 1_000_000;

interface World {
  readonly server: S3Server;
  readonly proxy: Toxiproxy;
  /** Through the proxy; both were found able to write before. */
  readonly patient: S3Store;
  readonly hasty: S3Store;
  /** Past the proxy. */
  readonly direct: S3Store;
}

function outage(name: string, run: (world: World) => Promise<void>): void {
  const ignore = versitygw.path === undefined || toxiproxy.path === undefined;
  Deno.test(`Go: S3 through toxiproxy: ${name}`, { ignore }, async () => {
    await using server = await startVersitygw(versitygw.path ?? "");
    await using proxy = await startToxiproxy(toxiproxy.path ?? "", server.endpoint);
    const bucket = await server.bucket();
    const open = (endpoint: string, limits = {}) =>
      openS3Store(storeUrl(bucket.name, endpoint), { credentials: server.credentials, limits, forWriting: true });
    const direct = await open(server.endpoint);
    const patient = await open(proxy.endpoint, PATIENT);
    const hasty = await open(proxy.endpoint, HASTY);
    try {
      await run({ server, proxy, patient, hasty, direct });
    } finally {
      for (const store of [direct, patient, hasty]) await store.close();
    }
  });
}

/** Every call says `unreachable`, in its time. */
async function allUnreachable({ hasty }: World, milliseconds: number): Promise<void> {
  const calls: (() => Promise<unknown>)[] = [
    () => hasty.get("a", { limit }),
    () => hasty.getIfChanged("a", '"v"', { limit }),
    () => hasty.create("new", bytes("1")),
    () => hasty.replace("a", bytes("2"), '"v"'),
    () => Array.fromAsync(hasty.list("")),
    () => hasty.remove("nothing"),
  ];
  for (const call of calls) {
    const start = performance.now();
    const error = await assertRejects(call, StoreError);
    assertEquals(error.fault, "unreachable", error.message);
    assert(performance.now() - start < milliseconds, error.message);
  }
}

outage("a connection that is refused", async (world) => {
  await world.direct.create("a", bytes("1"));
  await world.proxy.disable();
  await allUnreachable(world, 3_000);
  await world.proxy.heal();
  assertEquals(text(await world.hasty.get("a", { limit })), "1");
});

outage("a black hole", async (world) => {
  await world.direct.create("a", bytes("1"));
  await world.proxy.poison({ type: "timeout", stream: "upstream", attributes: { timeout: 0 } });
  await allUnreachable(world, 6_000);
  await world.proxy.heal();
  assertEquals(text(await world.hasty.get("a", { limit })), "1");
});

outage("connections that are reset", async (world) => {
  await world.direct.create("a", bytes("1"));
  await world.proxy.poison({ type: "reset_peer", stream: "downstream", attributes: { timeout: 0 } });
  await allUnreachable(world, 3_000);
  await world.proxy.heal();
  assertEquals(text(await world.hasty.get("a", { limit })), "1");
});

outage("a line that is slow is no outage, one that is too slow is", async ({ proxy, hasty, direct }) => {
  await direct.create("a", new Uint8Array(200_000));
  await proxy.poison({ type: "latency", stream: "downstream", attributes: { latency: 150 } });
  assertEquals((await hasty.get("a", { limit }))?.bytes.length, 200_000);
  assert(await hasty.create("b", bytes("1")));
  await proxy.heal();
  // 20 KB/s: every piece comes in time, the whole does not.
  await proxy.poison({ type: "bandwidth", stream: "downstream", attributes: { rate: 20 } });
  const error = await assertRejects(() => hasty.get("a", { limit }), StoreError);
  assertEquals(error.fault, "unreachable");
});

outage("a lost answer to create is a success", async ({ proxy, patient, direct }) => {
  await proxy.poison({ type: "limit_data", stream: "downstream", attributes: { bytes: 0 } });
  const creating = patient.create("a", bytes("mine"));
  const done = await eventually(() => direct.get("a", { limit }));
  await proxy.heal();
  assertEquals(await creating, { version: done.version });
});

outage("a lost answer to replace is a success", async ({ proxy, patient, direct }) => {
  const first = await direct.create("p", bytes("1"));
  await proxy.poison({ type: "limit_data", stream: "downstream", attributes: { bytes: 0 } });
  const replacing = patient.replace("p", bytes("2"), first?.version ?? "");
  const done = await eventually(async () => {
    const now = await direct.get("p", { limit });
    return text(now) === "2" && now;
  });
  await proxy.heal();
  assertEquals(await replacing, { version: done.version });
});

outage("a write that never arrives loses against one that does", async ({ proxy, patient, direct }) => {
  const first = await direct.create("p", bytes("1"));
  await proxy.poison({ type: "timeout", stream: "upstream", attributes: { timeout: 0 } });
  const creating = patient.create("a", bytes("ours"));
  const replacing = patient.replace("p", bytes("ours"), first?.version ?? "");
  assert(await direct.create("a", bytes("theirs")));
  assert(await direct.replace("p", bytes("theirs"), first?.version ?? ""));
  await proxy.heal();
  assertEquals([await creating, await replacing], [undefined, undefined]);
  assertEquals([text(await direct.get("a", { limit })), text(await direct.get("p", { limit }))], ["theirs", "theirs"]);
});

outage("a write that never arrived is sent again when the line is back", async ({ proxy, patient, direct }) => {
  const first = await direct.create("p", bytes("1"));
  await proxy.disable();
  const creating = patient.create("a", bytes("ours"));
  const replacing = patient.replace("p", bytes("ours"), first?.version ?? "");
  await proxy.heal();
  const [created, replaced] = [await creating, await replacing];
  assertEquals(created?.version, (await direct.get("a", { limit }))?.version);
  assertEquals(replaced?.version, (await direct.get("p", { limit }))?.version);
});

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function text(blob: Awaited<ReturnType<S3Store["get"]>>): string | undefined {
  return blob && new TextDecoder().decode(blob.bytes);
}
