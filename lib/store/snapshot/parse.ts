/**
 * Manifests and pointers, to bytes and back. A store may hold anything: whatever is read here is checked.
 *
 * @module
 */
import type { GroupRule } from "../../model/layer.ts";
import { Fields, record } from "./fields.ts";
import {
  ACCEPTED,
  type AcceptedPointer,
  type ChunkEntry,
  type Encryption,
  FORMAT,
  type GroupEntry,
  LATEST,
  type LatestPointer,
  type LeftOut,
  LIMITS,
  type Manifest,
  manifestKey,
  MOST_CONTENT,
  type Provenance,
  type TypeEntry,
} from "./format.ts";

const HASH = { form: /^[0-9a-f]{64}$/, of: "a SHA-256 in hex" };
const TIME = { form: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/, of: "a time of RFC 3339 in UTC" };
const TYPE = { form: /^[^/\s]+\/[\w.]+$/, of: "a type URL" };
const VERSION = { form: /^[\w-]{1,64}$/, of: "a version" };
const NONCE = { form: /^.{1,64}$/, of: "a nonce" };

/** The bytes of what is in a store, in which names and values have the order that they have in memory. */
export function encodeJson(value: Manifest | LatestPointer | AcceptedPointer): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}

/** @throws {SnapshotError} `damaged` or `later-format`, with the key */
export function parseLatest(bytes: Uint8Array): LatestPointer {
  const fields = Fields.of(LATEST, bytes);
  return { format: FORMAT, ...snapshotId(fields), nonce: fields.text("nonce", NONCE) };
}

/** @throws {SnapshotError} `damaged` or `later-format`, with the key */
export function parseAccepted(bytes: Uint8Array): AcceptedPointer {
  const fields = Fields.of(ACCEPTED, bytes);
  return { format: FORMAT, groups: fields.map("groups", snapshotId), nonce: fields.text("nonce", NONCE) };
}

/**
 * The manifest that is under a number.
 *
 * @throws {SnapshotError} `damaged` or `later-format`, with the key
 */
export function parseManifest(number: number, bytes: Uint8Array): Manifest {
  const fields = Fields.of(manifestKey(number), bytes);
  if (fields.integer("number", 1) !== number) throw fields.error("number", `is not ${number}`);
  const manifest: Manifest = {
    format: FORMAT,
    number,
    parent: fields.nullable("parent", (parent) => {
      const id = snapshotId(parent);
      if (id.number >= number) throw parent.error("number", `is not below ${number}`);
      return id;
    }),
    time: fields.text("time", TIME),
    label: fields.value("label") === null ? null : fields.text("label"),
    provenance: provenance(fields.object("provenance")),
    rules: fields.list("rules", rule),
    groups: fields.map("groups", group),
    leftOut: fields.list("leftOut", leftOut),
    encryption: fields.nullable("encryption", encryption),
    nonce: fields.text("nonce", NONCE),
  };
  checkWhole(fields, manifest);
  return manifest;
}

/** What no field says alone. */
function checkWhole(fields: Fields, { groups, encryption }: Manifest): void {
  const sizes = new Map<string, number>();
  for (const { types } of Object.values(groups)) {
    for (const chunk of Object.values(types).flatMap(({ chunks }) => chunks)) {
      if (chunk.encrypted && encryption === null) throw fields.error("encryption", "is null, and a chunk is encrypted");
      sizes.set(chunk.sha256, chunk.bytes);
    }
  }
  const size = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (size > MOST_CONTENT) throw fields.error("", `has more than ${MOST_CONTENT} bytes of resources`);
}

function snapshotId(fields: Fields): { readonly number: number; readonly hash: string } {
  return { number: fields.integer("number", 1), hash: fields.text("hash", HASH) };
}

function provenance(fields: Fields): Provenance {
  return {
    who: fields.text("who"),
    from: fields.text("from"),
    xcp: fields.text("xcp"),
    envoyApi: fields.text("envoyApi"),
    ...(fields.value("rollbackOf") === undefined ? {} : { rollbackOf: fields.integer("rollbackOf", 1) }),
  };
}

function group(fields: Fields): GroupEntry {
  const types = fields.map("types", typeEntry);
  for (const url of Object.keys(types)) {
    if (!TYPE.form.test(url)) {
      throw fields.error("types", `has ${JSON.stringify(url.slice(0, 99))}, which is no type URL`);
    }
  }
  return { revision: fields.text("revision", VERSION), types };
}

function typeEntry(fields: Fields): TypeEntry {
  const chunks = fields.list("chunks", chunkEntry);
  const resources = fields.integer("resources", 1);
  const counted = chunks.reduce((sum, chunk) => sum + chunk.resources, 0);
  if (counted !== resources) throw fields.error("resources", `is ${resources}, and the chunks have ${counted}`);
  return { version: fields.text("version", VERSION), resources, chunks };
}

function chunkEntry(fields: Fields): ChunkEntry {
  const encrypted = fields.flag("encrypted");
  const origins = fields.flag("origins");
  const resources = fields.integer("resources", origins ? 0 : 1, origins ? 0 : Number.MAX_SAFE_INTEGER);
  const entry: ChunkEntry = {
    sha256: fields.text("sha256", HASH),
    resources,
    bytes: fields.integer("bytes", 1, LIMITS.chunk),
    stored: fields.integer("stored", 1, LIMITS.stored),
  };
  if (origins) return { ...entry, origins };
  if (!encrypted) return entry;
  const names = fields.texts("names");
  if (names.length !== resources) throw fields.error("names", `are ${names.length}, and ${resources} resources`);
  return { ...entry, encrypted, names };
}

function encryption(fields: Fields): Encryption {
  return {
    recipients: fields.texts("recipients"),
    salt: fields.text("salt", { form: /^[0-9a-f]{32}$/, of: "a salt" }),
    check: fields.text("check", HASH),
  };
}

function leftOut(fields: Fields): LeftOut {
  return { group: fields.text("group"), type: fields.text("type", TYPE), name: fields.text("name") };
}

/** A condition that this xcp does not know would widen the rule if it were passed over. */
function rule(fields: Fields): GroupRule {
  fields.only("group", "id", "cluster", "locality", "metadata");
  const [id, cluster] = [fields.optionalText("id"), fields.optionalText("cluster")];
  return {
    group: fields.text("group"),
    ...(id === undefined ? {} : { id }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(fields.value("locality") === undefined ? {} : { locality: locality(fields.object("locality")) }),
    ...(fields.value("metadata") === undefined ? {} : { metadata: fields.textMap("metadata") }),
  };
}

function locality(fields: Fields): NonNullable<GroupRule["locality"]> {
  const places = ["region", "zone", "subZone"] as const;
  fields.only(...places);
  return record(places.flatMap((place) => {
    const name = fields.optionalText(place);
    return name === undefined ? [] : [[place, name] as const];
  }));
}
