import { assert, assertEquals, assertThrows } from "@std/assert";
import { SnapshotError } from "./error.ts";
import type { Manifest } from "./format.ts";
import { encodeJson, parseAccepted, parseManifest } from "./parse.ts";

const HASH = "0123456789abcdef".repeat(4);
const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const CHUNK = { sha256: HASH, resources: 2, bytes: 100, stored: 50 };

const WHOLE = {
  format: 1,
  number: 7,
  parent: { number: 5, hash: HASH },
  time: "2026-01-02T03:04:05.678Z",
  label: "4a5b",
  provenance: { who: "ana@build", from: "./config", xcp: "0.1.0", envoyApi: "1.40.0", rollbackOf: 2 },
  rules: [{ group: "edge", id: "edge-*", locality: { zone: "a" }, metadata: { tier: "1" } }],
  groups: {
    edge: {
      revision: "abcdefgh1234",
      types: {
        [CLUSTER]: {
          version: "abcdefgh1234",
          resources: 4,
          chunks: [CHUNK, { ...CHUNK, resources: 0, origins: true }, { ...CHUNK, encrypted: true, names: ["a", "b"] }],
        },
      },
    },
  },
  leftOut: [{ group: "edge", type: CLUSTER, name: "x" }],
  encryption: { recipients: ["age1x"], salt: "0".repeat(32), check: HASH },
  nonce: "n",
};

function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** A copy in which the value at a path is another; undefined removes it. */
function changed(path: string, value: unknown): unknown {
  const copy = structuredClone(WHOLE);
  const keys = path.split(" ");
  let at: Record<string, unknown> = copy;
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const last = keys.at(-1) ?? "";
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

Deno.test("a manifest that is whole is read, and comes out as it went in", () => {
  const manifest = parseManifest(7, bytesOf(WHOLE));
  assertEquals(JSON.parse(new TextDecoder().decode(encodeJson(manifest))), WHOLE);
  assertEquals(parseManifest(7, encodeJson(manifest)), manifest);
  for (
    const [path, value] of [["parent", null], ["label", null], ["rules", []], [
      "provenance rollbackOf",
      undefined,
    ]] as const
  ) {
    parseManifest(7, bytesOf(changed(path, value)));
  }
  // What a later xcp adds to the format is passed over.
  assertEquals(parseManifest(7, bytesOf({ ...WHOLE, more: 1 })), manifest);
});

const TYPE = `groups edge types ${CLUSTER}`;
const DAMAGED: [path: string, value: unknown, state: string][] = [
  ["format", 0, "format is no whole number"],
  ["number", 8, "number is not 7"],
  ["number", "7", "number is no whole number"],
  ["parent", undefined, "parent is no object"],
  ["parent number", 7, "parent.number is not below 7"],
  ["parent hash", HASH.toUpperCase(), "parent.hash is not a SHA-256 in hex"],
  ["time", "yesterday", "time is not a time"],
  ["label", 5, "label is no text"],
  ["provenance who", "x".repeat(70_000), "provenance.who is longer"],
  ["provenance rollbackOf", 0, "provenance.rollbackOf is no whole number"],
  ["rules", {}, "rules is no list"],
  ["rules 0 group", undefined, "rules[0].group is no text"],
  ["rules 0 port", 5, 'rules[0] has a field that is not known: "port"'],
  ["rules 0 metadata tier", 5, "rules[0].metadata.tier is no text"],
  ["rules 0 locality planet", "x", 'rules[0].locality has a field that is not known: "planet"'],
  ["groups", [], "groups is no object"],
  ["groups edge revision", "a b", 'groups."edge".revision is not a version'],
  ["groups edge types x", WHOLE.groups.edge.types[CLUSTER], 'groups."edge".types has "x", which is no type URL'],
  [`${TYPE} resources`, 5, `resources is 5, and the chunks have 4`],
  [`${TYPE} chunks 0 sha256`, "../../latest.json", "chunks[0].sha256 is not a SHA-256"],
  [`${TYPE} chunks 0 bytes`, 2 ** 40, "chunks[0].bytes is no whole number"],
  [`${TYPE} chunks 0 stored`, 1.5, "chunks[0].stored is no whole number"],
  [`${TYPE} chunks 0 encrypted`, 1, "chunks[0].encrypted is neither true nor absent"],
  [`${TYPE} chunks 1 resources`, 1, "chunks[1].resources is no whole number"],
  [`${TYPE} chunks 2 names`, ["a"], "chunks[2].names are 1, and 2 resources"],
  [`${TYPE} chunks 2 names`, ["a", {}], "chunks[2].names has something other than texts"],
  ["leftOut 0 type", 1, "leftOut[0].type is no text"],
  ["encryption", null, "encryption is null, and a chunk is encrypted"],
  ["encryption salt", "0", "encryption.salt is not a salt"],
  ["nonce", "", "nonce is not a nonce"],
];

Deno.test("a manifest that is not whole is refused with a word about the field", () => {
  for (const [path, value, state] of DAMAGED) {
    const error = assertThrows(() => parseManifest(7, bytesOf(changed(path, value))), SnapshotError);
    assert(
      error.message.startsWith('Cannot read "snapshots/7.json": ') && error.message.includes(state),
      error.message,
    );
    assertEquals((error as SnapshotError).fault, "damaged");
  }
  for (const bytes of [new Uint8Array(), new Uint8Array([255]), bytesOf(null), bytesOf([]), bytesOf("x")]) {
    assertThrows(() => parseManifest(7, bytes), SnapshotError);
  }
});

Deno.test("a document that is nested deeper than any format is refused before it takes room", () => {
  const deep = new TextEncoder().encode(`{"format":1,"more":${"[".repeat(500_000)}${"]".repeat(500_000)}}`);
  const error = assertThrows(() => parseManifest(7, deep), SnapshotError);
  assertEquals([error.fault, error.why], ["damaged", "it is no JSON"]);
});

Deno.test("more content than a snapshot may have is refused before anything is read", () => {
  const chunks = Array.from({ length: 20 }, (_, index) => ({
    ...CHUNK,
    sha256: index.toString(16).padStart(64, "0"),
    resources: 1,
    bytes: 256 * 1024 * 1024,
  }));
  const types = { [CLUSTER]: { version: "v", resources: 20, chunks } };
  const huge = changed("groups edge types", types);
  assertThrows(() => parseManifest(7, bytesOf(huge)), SnapshotError, "more than");
});

Deno.test("a name that JavaScript knows is a name like any other", () => {
  const names = ["__proto__", "constructor", "toString"];
  const group = { revision: "r", types: {} };
  const text = `{${names.map((name) => `"${name}":${JSON.stringify(group)}`).join()}}`;
  const json = JSON.stringify({ ...WHOLE, encryption: null, groups: 0 }).replace('"groups":0', `"groups":${text}`);
  const manifest: Manifest = parseManifest(7, new TextEncoder().encode(json));
  assertEquals(Object.keys(manifest.groups).sort(), names.sort());
  assertEquals(manifest.groups["hasOwnProperty"], undefined);
  assertEquals(manifest.groups["__proto__"], parseManifest(7, encodeJson(manifest)).groups["__proto__"]);
  const accepted = `{"format":1,"nonce":"n","groups":{"__proto__":{"number":1,"hash":"${HASH}"}}}`;
  assertEquals(parseAccepted(new TextEncoder().encode(accepted)).groups["__proto__"]?.number, 1);
  // A field is not taken from a prototype either.
  const inherited = `{"format":1,"__proto__":{"nonce":"n","groups":{}}}`;
  assertThrows(() => parseAccepted(new TextEncoder().encode(inherited)), SnapshotError);
});
