/**
 * Reads what matters of a node message: who it is, and what rules may match. The rest (516 extensions) is dropped.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/base.proto#config-core-v3-node
 * @module
 */
import { FieldReader } from "./reader.ts";

/** A client, as it describes itself. */
export interface Node {
  readonly id: string;
  readonly cluster: string;
  readonly locality: { readonly region: string; readonly zone: string; readonly subZone: string };
  /** Top-level metadata values that are strings, numbers or booleans, as strings; long ones are left out. */
  readonly metadata: ReadonlyMap<string, string>;
  /** `envoy 1.40.0`; "" when the client does not say. */
  readonly userAgent: string;
  /** `client_features`, as many as are looked at. */
  readonly features: readonly string[];
}

/** Characters of a metadata value that a rule may match; what is longer is not kept, for every stream has a node. */
export const LONGEST_VALUE = 256;
/** Client features that are kept. */
export const MOST_FEATURES = 64;

/** Whether two nodes are the same as far as anybody here looks. */
export function sameNode(a: Node, b: Node): boolean {
  const { locality: one } = a;
  const { locality: other } = b;
  return a.id === b.id && a.cluster === b.cluster && a.userAgent === b.userAgent &&
    a.features.join("\n") === b.features.join("\n") &&
    one.region === other.region && one.zone === other.zone && one.subZone === other.subZone &&
    a.metadata.size === b.metadata.size && [...a.metadata].every(([key, value]) => b.metadata.get(key) === value);
}

/** @throws MalformedMessage */
export function readNode(bytes: Uint8Array): Node {
  let id = "", cluster = "", agent = "", agentVersion = "";
  let locality = { region: "", zone: "", subZone: "" };
  let metadata: ReadonlyMap<string, string> = new Map();
  const features: string[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        id = reader.string();
        break;
      case 2:
        cluster = reader.string();
        break;
      case 3:
        metadata = readStruct(reader.bytes());
        break;
      case 4:
        locality = readLocality(reader.bytes());
        break;
      case 6:
        agent = reader.string();
        break;
      case 7:
        agentVersion = reader.string();
        break;
      case 8:
        agentVersion = readBuildVersion(reader.bytes());
        break;
      case 10:
        if (features.length < MOST_FEATURES) features.push(reader.string().slice(0, LONGEST_VALUE));
        break;
    }
  }
  return { id, cluster, locality, metadata, userAgent: `${agent} ${agentVersion}`.trim(), features };
}

function readLocality(bytes: Uint8Array): { region: string; zone: string; subZone: string } {
  const locality = { region: "", zone: "", subZone: "" };
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) locality.region = reader.string();
    else if (reader.field === 2) locality.zone = reader.string();
    else if (reader.field === 3) locality.subZone = reader.string();
  }
  return locality;
}

/** `BuildVersion.version` as `major.minor.patch`. */
function readBuildVersion(bytes: Uint8Array): string {
  const numbers = [0, 0, 0];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const version = new FieldReader(reader.bytes());
    while (version.next()) if (version.field >= 1 && version.field <= 3) numbers[version.field - 1] = version.uint();
  }
  return numbers.join(".");
}

function readStruct(bytes: Uint8Array): Map<string, string> {
  const values = new Map<string, string>();
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field !== 1) continue;
    let key = "";
    let value: string | undefined;
    const entry = new FieldReader(reader.bytes());
    while (entry.next()) {
      if (entry.field === 1) key = entry.string();
      else if (entry.field === 2) value = readScalar(entry.bytes());
    }
    if (value !== undefined && value.length <= LONGEST_VALUE) values.set(key, value);
  }
  return values;
}

/** A `google.protobuf.Value` that is a number, a string or a bool; undefined for the others. */
function readScalar(bytes: Uint8Array): string | undefined {
  let value: string | undefined;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 2) value = String(reader.double());
    else if (reader.field === 3) value = reader.string();
    else if (reader.field === 4) value = String(reader.uint() !== 0);
    else value = undefined;
  }
  return value;
}
