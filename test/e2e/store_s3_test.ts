import { assertEquals, assertRejects } from "@std/assert";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { storeContract } from "../../lib/store/contract.ts";
import { StoreError } from "../../lib/store/blobs.ts";
import { openS3Store, type S3Store } from "../../lib/store/s3/store.ts";
import { type Keys, randomKeys, type S3Server } from "../tools/s3_server.ts";
import { findSeaweedfs, startSeaweedfs } from "../tools/seaweedfs.ts";
import { findVersitygw, startVersitygw } from "../tools/versitygw.ts";

/** Of those on SeaweedFS: writes, and may neither list nor read. */
const WRITER = { ...randomKeys(), name: "writer", actions: ["Write"] };
/** Reads, and may not list. */
const READER = { ...randomKeys(), name: "reader", actions: ["Read"] };

const KINDS = [
  {
    name: "S3 on SeaweedFS",
    find: findSeaweedfs,
    start: (path: string) => startSeaweedfs(path, [WRITER, READER]),
    rounds: 3, // each takes it seconds
  },
  { name: "Go: S3 on versitygw", find: findVersitygw, start: startVersitygw, rounds: 10 },
];

/** Those that run for this file. */
const servers = new Map<string, S3Server>();

function serverOf(name: string): S3Server {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`${name} was not started`);
  return server;
}

async function open(url: string, credentials: Keys): Promise<S3Store & AsyncDisposable> {
  const store = await openS3Store(url, { credentials });
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() });
}

for (const { name, find, start, rounds } of KINDS) {
  const { path, reason } = { path: undefined, reason: undefined, ...await find() };
  if (reason !== undefined) console.error(reason);
  if (path !== undefined) Deno.test.beforeAll(async () => void servers.set(name, await start(path)));
  const options = { ignore: path === undefined };

  /** A place in a bucket of its own; the buckets go with the server. */
  const place = async (credentials: (server: S3Server) => Keys, bucket?: string) => {
    const server = serverOf(name);
    const own = await server.bucket();
    const url = bucket === undefined ? own.url : own.url.replace(own.name, bucket);
    return { open: () => openS3Store(url, { credentials: credentials(server) }), remove: () => Promise.resolve() };
  };
  const unknown = randomKeys();
  const mistaken = (server: S3Server) => ({ ...server.credentials, secretAccessKey: unknown.secretAccessKey });
  const contract = storeContract({
    fresh: () => place((server) => server.credentials),
    broken: [
      { fault: "missing", place: () => place((server) => server.credentials, "xcp-no-such-bucket") },
      { fault: "forbidden", place: () => place(() => unknown) },
      { fault: "forbidden", place: () => place(mistaken) },
    ],
    secrets: [unknown.secretAccessKey],
    rounds,
  });
  for (const { name: what, run } of contract) Deno.test(`${name}: ${what}`, options, run);

  Deno.test(`${name}: everything that a store needs is honoured, and the trial is on no list`, options, async () => {
    const server = serverOf(name);
    const { url } = await server.bucket();
    await using store = await open(url, server.credentials);
    assertEquals(await store.probe(), { create: true, replace: true, metadata: true, notModified: true });
    assertEquals(await Array.fromAsync(store.list("")), []);
  });

  Deno.test(`${name}: what others put into the bucket is no key, and does no harm`, options, async () => {
    const server = serverOf(name);
    const bucket = await server.bucket();
    await using store = await open(bucket.url, server.credentials);
    await store.create("ours", new Uint8Array(1));
    for (const Key of ["store/a b+c%20ü", "store/folder/", "storefront", "else", "store/deep/é"]) {
      await server.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: "" }));
    }
    const found = await Array.fromAsync(store.list(""), ({ key }) => key);
    assertEquals(found, ["ours"]);
  });
}

Deno.test.afterAll(async () => {
  for (const server of servers.values()) await server[Symbol.asyncDispose]();
});

const [SEAWEEDFS] = KINDS;
const ignore = (await findSeaweedfs()).path === undefined;

Deno.test("S3 on SeaweedFS: who may not read is told so, and never that there is nothing", { ignore }, async () => {
  const server = serverOf(SEAWEEDFS?.name ?? "");
  const { url } = await server.bucket();
  await using owner = await open(url, server.credentials);
  const made = await owner.create("there", new TextEncoder().encode("1"));
  await using writer = await open(url, WRITER);
  for (const key of ["there", "missing"]) {
    const error = await assertRejects(() => writer.get(key, { limit: 10 }), StoreError);
    assertEquals(error.fault, "forbidden");
  }
  // Who reads only the pointer needs no list.
  await using reader = await open(url, READER);
  assertEquals((await reader.get("there", { limit: 10 }))?.version, made?.version);
  const error = await assertRejects(() => reader.create("new", new Uint8Array()), StoreError);
  assertEquals(error.fault, "forbidden");
});
