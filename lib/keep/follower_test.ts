import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { Composer } from "../hub/compose.ts";
import { SILENT } from "../log.ts";
import { loadApi } from "../model/api.ts";
import { hasErrors } from "../model/issue.ts";
import type { GroupRule, Layer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { createSnapshot } from "../model/snapshot.ts";
import { StoreError } from "../store/blobs.ts";
import type { Content } from "../store/snapshot/content.ts";
import { moveAccepted, type SnapshotId } from "../store/snapshot/pointers.ts";
import { push, type PushOptions } from "../store/snapshot/push.ts";
import { cluster, content, pushing, resource, secret, TYPES } from "../store/snapshot/testing.ts";
import { type Fate, Memory, MemoryBlobs } from "../store/testing.ts";
import { type FollowerOptions, followStore, type StoreSource } from "./follower.ts";

const api = loadApi();

type Groups = Readonly<Record<string, readonly Resource[]>>;

/** A bucket, one server that pushes to it, and one that follows. */
class Bench {
  readonly memory = new Memory();
  readonly pusher = new MemoryBlobs(this.memory);
  /** What becomes of the follower's reads, by key. */
  fate: (key: string) => Fate | Promise<Fate> = () => {};
  readonly blobs = new MemoryBlobs(this.memory, ({ key }) => this.fate(key));
  readonly layers: Layer[] = [];
  #woken: (() => void)[] = [];

  async push(groups: Groups, more: Partial<PushOptions> = {}, of: Partial<Content> = {}): Promise<SnapshotId> {
    const pushed = await push(this.pusher, content(groups, of), pushing(api, more));
    if (pushed.kind !== "pushed") throw new Error(`the push is ${pushed.kind}`);
    return { number: pushed.manifest.number, hash: pushed.hash };
  }

  async accept(groups: Readonly<Record<string, SnapshotId | undefined>>): Promise<void> {
    await moveAccepted(this.pusher, new Map(Object.entries(groups)));
  }

  /** A follower that polls once a day, or when it is told to. */
  follow(more: Partial<FollowerOptions> = {}): StoreSource & AsyncDisposable {
    const source = followStore({
      url: "memory://user:pw@test?a=b",
      ref: undefined,
      open: () => Promise.resolve(this.blobs),
      api,
      name: "store",
      identities: [],
      log: SILENT,
      signal: new AbortController().signal,
      now: () => 42,
      pollMs: 24 * 60 * 60 * 1_000,
      random: () => 0.5,
      onChange: (layer) => {
        this.layers.push(layer);
        for (const wake of this.#woken.splice(0)) wake();
      },
      ...more,
    });
    return Object.assign(Object.create(source), {
      load: () => source.load(),
      reload: () => source.reload(),
      close: () => source.close(),
      health: () => source.health(),
      [Symbol.asyncDispose]: () => source.close(),
    });
  }

  /** Resolves as soon as a layer was published of which this is true. */
  async until(holds: (layer: Layer) => boolean): Promise<void> {
    while (!this.layers.some(holds)) await new Promise<void>((resolve) => this.#woken.push(resolve));
  }

  /** Keys of the chunks that a push brought. */
  async bringing(act: () => Promise<unknown>): Promise<string[]> {
    const before = new Set(this.memory.list("chunks/"));
    await act();
    return this.memory.list("chunks/").filter((key) => !before.has(key));
  }
}

function plain(name: string, seconds = 1): Resource {
  return { ...cluster(api, name, seconds), origin: undefined };
}

function messages({ failures }: Layer): string[] {
  return failures.map(({ severity, message }) => `${severity}: ${message}`);
}

function seconds(layer: Layer, group: string): string[] {
  return (layer.groups.get(group)?.resources ?? []).map(({ name, version }) => {
    const found = [1, 2, 3, 4].find((seconds) => plain(name, seconds).version === version);
    return `${name} ${found}`;
  });
}

const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1);

Deno.test("a change is followed, and a group that has none keeps its part, a resource that has none its object", async () => {
  const bench = new Bench();
  const rules: GroupRule[] = [{ group: "edge", cluster: "e" }];
  await bench.push({ edge: [cluster(api, "a"), cluster(api, "b")], inner: [cluster(api, "c")] }, {}, { rules });
  await using source = bench.follow();
  const first = await source.load();
  assertEquals(first.failures, []);
  assertEquals([...first.rules], rules);
  assertEquals(first.groups.get("edge")?.resources[0]?.origin?.file, "config/clusters.yaml");
  await bench.push({ edge: [cluster(api, "a"), cluster(api, "b", 2)], inner: [cluster(api, "c")] }, {}, { rules });
  const second = await source.reload();
  assertEquals(bench.layers, [second]);
  assertEquals(seconds(second, "edge"), ["a 1", "b 2"]);
  assertStrictEquals(second.groups.get("inner"), first.groups.get("inner"));
  assertStrictEquals(second.rules, first.rules);
  assertStrictEquals(second.groups.get("edge")?.resources[0], first.groups.get("edge")?.resources[0]);
  assertEquals(source.health(), {
    url: "memory://test",
    role: "source",
    failure: undefined,
    succeeded: 42,
    snapshot: 2,
  });
});

Deno.test("what did not change is not read again, nor where it stands in files, however often it is asked for", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")], inner: [cluster(api, "c")] });
  await using source = bench.follow();
  await source.load();
  bench.blobs.calls.length = 0;
  bench.blobs.most = 0;
  const news = await bench.bringing(() => bench.push({ edge: [plain("a", 2)], inner: [cluster(api, "c")] }));
  await Promise.all([source.reload(), source.reload()]);
  assertEquals(bench.blobs.calls.map(({ key }) => key), ["latest.json", "snapshots/2.json", ...news, "latest.json"]);
  assertEquals(bench.blobs.most, 1);
});

Deno.test("a poll without a change reads one pointer, conditionally, and nothing else, and never two at once", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  const enough = Promise.withResolvers<void>();
  await using source = bench.follow({ pollMs: 1 });
  await source.load();
  bench.blobs.calls.length = 0;
  bench.blobs.most = 0;
  bench.fate = () => void (bench.blobs.calls.length >= 5 && enough.resolve());
  await enough.promise;
  await source.close();
  for (const { method, key } of bench.blobs.calls) assertEquals([method, key], ["getIfChanged", "latest.json"]);
  assertEquals(bench.blobs.most, 1);
  assertEquals(bench.layers, []);
});

Deno.test("polls follow a change without being asked", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow({ pollMs: 1 });
  await source.load();
  await bench.push({ edge: [plain("a", 2)] });
  await bench.until((layer) => layer.failures.length === 0);
  assertEquals(bench.layers.map((layer) => seconds(layer, "edge")), [["a 2"]]);
});

Deno.test("two followers and the server that pushed speak equal versions, secrets or not", async () => {
  const bench = new Bench();
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  const resources = [secret(api, "cert"), cluster(api, "a"), cluster(api, "b")];
  await bench.push({ edge: resources }, { secrets: { mode: "encrypt", recipients } });
  const { revision } = createSnapshot(resources);
  await using one = bench.follow({ identities: [identity] });
  await using other = bench.follow({ identities: [identity], name: "other" });
  for (const source of [one, other]) {
    const { groups, failures } = await source.load();
    const part = groups.get("edge");
    assertEquals([failures, part?.issues, part?.label], [[], [], undefined]);
    assertEquals(createSnapshot(part?.resources ?? []).revision, revision);
  }
});

Deno.test("an outage is said after a few polls, keeps every part, is published once, and heals", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow();
  const first = await source.load();
  bench.fate = () => "fail";
  assertStrictEquals(await source.reload(), first);
  assertMatch(source.health().failure ?? "", /^Cannot follow "memory:\/\/test": cannot get "latest.json": no answer$/);
  assertStrictEquals(await source.reload(), first);
  const down = await source.reload();
  assertEquals(messages(down), ['error: Cannot follow "memory://test": cannot get "latest.json": no answer']);
  assertStrictEquals(down.groups.get("edge"), first.groups.get("edge"));
  assertStrictEquals(await source.reload(), down);
  bench.fate = () => {};
  const healed = await source.reload();
  assertEquals(healed.failures, []);
  assertStrictEquals(healed.groups.get("edge"), first.groups.get("edge"));
  assertEquals(bench.layers, [down, healed]);
  assertEquals([source.health().failure, source.health().succeeded], [undefined, 42]);
});

Deno.test("a pointer that arrives before what it points to is waited for", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow();
  const first = await source.load();
  const [late = ""] = await bench.bringing(() => bench.push({ edge: [plain("a", 2)] }));
  const chunk = bench.memory.keys.get(late);
  assert(chunk !== undefined);
  bench.memory.keys.delete(late);
  for (const _ of [1, 2]) assertStrictEquals(await source.reload(), first);
  const said = await source.reload();
  assertEquals(messages(said), [`error: Cannot follow "memory://test": cannot read "${late}": it is not there`]);
  assertEquals(seconds(said, "edge"), ["a 1"]);
  bench.memory.keys.set(late, chunk);
  const there = await source.reload();
  assertEquals([messages(there), seconds(there, "edge")], [[], ["a 2"]]);
});

Deno.test("what is damaged while a server runs is said at once, and replaces nothing", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow();
  const first = await source.load();
  const [key = ""] = await bench.bringing(() => bench.push({ edge: [plain("a", 2)] }));
  bench.memory.damage(key, cut);
  const damaged = await source.reload();
  assertEquals(damaged.failures.map(({ severity, rule }) => [severity, rule]), [["error", "snapshot-damaged"]]);
  assertStrictEquals(damaged.groups.get("edge"), first.groups.get("edge"));
  await bench.push({ edge: [plain("a", 3)] });
  const healed = await source.reload();
  assertEquals([messages(healed), seconds(healed, "edge")], [[], ["a 3"]]);
  bench.memory.damage("latest.json", cut);
  assertEquals(messages(await source.reload()), [
    'error: Cannot follow "memory://test": cannot read "latest.json": it is no JSON',
  ]);
});

Deno.test("a first snapshot that is damaged gives way to the one before, group by group, until there is a better one", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")], inner: [plain("c")] });
  const [key = ""] = await bench.bringing(() => bench.push({ edge: [plain("a", 2)], inner: [plain("c")] }));
  await bench.push({ edge: [plain("a", 2)], inner: [plain("c", 3)] });
  const whole = bench.memory.keys.get(key);
  assert(whole !== undefined);
  bench.memory.damage(key, cut);
  await using source = bench.follow();
  const first = await source.load();
  assertEquals([seconds(first, "edge"), seconds(first, "inner")], [["a 1"], ["c 3"]]);
  const [failure, ...others] = messages(first);
  assertMatch(
    failure ?? "",
    /^warning: Cannot use snapshot 3: cannot read "chunks\/.*; group "edge" is served from snapshot 1$/,
  );
  assertEquals(others, []);
  assertMatch(source.health().failure ?? "", /chunks/);
  bench.blobs.calls.length = 0;
  assertStrictEquals(await source.reload(), first);
  assertEquals(bench.blobs.calls.map((call) => call.key), ["latest.json", "snapshots/3.json", key]);
  bench.fate = () => "fail";
  for (const _ of [1, 2, 3]) await source.reload();
  assertEquals(bench.layers.at(-1)?.failures.map(({ severity }) => severity), ["error", "warning"]);
  bench.fate = () => {};
  assertEquals(messages(await source.reload()), [failure]);
  bench.memory.keys.set(key, whole);
  const healed = await source.reload();
  assertEquals([messages(healed), seconds(healed, "edge")], [[], ["a 2"]]);
  assertStrictEquals(healed.groups.get("inner"), first.groups.get("inner"));
});

Deno.test("a first manifest, or pointer, that is damaged gives way to the newest that can be read", async () => {
  for (const key of ["snapshots/2.json", "latest.json"]) {
    const bench = new Bench();
    await bench.push({ edge: [plain("a")] });
    await bench.push({ edge: [plain("a", 2)] });
    bench.memory.damage(key, cut);
    await using source = bench.follow();
    const layer = await source.load();
    const pointer = key === "latest.json";
    assertEquals(seconds(layer, "edge"), [pointer ? "a 2" : "a 1"]);
    assertEquals(layer.failures.map(({ severity }) => severity), ["warning"]);
    assertMatch(layer.failures[0]?.message ?? "", pointer ? /"latest.json".*; snapshot 2 is served$/ : /snapshot 1$/);
    await bench.pusher.remove("latest.json");
    await bench.push({ edge: [plain("a", 3)] });
    assertEquals([seconds(await source.reload(), "edge"), messages(await source.reload())], [["a 3"], []]);
  }
});

Deno.test("what took the place of something damaged does not give way to what is older still", async () => {
  const bench = new Bench();
  const one = { edge: [plain("a", 1)] };
  await bench.push(one);
  await bench.push({ ...one, inner: [plain("c")] });
  await bench.push({ ...one, inner: [plain("c", 2)] });
  bench.memory.damage("snapshots/3.json", cut);
  await using source = bench.follow();
  const first = await source.load();
  assertEquals([seconds(first, "edge"), seconds(first, "inner")], [["a 1"], ["c 1"]]);
  await bench.push({ ...one, inner: [plain("c", 3)] });
  bench.memory.damage("snapshots/4.json", cut);
  bench.memory.damage("snapshots/2.json", cut);
  const worse = await source.reload();
  assertEquals([worse.groups, hasErrors(worse.failures)], [first.groups, true]);
  await bench.push({ ...one, inner: [plain("c", 4)] });
  const healed = await source.reload();
  assertEquals([seconds(healed, "inner"), messages(healed)], [["c 4"], []]);
});

Deno.test("what is lost for good holds its group, and no other", async () => {
  const bench = new Bench();
  const [key = ""] = await bench.bringing(() => bench.push({ edge: [plain("a")] }));
  await bench.push({ edge: [plain("a")], inner: [plain("c")] });
  bench.memory.damage(key, cut);
  await using source = bench.follow();
  const layer = await source.load();
  const candidates = new Composer("enforce").compose([layer]);
  assertEquals(candidates.map(({ name, issues }) => [name, hasErrors(issues)]), [
    ["default", false],
    ["edge", true],
    ["inner", false],
  ]);
});

Deno.test("a store in which nothing was pushed, that is not there, or cannot be opened is told, and heals", async () => {
  const bench = new Bench();
  let fault: StoreError | undefined = new StoreError("missing", 'Cannot open "memory://test": no such bucket');
  await using source = bench.follow({ open: () => fault ? Promise.reject(fault) : Promise.resolve(bench.blobs) });
  assertEquals(messages(await source.load()), [
    'error: Cannot follow "memory://test": cannot open "memory://test": no such bucket',
  ]);
  fault = new StoreError("forbidden", 'Cannot open "memory://test": the credentials are wrong');
  assertMatch(messages(await source.reload())[0] ?? "", /the credentials are wrong$/);
  fault = undefined;
  assertEquals(messages(await source.reload()), ['error: Cannot follow "memory://test": nothing was ever pushed']);
  await bench.push({ edge: [plain("a")] });
  const layer = await source.reload();
  assertEquals([messages(layer), seconds(layer, "edge")], [[], ["a 1"]]);
  await bench.pusher.remove("latest.json");
  assertEquals(messages(await source.reload()), [
    'error: Cannot follow "memory://test": "latest.json" is not there any more',
  ]);
});

for (const pointer of ["latest", "accepted"]) {
  Deno.test(`that "${pointer}.json" is not there any more changes nothing of what is served, and is told`, async () => {
    const bench = new Bench();
    const one = await bench.push({ edge: [plain("a")] });
    await bench.push({ edge: [plain("a", 2)], inner: [plain("c", 2)] });
    await bench.accept({ edge: one });
    await using source = bench.follow({ ref: "accepted" });
    const served = (layer: Layer) => [seconds(layer, "edge"), seconds(layer, "inner")];
    assertEquals(served(await source.load()), [["a 1"], ["c 2"]]);
    const stored = bench.memory.keys.get(`${pointer}.json`);
    assert(stored !== undefined);
    await bench.pusher.remove(`${pointer}.json`);
    for (let time = 0; time < 2; time++) {
      const layer = await source.reload();
      assertEquals(served(layer), [["a 1"], ["c 2"]]);
      assertStringIncludes(messages(layer)[0] ?? "", `"${pointer}.json" is not there any more`);
    }
    bench.memory.put(`${pointer}.json`, stored.bytes);
    assertEquals(messages(await source.reload()), []);
  });
}

Deno.test("accepted follows what the clients of each group took, and latest for the others", async () => {
  const bench = new Bench();
  const one = await bench.push({ edge: [plain("a")], inner: [plain("c")] });
  await bench.push({ edge: [plain("a", 2)], inner: [plain("c", 2)] });
  await using source = bench.follow({ ref: "accepted" });
  assertEquals(seconds(await source.load(), "edge"), ["a 2"]);
  await bench.accept({ edge: one });
  const first = await source.reload();
  assertEquals([seconds(first, "edge"), seconds(first, "inner")], [["a 1"], ["c 2"]]);
  const three = await bench.push({ edge: [plain("a", 3)], inner: [plain("c", 3)] });
  const second = await source.reload();
  assertEquals([seconds(second, "edge"), seconds(second, "inner")], [["a 1"], ["c 3"]]);
  assertStrictEquals(second.groups.get("edge"), first.groups.get("edge"));
  await bench.accept({ edge: three });
  assertEquals(seconds(await source.reload(), "edge"), ["a 3"]);
  assertEquals(bench.layers.length, 3);
});

Deno.test("one snapshot that was named is looked for until it is there, and is read once", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow({ ref: "v2", pollMs: 1 });
  const missing = messages(await source.load());
  assertMatch(missing[0] ?? "", /^error: Cannot follow "memory:\/\/test@v2": cannot find snapshot "v2" in /);
  await bench.push({ edge: [plain("a", 2)] }, { label: "v2" });
  await bench.until((layer) => layer.failures.length === 0);
  assertEquals(bench.layers.slice(-1).map((layer) => seconds(layer, "edge")), [["a 2"]]);
  const { length } = bench.layers;
  bench.blobs.calls.length = 0;
  await bench.push({ edge: [plain("a", 3)] });
  await source.reload();
  assertEquals(bench.blobs.calls.filter(({ key }) => key !== "snapshots/" && !key.endsWith(".json")), []);
  assertEquals(bench.layers.length, length);
});

Deno.test("one snapshot that was named is not replaced by another when it is damaged", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  const [key = ""] = await bench.bringing(() => bench.push({ edge: [plain("a", 2)] }));
  bench.memory.damage(key, cut);
  await using source = bench.follow({ ref: "2" });
  const layer = await source.load();
  assertEquals([layer.groups.size, layer.failures.map(({ severity }) => severity)], [0, ["error"]]);
});

const TLS_LISTENER = {
  name: "https",
  address: { socket_address: { address: "0.0.0.0", port_value: 8443 } },
  filter_chains: [{
    filters: [{
      name: "tcp",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
        stat_prefix: "tcp",
        cluster: "a",
      },
    }],
    transport_socket: {
      name: "tls",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
        common_tls_context: {
          tls_certificate_sds_secret_configs: [{ name: "cert", sds_config: { ads: {}, resource_api_version: "V3" } }],
        },
      },
    },
  }],
};

Deno.test("a group whose secrets are left out is served, and it is said who waits", async () => {
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  const resources = [plain("a"), resource(api, TYPES.listener, TLS_LISTENER), secret(api, "cert")];
  const cases = [
    [{ mode: "without" }, [], "the snapshot was stored without it"],
    [{ mode: "encrypt", recipients }, [], "it is encrypted, and there is no identity"],
    [
      { mode: "encrypt", recipients },
      [await generateIdentity()],
      "it is encrypted, and none of the identities is of its recipients",
    ],
  ] as const;
  for (const [secrets, identities, why] of cases) {
    const bench = new Bench();
    await bench.push({ edge: resources }, { secrets });
    await using source = bench.follow({ identities });
    const layer = await source.load();
    assertEquals(layer.failures, []);
    const part = layer.groups.get("edge");
    assertEquals(part?.issues.map(({ severity, message }) => [severity, message]), [
      ["warning", `Secret "cert" is left out: ${why}; listener "https" waits for it`],
    ]);
    assertEquals(part?.resources.map(({ name }) => name), ["a", "https"]);
    const [, edge] = new Composer("enforce").compose([layer]);
    assertEquals([edge?.name, hasErrors(edge?.issues ?? [])], ["edge", false]);
  }
});

Deno.test("a snapshot that suddenly has nothing is taken for an accident, unless that is meant", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  await using source = bench.follow();
  await using other = bench.follow({ allowEmpty: true });
  await Promise.all([source.load(), other.load()]);
  await bench.push({ edge: [] });
  const layer = await source.reload();
  assertEquals(seconds(layer, "edge"), ["a 1"]);
  assertMatch(messages(layer)[0] ?? "", /^error: .*snapshot 2 has no resources any more \(--allow-empty/);
  assertEquals(messages(await other.reload()), []);
});

Deno.test("a source that is closed in the middle of a read says nothing any more", async () => {
  const bench = new Bench();
  await bench.push({ edge: [plain("a")] });
  const closing = new AbortController();
  const source = bench.follow({ signal: closing.signal });
  await source.load();
  await bench.push({ edge: [plain("a", 2)] });
  const reached = Promise.withResolvers<void>();
  const hold = Promise.withResolvers<Fate>();
  bench.fate = (key) => key.startsWith("chunks/") ? (reached.resolve(), hold.promise) : undefined;
  const reload = source.reload();
  await reached.promise;
  closing.abort();
  hold.resolve(undefined);
  await assertRejects(() => reload, Error, "the source was closed");
  await source.close();
  assertEquals(bench.layers, []);
});
