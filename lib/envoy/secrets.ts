/**
 * Envoy's words may hold a part of the configuration, so what nobody may see is taken out of them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { REDACTED } from "../model/codec/redact.ts";
import { isObject, type JsonValue } from "./json.ts";

/** What is shorter is found everywhere, and is no secret. */
const SHORTEST = 4;

/** Values that are in the JSON of a resource and not in the one that may be shown. */
export function secretsOf(whole: JsonValue | undefined, shown: JsonValue | undefined, into: Set<string>): void {
  if (typeof whole === "string") {
    if (whole === shown) return;
    // Envoy may print bytes as they are.
    for (const text of [whole, decoded(whole)]) {
      // White space is not what it was.
      for (const part of text.split(/\s+/)) if (part.length >= SHORTEST) into.add(part);
    }
  } else if (Array.isArray(whole)) {
    for (const [i, item] of whole.entries()) secretsOf(item, Array.isArray(shown) ? shown[i] : undefined, into);
  } else if (isObject(whole)) {
    for (const [key, item] of Object.entries(whole)) secretsOf(item, isObject(shown) ? shown[key] : undefined, into);
  } else if (typeof whole === "number" && whole !== shown && String(whole).length >= SHORTEST) {
    into.add(String(whole));
  }
}

function decoded(base64: string): string {
  return /^[A-Za-z0-9+/]+=*$/.test(base64) ? Buffer.from(base64, "base64").toString() : "";
}

/** The words without the secrets. The longest go first, or a short one would leave half of a long one. */
export function redacted(words: string, secrets: ReadonlySet<string>): string {
  let text = words;
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) text = text.replaceAll(secret, REDACTED);
  return text;
}
