import { assert, assertEquals, assertRejects } from "@std/assert";
import type { JsonObject } from "@bufbuild/protobuf";
import { generateHybridIdentity, generateIdentity, identityToRecipient } from "age-encryption";
import { loadApi } from "../../model/api.ts";
import type { Resource } from "../../model/resource.ts";
import { holding, Memory, MemoryBlobs } from "../testing.ts";
import type { Secrets } from "./content.ts";
import { SnapshotError } from "./error.ts";
import type { Manifest } from "./format.ts";
import { push } from "./push.ts";
import { readChunk, readContent } from "./read.ts";
import { SecretFinder } from "./secrets.ts";
import {
  cluster,
  content,
  KEY_MATERIAL,
  PASSWORD,
  pushing,
  resource,
  secret,
  secretCluster,
  told,
  TYPES,
} from "./testing.ts";

const api = loadApi();
const finder = new SecretFinder(api);
const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

function extension(typed: JsonObject): Resource {
  return resource(api, TYPES.extension, { name: "e", typed_config: typed });
}

function typedStruct(url: string, value: JsonObject): Resource {
  return extension({ "@type": "type.googleapis.com/xds.type.v3.TypedStruct", type_url: url, value });
}

const INLINE = { private_key: { inline_string: "k" } };

Deno.test("a secret is found in an Any, in an Any of it, in a TypedStruct, and in what nobody knows", () => {
  const context = { "@type": `${TLS}.DownstreamTlsContext`, common_tls_context: { tls_certificates: [INLINE] } };
  const yes = [
    secret(api, "s"),
    resource(api, TYPES.secret, { name: "ca", validation_context: { trusted_ca: { inline_string: "public" } } }),
    secretCluster(api, "c"),
    extension(context),
    extension({ "@type": TYPES.extension, name: "inner", typed_config: context }),
    extension({ "@type": `${TLS}.Secret`, name: "s", generic_secret: { secret: { filename: "/f" } } }),
    typedStruct(`${TLS}.DownstreamTlsContext`, { common_tls_context: { tls_certificates: [INLINE] } }),
    typedStruct("who.Knows", { a: "b" }),
    { ...cluster(api, "cut"), bytes: new Uint8Array([10, 200]) },
    { ...cluster(api, "lost"), type: "type.googleapis.com/no.such.Type" },
  ];
  for (const each of yes) assert(finder.holds(each), each.name);
});

Deno.test("what only says where a secret is, or holds none, is no secret", () => {
  const files = { certificate_chain: { filename: "/c" }, private_key: { filename: "/k" } };
  const context = (certificate: JsonObject) => ({
    "@type": `${TLS}.DownstreamTlsContext`,
    common_tls_context: { tls_certificates: [certificate] },
  });
  const no = [
    cluster(api, "c"),
    extension(context(files)),
    extension(context({ private_key: { environment_variable: "KEY" } })),
    extension(context({ certificate_chain: { inline_string: "public" } })),
    typedStruct(`${TLS}.DownstreamTlsContext`, { common_tls_context: { alpn_protocols: ["h2"] } }),
    typedStruct("who.Knows", {}),
  ];
  for (const each of no) assert(!finder.holds(each), each.name);
});

/** Secrets of two kinds and what is none, in two groups. */
function groups(key = KEY_MATERIAL): Record<string, readonly Resource[]> {
  const plain = Array.from({ length: 5 }, (_, index) => cluster(api, `c${index}`));
  return { edge: [...plain, secretCluster(api, "hidden"), secret(api, "tls", key)], web: [secret(api, "tls", key)] };
}

const HELD = [
  { group: "edge", type: TYPES.cluster, name: "hidden" },
  { group: "edge", type: TYPES.secret, name: "tls" },
  { group: "web", type: TYPES.secret, name: "tls" },
];

async function pushed(memory: Memory, secrets: Secrets, key?: string) {
  const result = await push(new MemoryBlobs(memory), content(groups(key)), pushing(api, { secrets }));
  if (result.kind !== "pushed") throw new Error(result.kind);
  return result;
}

function encryptedIn(manifest: Manifest): string[] {
  const types = Object.values(manifest.groups).flatMap(({ types }) => Object.values(types));
  return types.flatMap(({ chunks }) => chunks).filter(({ encrypted }) => encrypted).map(({ sha256 }) => sha256);
}

Deno.test("secrets are refused, left out or encrypted; in no byte that is stored is any of them", async () => {
  const control = new Memory();
  const blind = { holds: () => false } as unknown as SecretFinder;
  await push(new MemoryBlobs(control), content(groups()), pushing(api, { finder: blind }));
  assertEquals([holding(control, KEY_MATERIAL).length, holding(control, PASSWORD).length], [1, 1]);

  const refused = new MemoryBlobs();
  const result = await push(refused, content(groups()), pushing(api));
  assertEquals(result, { kind: "refused", secrets: HELD });
  assertEquals(refused.calls, []);

  const recipients = [await identityToRecipient(await generateIdentity())];
  for (const secrets of [{ mode: "without" }, { mode: "encrypt", recipients }] as const) {
    const memory = new Memory();
    const { manifest } = await pushed(memory, secrets);
    for (const text of [KEY_MATERIAL, PASSWORD]) assertEquals(holding(memory, text), []);
    const without = await readContent(new MemoryBlobs(memory), api, manifest);
    assertEquals(without.leftOut, HELD);
    const plain = groups().edge?.slice(0, 5) ?? [];
    assertEquals(told({ ...without, leftOut: [] }), told(content({ edge: plain, web: [] })));
    assertEquals(manifest.leftOut, secrets.mode === "without" ? HELD : []);
  }
});

Deno.test("each of several recipients reads the secrets; somebody else is told", async () => {
  const identities = [await generateIdentity(), await generateIdentity(), await generateHybridIdentity()];
  const recipients = await Promise.all(identities.slice(0, 2).map(identityToRecipient));
  const memory = new Memory();
  const { manifest } = await pushed(memory, { mode: "encrypt", recipients });
  for (const identity of identities.slice(0, 2)) {
    const back = await readContent(new MemoryBlobs(memory), api, manifest, { identities: [identity] });
    assertEquals(told(back), told(content(groups())));
  }
  const [, , stranger = ""] = identities;
  const all = await readContent(new MemoryBlobs(memory), api, manifest, { identities: [stranger, ...identities] });
  assertEquals(told(all), told(content(groups())));
  const read = () => readContent(new MemoryBlobs(memory), api, manifest, { identities: [stranger] });
  const error = await assertRejects<SnapshotError>(read, SnapshotError);
  assertEquals(error.fault, "identity");
  assert(encryptedIn(manifest).some((sha256) => error.key === `chunks/${sha256}`), error.key);
  assert(!error.message.includes(stranger));
  // Damage of what is encrypted is seen with and without an identity, of what cannot be opened too.
  const [sha256 = ""] = encryptedIn(manifest);
  memory.damage(`chunks/${sha256}`, (bytes) => bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1));
  const damaged = () => readContent(new MemoryBlobs(memory), api, manifest, { identities });
  assertEquals((await assertRejects<SnapshotError>(damaged, SnapshotError)).fault, "damaged");
  const entries = Object.values(manifest.groups.edge?.types ?? {}).flatMap(({ chunks }) => chunks);
  const entry = entries.find((each) => each.sha256 === sha256);
  assert(entry !== undefined);
  const closed = await assertRejects<SnapshotError>(() => readChunk(new MemoryBlobs(memory), entry), SnapshotError);
  assertEquals(closed.message, `Cannot read "chunks/${sha256}": its SHA-256 differs`);
});

Deno.test("recipients that are post-quantum work", async () => {
  const identity = await generateHybridIdentity();
  const memory = new Memory();
  const recipients = [await identityToRecipient(identity)];
  const { manifest } = await pushed(memory, { mode: "encrypt", recipients });
  const back = await readContent(new MemoryBlobs(memory), api, manifest, { identities: [identity] });
  assertEquals(told(back), told(content(groups())));
});

Deno.test("secrets that did not change are not sent again; other secrets or recipients are", async () => {
  const identities = [await generateIdentity(), await generateIdentity()];
  const [one = "", two = ""] = await Promise.all(identities.map(identityToRecipient));
  const memory = new Memory();
  const how = (...recipients: string[]) => ({ mode: "encrypt", recipients }) as const;
  const first = await pushed(memory, how(one));
  // Groups share what is the same.
  assertEquals(new Set(encryptedIn(first.manifest)).size, 2);

  const again = await push(new MemoryBlobs(memory), content(groups()), pushing(api, { secrets: how(one, one) }));
  assertEquals(again.kind, "unchanged");
  const more = { ...groups(), more: [cluster(api, "more")] };
  const second = await push(new MemoryBlobs(memory), content(more), pushing(api, { secrets: how(one) }));
  assert(second.kind === "pushed");
  assertEquals(encryptedIn(second.manifest), encryptedIn(first.manifest));
  assertEquals(second.cost.chunks, 2);
  assertEquals(second.manifest.groups.edge, first.manifest.groups.edge);

  const third = await pushed(memory, how(one, two));
  assertEquals(third.cost.chunks, 2);
  const fourth = await pushed(memory, how(two, one), "another key");
  assertEquals(fourth.cost.chunks, 2);
  assertEquals(new Set([first, third, fourth].flatMap(({ manifest }) => encryptedIn(manifest))).size, 6);
  const back = await readContent(new MemoryBlobs(memory), api, fourth.manifest, { identities: identities.slice(1) });
  assertEquals(told(back), told(content(groups("another key"))));
});

Deno.test("nothing in clear tells whether a guess of a secret is right", async () => {
  const memory = new Memory();
  const recipients = [await identityToRecipient(await generateIdentity())];
  const { manifest } = await pushed(memory, { mode: "encrypt", recipients });
  const control = new Memory();
  const blind = { holds: () => false } as unknown as SecretFinder;
  const open = await push(new MemoryBlobs(control), content(groups()), pushing(api, { finder: blind }));
  assert(open.kind === "pushed");
  const { edge } = open.manifest.groups;
  const hashes = [edge?.revision, edge?.types[TYPES.secret]?.version, edge?.types[TYPES.cluster]?.version];
  for (const hash of hashes) assert(hash !== undefined && !JSON.stringify(manifest).includes(hash));
});
