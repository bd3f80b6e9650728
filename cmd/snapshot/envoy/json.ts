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

/** Changes every object, those inside first. What does not change is not copied. */
export function mapObjects(json: JsonObject, change: (object: JsonObject) => JsonObject): JsonObject {
  return change(mapInside(json, change));
}

function mapInside(json: JsonObject, change: (object: JsonObject) => JsonObject): JsonObject {
  let changed = false;
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(json)) {
    const made = mapValue(value, change);
    changed ||= made !== value;
    entries.push([key, made]);
  }
  return changed ? Object.fromEntries(entries) : json;
}

function mapValue(value: Json, change: (object: JsonObject) => JsonObject): Json {
  if (isObject(value)) return mapObjects(value, change);
  if (!Array.isArray(value)) return value;
  const items = value.map((item) => mapValue(item, change));
  return items.some((item, at) => item !== value[at]) ? items : value;
}
