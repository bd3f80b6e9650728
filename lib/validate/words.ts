/**
 * How resources are called in issues, and where they are.
 *
 * @module
 */
import { ENDPOINTS, typeByUrl } from "../model/types.ts";
import type { Position } from "../model/issue.ts";

/** Positions without what an origin has beside them; nothing when there is none. */
export function at(position: Position | undefined) {
  if (position === undefined) return {};
  const { file, line, column } = position;
  return { at: { file, line, column } };
}

/** `cluster`, `endpoints`, `scoped route`; of a type without a row in the table the message's own name. */
export function nounOf(type: string): string {
  if (type === ENDPOINTS.url) return ENDPOINTS.plural;
  return typeByUrl(type)?.short.replaceAll("-", " ") ?? type.replace(/^.*[./]/, "");
}

export function capitalized(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}

export function quote(name: string): string {
  return JSON.stringify(name);
}
