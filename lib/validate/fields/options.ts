/**
 * The `validate.*` options of descriptors as plain objects.
 *
 * @see https://github.com/bufbuild/protoc-gen-validate/blob/main/validate/validate.proto
 * @module
 */
import { type DescExtension, type DescField, type DescMessage, type DescOneof, getOption } from "@bufbuild/protobuf";
import { isReflectMessage, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Api } from "../../model/api.ts";

/** What a rule is set to: a limit, a list of values, more rules. */
export type Setting = string | number | bigint | boolean | Uint8Array | Rules | readonly Setting[];

/** A message of rules: what is set of it, under proto names. 64-bit numbers are bigints. */
export type Rules = { readonly [name: string]: Setting };

/** Reads options. The extensions are looked up when the first descriptor is asked about. */
export class Options {
  readonly #api: Api;
  readonly #extensions = new Map<string, DescExtension | undefined>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** The `validate.rules` of a field; undefined for a field without, or with empty ones. */
  rules(field: DescField): Rules | undefined {
    const extension = this.#extension("validate.rules");
    if (extension?.message === undefined || field.proto.options === undefined) return undefined;
    const value: unknown = getOption(field, extension);
    const rules = plain(reflect(extension.message, value as Parameters<typeof reflect>[1]));
    return Object.keys(rules).length === 0 ? undefined : rules;
  }

  /** Whether one of the members has to be chosen. */
  isRequired(oneof: DescOneof): boolean {
    return this.#isSet(oneof, "validate.required");
  }

  /** Whether neither the message nor what is in it is checked. */
  isDisabled(desc: DescMessage): boolean {
    return this.#isSet(desc, "validate.disabled") || this.#isSet(desc, "validate.ignored");
  }

  #isSet(desc: DescOneof | DescMessage, name: string): boolean {
    if (desc.proto.options === undefined) return false;
    const extension = this.#extension(name);
    return extension !== undefined && getOption(desc, extension) === true;
  }

  #extension(name: string): DescExtension | undefined {
    if (!this.#extensions.has(name)) this.#extensions.set(name, this.#api.extension(name));
    return this.#extensions.get(name);
  }
}

function plain(message: ReflectMessage): Rules {
  const rules: Record<string, Setting> = {};
  for (const field of message.fields) {
    if (!message.isSet(field)) continue;
    const value: unknown = message.get(field);
    rules[field.name] = field.fieldKind === "list" ? Array.from(value as Iterable<unknown>, setting) : setting(value);
  }
  return rules;
}

function setting(value: unknown): Setting {
  if (isReflectMessage(value)) return plain(value);
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      if (value instanceof Uint8Array) return value;
      throw new TypeError("Cannot read the rules of a field: they hold what no rule is");
  }
}

/** A rule that is a number; limits of lengths are 64 bits, and none is beyond what a double holds. */
export function numberOf(rules: Rules, name: string): number | undefined {
  const value = rules[name];
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : undefined;
}

export function stringOf(rules: Rules, name: string): string | undefined {
  const value = rules[name];
  return typeof value === "string" ? value : undefined;
}

export function listOf(rules: Rules, name: string): readonly Setting[] | undefined {
  const value = rules[name];
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** A rule that is a message of rules or of a well-known type. */
export function rulesOf(rules: Rules | undefined, name: string): Rules | undefined {
  const value = rules?.[name];
  return value === undefined ? undefined : asRules(value);
}

export function asRules(value: Setting): Rules | undefined {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array)
    ? value as Rules
    : undefined;
}
