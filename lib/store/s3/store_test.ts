import { assert, assertEquals, assertRejects } from "@std/assert";
import { StoreError, type StoreFault } from "../blobs.ts";
import type { S3Limits } from "./attempts.ts";
import { PROBE_KEY } from "./probe.ts";
import { openS3Store, type S3Store } from "./store.ts";
import { type Answer, type FakeS3, startFakeS3, type Trouble } from "./testing.ts";

const CREDENTIALS = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "verysecretkey", sessionToken: "sessiontoken" };
/** Short, so that silence is noticed soon. */
const LIMITS: Partial<S3Limits> = { connectMs: 200, answerMs: 250, callMs: 2_000, pauseMs: 1 };

const limit = 1_000;

type Look = Parameters<FakeS3["interfere"]>[0];

/** Runs with a store that was found able to write, on a server of its own. */
async function withStore(
  run: (store: S3Store, server: FakeS3) => Promise<void>,
  limits: Partial<S3Limits> = LIMITS,
): Promise<void> {
  const server = await startFakeS3();
  const store = await openS3Store(server.url, { credentials: CREDENTIALS, limits, random: () => 1, forWriting: true });
  server.requests.length = 0;
  try {
    await run(store, server);
  } finally {
    await store.close();
    await server.close();
  }
}

/** Something happens to the first `times` requests of a method, counted from now. */
function first(server: FakeS3, method: string, times: number, what: Trouble | Answer): void {
  let left = times;
  server.interfere((asked) => asked.method === method && left-- > 0 ? what : undefined);
}

function test(name: string, run: () => Promise<void>): void {
  Deno.test(`S3: ${name}`, run);
}

async function fails(run: () => Promise<unknown>, fault: StoreFault, words = ""): Promise<void> {
  const error = await assertRejects(run, StoreError, words);
  assertEquals([error.fault, error.cause], [fault, undefined], error.message);
  for (const secret of Object.values(CREDENTIALS)) assert(!`${error.message}${error.stack}`.includes(secret));
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (blob: unknown) => blob && new TextDecoder().decode((blob as { bytes: Uint8Array }).bytes);

test("a lost answer to create is a success when the write was done", () =>
  withStore(async (store, server) => {
    first(server, "PUT", 1, "lost");
    const made = await store.create("a", bytes("mine"));
    assertEquals(made?.version, server.objects.get("store/a")?.etag);
    // Some runtimes send a request again by themselves when the connection was an old one: it is refused then.
    assertEquals([server.requests[0], server.requests.at(-1)], ["PUT store/a", "HEAD store/a"]);
  }));

test("a create that never arrived is sent again", () =>
  withStore(async (store, server) => {
    for (const trouble of ["cut", "hang"] as const) {
      first(server, "PUT", 1, trouble);
      assert(await store.create(trouble, bytes("mine")));
      // By us, or by a runtime that sends again by itself what an old connection lost: the second is done.
      const sent = server.requests.splice(0).filter((line) => line === `PUT store/${trouble}`);
      assertEquals([sent.length, text(server.objects.get(`store/${trouble}`))], [2, "mine"]);
    }
  }));

test("a create that is refused because a proxy sent it twice is a success", () =>
  withStore(async (store, server) => {
    // The first is done, the proxy sends it again, and the client sees only the second answer.
    server.interfere(({ method, key, headers }) => {
      if (method !== "PUT") return undefined;
      const mark = String(headers["x-amz-meta-xcp-write"]);
      server.objects.set(key, { bytes: bytes("same"), etag: '"e"', mark });
      return { status: 412, code: "PreconditionFailed" };
    });
    assertEquals(await store.create("a", bytes("same")), { version: '"e"' });
  }));

test("a create that somebody else was faster with is none, whatever they wrote and whoever lost the answer", () =>
  withStore(async (store, server) => {
    await store.create("a", bytes("equal"));
    assertEquals(await store.create("a", bytes("equal")), undefined);
    for (const trouble of ["lost", "cut"] as const) {
      first(server, "PUT", 1, trouble);
      assertEquals(await store.create("a", bytes("equal")), undefined);
    }
  }));

test("a lost answer to replace is a success exactly when our write won", () =>
  withStore(async (store, server) => {
    const one = await store.create("p", bytes("1"));
    assert(one);
    first(server, "PUT", 1, "lost");
    const two = await store.replace("p", bytes("2"), one.version);
    assertEquals(two?.version, server.objects.get("store/p")?.etag);
    // Never arrived, and nobody else wrote: sent again.
    first(server, "PUT", 1, "cut");
    const three = await store.replace("p", bytes("3"), two?.version ?? "");
    assertEquals([text(server.objects.get("store/p")), three?.version], ["3", server.objects.get("store/p")?.etag]);
    // Never arrived, and somebody else wrote meanwhile.
    server.interfere(({ method, key }) => {
      if (method !== "PUT") return undefined;
      server.objects.set(key, { bytes: bytes("theirs"), etag: '"theirs"', mark: "another" });
      return "cut";
    });
    assertEquals(await store.replace("p", bytes("4"), three?.version ?? ""), undefined);
    assertEquals(text(server.objects.get("store/p")), "theirs");
  }));

test("an error of the server after the deed is a success, one before it is a second attempt", () =>
  withStore(async (store, server) => {
    let puts = 0;
    server.interfere(({ method, key, headers }) => {
      if (method !== "PUT" || puts++ % 2 === 1) return undefined;
      const mark = String(headers["x-amz-meta-xcp-write"]);
      if (key === "store/after") server.objects.set(key, { bytes: bytes("x"), etag: '"after"', mark });
      return { status: 500, code: "InternalError" };
    });
    assertEquals(await store.create("after", bytes("x")), { version: '"after"' });
    puts = 0;
    assert(await store.create("before", bytes("x")));
    assertEquals(server.requests.filter((line) => line === "PUT store/before").length, 2);
  }));

test("a write of which nobody can say whether it was done is told as unreachable", () =>
  withStore(async (store, server) => {
    server.interfere(({ method }) => method === "PUT" ? "lost" : "cut");
    await fails(() => store.create("a", bytes("1")), "unreachable", "it may have happened all the same");
    server.interfere(({ method }) => method === "PUT" ? "cut" : undefined);
    await fails(() => store.create("b", bytes("1")), "unreachable", 'Cannot create "s3://bucket/store/b": "http://127');
    server.interfere(({ method }) => method === "PUT" ? { status: 503, code: "SlowDown" } : undefined);
    const version = server.objects.get("store/a")?.etag ?? "";
    await fails(() => store.replace("a", bytes("2"), version), "unreachable", "answers 503 SlowDown; it may have");
  }));

test("two writes at once that S3 tells to try again are tried again", () =>
  withStore(async (store, server) => {
    first(server, "PUT", 1, { status: 409, code: "ConditionalRequestConflict" });
    assert(await store.create("a", bytes("1")));
  }));

test("If-Match on a key that is not there is a conflict, as 404 and as 412", () =>
  withStore(async (store, server) => {
    assertEquals(await store.replace("a", bytes("1"), '"v"'), undefined);
    first(server, "PUT", 1, { status: 412, code: "PreconditionFailed" });
    assertEquals(await store.replace("a", bytes("1"), '"v"'), undefined);
    // A conflict is one, whatever is there when one looks: it is for the caller to try again.
    const made = await store.create("b", bytes("1"));
    server.requests.length = 0;
    first(server, "PUT", 1, { status: 412, code: "PreconditionFailed" });
    assertEquals(await store.replace("b", bytes("2"), made?.version ?? ""), undefined);
    assertEquals(server.requests, ["PUT store/b", "HEAD store/b"]);
    first(server, "PUT", 1, { status: 404, code: "NoSuchBucket" });
    await fails(() => store.replace("a", bytes("1"), '"v"'), "missing", "there is no such bucket");
  }));

test("reads are tried again: errors of the server, connections that break, silence, half an answer", () =>
  withStore(async (store, server) => {
    await store.create("a", bytes("content"));
    const troubles = [{ status: 500, code: "InternalError" }, { status: 503, body: "<html>" }, "cut", "hang", "half"];
    for (const trouble of [...troubles, "slow"] as (Trouble | Answer)[]) {
      first(server, "GET", 2, trouble);
      assertEquals(text(await store.get("a", { limit })), "content", JSON.stringify(trouble));
      first(server, "GET", Infinity, trouble);
      await fails(() => store.get("a", { limit }), "unreachable");
    }
    first(server, "LIST", 2, { status: 500, code: "InternalError" });
    assertEquals((await Array.fromAsync(store.list(""))).length, 1);
    first(server, "DELETE", 2, "lost");
    await store.remove("a");
  }));

test("a body that takes long is read as long as it comes", () =>
  withStore(async (store, server) => {
    await store.create("a", bytes("content"));
    first(server, "GET", 1, "trickle");
    server.requests.length = 0;
    assertEquals(text(await store.get("a", { limit })), "content");
    assertEquals(server.requests, ["GET store/a"]);
  }));

test("a call ends with its time, however patient its attempts", () =>
  withStore(async (store, server) => {
    server.interfere(() => "hang");
    const start = performance.now();
    await fails(() => store.get("a", { limit }), "unreachable", "no answer within 300 ms");
    assert(performance.now() - start < 2_000);
  }, { answerMs: 60_000, callMs: 300 }));

test("404 is a missing key only when the server says so", () =>
  withStore(async (store, server) => {
    const get = (answer: Answer, fault: StoreFault, words: string) => {
      server.interfere(() => answer);
      return fails(() => store.get("a", { limit }), fault, words);
    };
    assertEquals(await store.get("a", { limit }), undefined);
    await get({ status: 404, code: "NoSuchBucket" }, "missing", "there is no such bucket");
    await get({ status: 404, body: "<html>nginx<br>" }, "failed", "answers 404 without the code of an S3 server");
    await get({ status: 404 }, "failed", "answers 404 without the code of an S3 server");
    await get({ status: 200, body: "hello" }, "failed", "the answer names no version (ETag)");
  }));

test("403 is forbidden, and says whether the key may be missing", () =>
  withStore(async (store, server) => {
    const denied = { status: 403, code: "AccessDenied" };
    server.interfere(() => denied);
    const doubt = 'Cannot read "s3://bucket/store/a": forbidden, or not there: without the right to list';
    await fails(() => store.get("a", { limit }), "forbidden", doubt);
    await fails(() => store.getIfChanged("a", '"v"', { limit }), "forbidden", doubt);
    server.interfere(({ method }) => method === "GET" ? denied : undefined);
    await fails(
      () => store.get("a", { limit }),
      "forbidden",
      "the credentials give no right to this (The AccessDenied)",
    );
    for (const code of ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "SomethingNew"]) {
      server.interfere(() => ({ status: 403, code }));
      await fails(() => store.get("a", { limit }), "forbidden");
      await fails(() => Array.fromAsync(store.list("")), "forbidden");
      await fails(() => store.create("a", bytes("1")), "forbidden");
    }
  }));

test("what a server repeats of the credentials is not repeated", () =>
  withStore(async (store, server) => {
    const body = `<Error><Code>AccessDenied</Code><Message>denied: Credential=${CREDENTIALS.accessKeyId} ` +
      `${CREDENTIALS.secretAccessKey}\nx-amz-security-token: ${CREDENTIALS.sessionToken}</Message></Error>`;
    server.interfere(() => ({ status: 403, body }));
    await fails(() => store.get("a", { limit }), "forbidden");
    await fails(() => store.create("a", bytes("1")), "forbidden");
    server.interfere(() => ({ status: 400, body: body.replace("AccessDenied", "InvalidRequest") }));
    await fails(() => store.get("a", { limit }), "failed", "answers 400 InvalidRequest");
  }));

test("a bucket in another region is found, once, and by requests that are under way at the same time", async () => {
  const server = await startFakeS3();
  let wrong = 0;
  const signedFor = (headers: { authorization?: string | undefined }) =>
    /\/([a-z0-9-]+)\/s3\//.exec(headers.authorization ?? "")?.[1];
  const answers: Answer[] = [
    { status: 301, code: "PermanentRedirect", headers: { "x-amz-bucket-region": "eu-west-1" } },
    { status: 307, code: "TemporaryRedirect", headers: { "x-amz-bucket-region": "eu-west-1" } },
    { status: 400, code: "AuthorizationHeaderMalformed", more: "<Region>eu-west-1</Region>" },
  ];
  try {
    for (const answer of answers) {
      const store = await openS3Store(server.url, { credentials: CREDENTIALS, limits: LIMITS });
      wrong = 0;
      server.interfere(({ headers }) => signedFor(headers) === "eu-west-1" ? undefined : (wrong++, answer));
      const key = `k${answer.status}`;
      assert(await store.create(key, bytes("1")));
      assertEquals(wrong, 1);
      await Promise.all(["a", "b", "c"].map((key) => store.get(key, { limit })));
      assertEquals([text(await store.get(key, { limit })), wrong], ["1", 1]);
      // A server that goes on about it is believed once.
      server.interfere(() => answer);
      await fails(() => store.get(key, { limit }), "failed", 'the bucket is in region "eu-west-1"');
      await store.close();
    }
  } finally {
    await server.close();
  }
});

test("a server that passes over conditions, or does not know them, is unable, and nothing is written", async () => {
  const put = (server: FakeS3, key: string, mark: string | undefined) => {
    server.objects.set(key, { bytes: bytes("x"), etag: `"${crypto.randomUUID()}"`, mark });
    const etag = server.objects.get(key)?.etag ?? "";
    return { status: 200, headers: { etag }, body: "" };
  };
  type Case = [why: string, look: (server: FakeS3) => Look];
  const mark = (headers: Record<string, unknown>) => String(headers["x-amz-meta-xcp-write"]);
  const cases: Case[] = [
    [
      "If-None-Match",
      (server) => ({ method, key, headers }) =>
        method === "PUT" && headers["if-none-match"] ? put(server, key, mark(headers)) : undefined,
    ],
    [
      "If-None-Match",
      () => ({ method, headers }) =>
        method === "PUT" && headers["if-none-match"] ? { status: 501, code: "NotImplemented" } : undefined,
    ],
    [
      "If-Match",
      (server) => ({ method, key, headers }) =>
        method === "PUT" && headers["if-match"] ? put(server, key, mark(headers)) : undefined,
    ],
    [
      "If-Match",
      () => ({ method, headers }) =>
        method === "PUT" && headers["if-match"] ? { status: 501, code: "NotImplemented" } : undefined,
    ],
    [
      "If-Match",
      () => ({ method, headers }) =>
        method === "PUT" && headers["if-match"] ? { status: 412, code: "PreconditionFailed" } : undefined,
    ],
    // Honours it only where something is.
    [
      "If-Match",
      (server) => ({ method, key, headers }) =>
        method === "PUT" && headers["if-match"] && !server.objects.has(key)
          ? put(server, key, mark(headers))
          : undefined,
    ],
    // Honours it only as "something is there".
    [
      "If-Match",
      (server) => ({ method, key, headers }) =>
        method === "PUT" && headers["if-match"] && server.objects.has(key)
          ? put(server, key, mark(headers))
          : undefined,
    ],
    ["metadata", () => ({ headers }) => {
      delete headers["x-amz-meta-xcp-write"];
      return undefined;
    }],
  ];
  for (const [why, look] of cases) {
    const server = await startFakeS3();
    try {
      server.interfere(look(server));
      const options = { credentials: CREDENTIALS, limits: LIMITS };
      const words = `Cannot write "s3://bucket/store": the server does not honour ${why}`;
      await fails(() => openS3Store(server.url, { ...options, forWriting: true }), "unable", words);
      const store = await openS3Store(server.url, options);
      await fails(() => store.create("a", bytes("1")), "unable", words);
      await fails(() => store.replace("a", bytes("1"), '"v"'), "unable", words);
      assertEquals([...server.objects.keys()].filter((key) => key !== `store/${PROBE_KEY}`), []);
      assertEquals(await store.get("a", { limit }), undefined, "reading needs none of it");
      await store.close();
    } finally {
      await server.close();
    }
  }
});

test("what a server honours is asked once, and again after a failure; many may ask at once", async () => {
  const server = await startFakeS3();
  const open = () => openS3Store(server.url, { credentials: CREDENTIALS, limits: LIMITS });
  const stores = await Promise.all(Array.from({ length: 8 }, open));
  try {
    const [store] = stores;
    assert(store);
    server.interfere(() => "cut");
    await fails(() => store.create("a", bytes("1")), "unreachable");
    server.interfere(() => undefined);
    const all = { create: true, replace: true, metadata: true };
    for (const honours of await Promise.all(stores.map((store) => store.probe()))) {
      const { notModified: _, ...rest } = honours;
      assertEquals(rest, all);
    }
    server.requests.length = 0;
    await store.create("a", bytes("1"));
    assertEquals(server.requests, ["PUT store/a"]);
    assertEquals(await Array.fromAsync(store.list(""), ({ key }) => key), ["a"]);
  } finally {
    for (const store of stores) await store.close();
    await server.close();
  }
});

test("a bucket that is not there is not made by writing", async () => {
  const server = await startFakeS3();
  const store = await openS3Store(server.url, { credentials: CREDENTIALS, limits: LIMITS });
  // As SeaweedFS does for an administrator: reading says so, writing makes it.
  server.interfere(({ method }) => method === "PUT" ? undefined : { status: 404, code: "NoSuchBucket" });
  await fails(() => store.create("a", bytes("1")), "missing");
  assertEquals(server.objects.size, 0);
  await store.close();
  await server.close();
});

test("a list goes on over its pages, in any order, and a list without an end is an error", () =>
  withStore(async (store, server) => {
    const keys = Array.from({ length: 10 }, (_, index) => `k/${index}`);
    await Promise.all(keys.map((key) => store.create(key, bytes(key))));
    server.objects.set("store/not ours", { bytes: bytes(""), etag: '"e"', mark: undefined });
    server.objects.set("store/k/+x", { bytes: bytes(""), etag: '"e"', mark: undefined });
    const found = await Array.fromAsync(store.list(""));
    assertEquals(found.map(({ key }) => key).toSorted(), keys);
    assertEquals(found[0]?.modifiedMs, Date.UTC(2026, 0, 2, 3, 4, 5));
    const body = (next: string) => `<ListBucketResult><IsTruncated>true</IsTruncated>${next}</ListBucketResult>`;
    for (const next of ["", "<NextContinuationToken>1</NextContinuationToken>"]) {
      server.interfere(() => ({ status: 200, body: body(next) }));
      await fails(() => Array.fromAsync(store.list("")), "unable", "does not say how its list goes on");
    }
    for (const body of ["", "<html></html>", "hello"]) {
      server.interfere(() => ({ status: 200, body }));
      await fails(() => Array.fromAsync(store.list("k/")), "failed", 'Cannot list "s3://bucket/store/k/": ');
    }
  }));

test("no byte beyond the limit is kept, whether the server says the size or not", () =>
  withStore(async (store, server) => {
    await store.create("a", new Uint8Array(2_000));
    await fails(() => store.get("a", { limit }), "too-large", "it has 2000 bytes, and 1000 is the limit");
    server.interfere(({ method }) =>
      method === "GET"
        ? { status: 200, headers: { etag: '"e"', "transfer-encoding": "chunked" }, body: "x".repeat(2_000) }
        : undefined
    );
    await fails(() => store.get("a", { limit }), "too-large");
  }));

test("a server that knows no 304 is not asked to", () =>
  withStore(async (store, server) => {
    const made = await store.create("a", bytes("1"));
    server.interfere(({ headers }) => {
      delete headers["if-none-match"];
      return undefined;
    });
    assertEquals(await store.getIfChanged("a", made?.version ?? "", { limit }), "same");
  }));

test("quotas and sizes that the server refuses have faults of their own", () =>
  withStore(async (store, server) => {
    const cases: [Answer, StoreFault][] = [
      [{ status: 403, code: "QuotaExceeded" }, "full"],
      [{ status: 507, code: "XMinioStorageFull" }, "full"],
      [{ status: 507 }, "full"],
      [{ status: 400, code: "EntityTooLarge" }, "too-large"],
      [{ status: 501, code: "NotImplemented" }, "unable"],
      [{ status: 400, code: "InvalidRequest" }, "failed"],
      [{ status: 429, code: "TooManyRequests" }, "unreachable"],
    ];
    for (const [answer, fault] of cases) {
      server.interfere(({ method }) => method === "PUT" ? answer : undefined);
      await fails(() => store.create("a", bytes("1")), fault);
    }
  }));

test("a signal ends a call at once, in whatever state", () =>
  withStore(async (store, server) => {
    await store.create("a", bytes("content"));
    for (const trouble of ["hang", "slow", { status: 500, code: "InternalError" }] as (Trouble | Answer)[]) {
      const control = new AbortController();
      server.interfere(() => {
        setTimeout(() => control.abort(), 20);
        return trouble;
      });
      const { signal } = control;
      await fails(() => store.get("a", { limit, signal }), "aborted", 'Cannot read "s3://bucket/store/a": called off');
      const again = new AbortController();
      server.interfere(() => {
        setTimeout(() => again.abort(), 20);
        return trouble === "slow" ? "hang" : trouble;
      });
      await fails(() => store.create("b", bytes("1"), { signal: again.signal }), "aborted");
    }
  }, { ...LIMITS, answerMs: 5_000, callMs: 20_000, attempts: 100, pauseMs: 5_000 }));

test("closing a store ends what is under way", () =>
  withStore(async (store, server) => {
    server.interfere(() => "hang");
    const calls = [store.get("a", { limit }), store.create("b", bytes("1")), Array.fromAsync(store.list(""))];
    const ended = Promise.allSettled(calls);
    await store.close();
    for (const result of await ended) assertEquals(result.status, "rejected");
    await fails(() => store.get("a", { limit }), "failed", "the store was closed");
  }));

test("a server that is not there is unreachable, in words", async () => {
  const server = await startFakeS3();
  await server.close();
  const store = await openS3Store(server.url, { credentials: CREDENTIALS, limits: LIMITS });
  await fails(() => store.get("a", { limit }), "unreachable", "connection refused");
  await fails(() => store.create("a", bytes("1")), "unreachable", "connection refused");
  await fails(() => Array.fromAsync(store.list("")), "unreachable", "connection refused");
  await store.close();
});

test("a URL that is none is told without what may be secret in it", async () => {
  const secret = "AKIA:verysecretkey";
  for (
    const url of [`s3://${secret}@bucket/x`, "s3://", `s3://bucket?endpoint=http://${secret}@h`, `s3://b?${secret}=1`]
  ) {
    await fails(() => openS3Store(url), "url");
    const error = await openS3Store(url).catch((error) => error);
    assert(!error.message.includes("secret"), error.message);
  }
});
