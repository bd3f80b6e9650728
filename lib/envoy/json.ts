/**
 * The JSON that Envoy is given: what the codec prints.
 *
 * @module
 */
import type { toJson } from "../model/codec/print.ts";

export type JsonObject = ReturnType<typeof toJson>;
export type JsonValue = JsonObject[string];

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
