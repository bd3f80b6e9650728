/**
 * What a check of one value is, and what it answers.
 *
 * @module
 */
import type { Node } from "../../model/codec/tree.ts";
import { clip } from "../../model/codec/scalars.ts";

/** Names of the rules, as issues carry them. */
export const FIELD_RULE = {
  valueRange: "value-range",
  valueSet: "value-set",
  durationRange: "duration-range",
  stringLength: "string-length",
  stringPattern: "string-pattern",
  stringFormat: "string-format",
  enumValue: "enum-value",
  listSize: "list-size",
  listUnique: "list-unique",
  mapSize: "map-size",
  requiredField: "required-field",
  requiredOneof: "required-oneof",
} as const;

/** What is wrong with a value. */
export interface Fault {
  readonly rule: string;
  /** What it has to be, behind the name of the field: `must be greater than 0s`. */
  readonly must: string;
  /** What it is, as it can be shown; undefined where that says nothing, or is nobody's business. */
  readonly found?: string | undefined;
}

/**
 * Looks at one value: undefined stands for the default, which an absent field has. Answers undefined for what is right,
 * and for what cannot be read, which the codec reports.
 */
export type ValueCheck = (node: Node | undefined) => Fault | undefined;

/** All of them in order: the first fault counts. Undefined when there is nothing to check. */
export function every(checks: readonly (ValueCheck | undefined)[]): ValueCheck | undefined {
  const [first, ...others] = checks.filter((check) => check !== undefined);
  if (first === undefined || others.length === 0) return first;
  return (node) => {
    let fault = first(node);
    for (let i = 0; fault === undefined && i < others.length; i++) fault = others[i]?.(node);
    return fault;
  };
}

/** A string in a message. */
export function quote(text: string): string {
  return `"${clip(text)}"`;
}

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
