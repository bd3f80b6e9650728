/**
 * A set of keys in the text of a configuration. Envoy takes a set with at least one key that it can use.
 *
 * Source: RFC 7517, and `jwt_verify_lib` of Envoy.
 *
 * @module
 */

/** Why Envoy refuses a JSON Web Key Set, or undefined. Keys are looked at no closer than can be said for sure. */
export function jwksFault(text: string): string | undefined {
  if (!text.trimStart().startsWith("{")) return "it is no JSON object";
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return undefined; // Envoy's reader takes more than JSON: commas at the end, for one
  }
  if (!isRecord(set)) return undefined;
  const { keys } = set;
  if (keys === undefined) return 'it has no "keys"';
  if (!Array.isArray(keys)) return '"keys" is no list';
  if (keys.length === 0) return '"keys" is empty';
  const faults = keys.map(keyFault);
  return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
}

/** What each kind of key needs. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  EC: ["x", "y"],
  RSA: ["n", "e"],
  oct: ["k"],
  OKP: ["x"],
};

function keyFault(key: unknown): string | undefined {
  if (!isRecord(key)) return "a key is no JSON object";
  const { kty } = key;
  if (typeof kty !== "string") return 'a key has no "kty"';
  const fields = FIELDS[kty];
  if (fields === undefined) return `Envoy has no keys of kty "${kty}"`;
  const missing = fields.find((field) => typeof key[field] !== "string");
  return missing === undefined ? undefined : `a key of kty "${kty}" has no "${missing}"`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
