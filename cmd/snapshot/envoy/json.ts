/**
 * Messages as JSON.
 *
 * @module
 */
import type { toJson } from "../../../lib/model/codec/print.ts";

export type JsonObject = ReturnType<typeof toJson>;
export type Json = JsonObject[string];

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Changes every object, those inside first. */
export function mapObjects(json: JsonObject, change: (object: JsonObject) => JsonObject): JsonObject {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    return isObject(value) ? mapObjects(value, change) : value;
  };
  return change(Object.fromEntries(Object.entries(json).map(([key, value]) => [key, visit(value)])));
}
