/**
 * The rules of `validate.rules`, as the descriptors say them, and values that break each of them. Written without the
 * checks of the product, which it measures.
 *
 * @module
 */
import {
  type DescExtension,
  type DescField,
  type DescMessage,
  type DescOneof,
  getOption,
  toJson,
} from "@bufbuild/protobuf";
import type { Api } from "../../lib/model/api.ts";
import { list, raw, text, type Value } from "./value.ts";

/** Rules as the JSON form of `validate.FieldRules`: only what is set. */
export type Rules = Readonly<Record<string, unknown>>;

/** A value that breaks a rule, with the name of the rule. */
export interface Breach {
  readonly kind: string;
  readonly value: Value;
}

/** Reads the options of descriptors. */
export class RuleReader {
  readonly #api: Api;
  readonly #field: DescExtension | undefined;
  readonly #required: DescExtension | undefined;
  readonly #known = new Map<DescField, Rules>();

  constructor(api: Api) {
    this.#api = api;
    this.#field = api.extension("validate.rules");
    this.#required = api.extension("validate.required");
  }

  of(field: DescField): Rules {
    let rules = this.#known.get(field);
    if (rules === undefined) {
      const desc = this.#api.message("validate.FieldRules");
      const option: unknown = this.#field === undefined ? undefined : getOption(field, this.#field);
      rules = desc === undefined || option === undefined ? {} : object(toJson(desc, option as never));
      this.#known.set(field, rules);
    }
    return rules;
  }

  isRequired(oneof: DescOneof): boolean {
    return this.#required !== undefined && getOption(oneof, this.#required) === true;
  }

  /** Whether a message has anything that must be there. */
  needs(desc: DescMessage): boolean {
    return desc.oneofs.some((oneof) => this.isRequired(oneof)) ||
      desc.fields.some((field) => Object.keys(this.of(field)).length > 0);
  }
}

export function object(value: unknown): Rules {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

const NUMBERS = /^(float|double|u?int(32|64)|s(int|fixed)(32|64)|fixed(32|64))$/;

/** Values that break the rules of one value; `old` is what stands there. */
export function breaches(rules: Rules, old: Value): Breach[] {
  return Object.entries(rules).flatMap(([kind, value]) => {
    const of = object(value);
    if (NUMBERS.test(kind)) return numbers(kind, of);
    switch (kind) {
      case "string":
        return strings(of, old);
      case "bytes":
        return named("bytes", of, { minLen: () => text(""), maxLen: (n) => text(btoa("x".repeat(Number(n) + 1))) });
      case "enum":
        return enums(of);
      case "duration":
        return durations(of);
      case "bool":
        return "const" in of ? [{ kind: "pgv_bool_const", value: raw(String(of["const"] !== true)) }] : [];
      default:
        return [];
    }
  });
}

type Breaker = (rule: unknown) => Value | undefined;

function named(prefix: string, rules: Rules, breakers: Readonly<Record<string, Breaker>>): Breach[] {
  return Object.entries(rules).flatMap(([rule, argument]) => {
    const value = breakers[rule]?.(argument);
    return value === undefined ? [] : [{ kind: `pgv_${prefix}_${snake(rule)}`, value }];
  });
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function strings(rules: Rules, old: Value): Breach[] {
  const cut = (n: unknown) => text("x".repeat(Math.max(0, Number(n) - 1)));
  const long = (n: unknown) => Number(n) > 100_000 ? undefined : text("x".repeat(Number(n) + 1));
  const header = rules["wellKnownRegex"];
  const isStrict = rules["strict"] !== false;
  const own = old.kind === "scalar" ? old.text : "x";
  return [
    ...named("string", rules, {
      len: (n) => text("x".repeat(Number(n) + 1)),
      minLen: cut,
      minBytes: cut,
      maxLen: long,
      maxBytes: long,
      const: () => text("something else"),
      in: () => text("xcp none of these"),
      notIn: (all) => text(texts(all)[0] ?? ""),
      prefix: () => text("~no such prefix"),
      suffix: () => text("no such suffix~"),
      contains: () => text("~"),
      notContains: (part) => text(`${own}${String(part)}`),
      pattern: (pattern) => text(unlike(String(pattern))),
      email: () => text("no mail"),
      hostname: () => text("-not a host-"),
      ip: () => text("300.1.2.3"),
      ipv4: () => text("300.1.2.3"),
      ipv6: () => text("xyz::1"),
      uri: () => text("no uri"),
      uriRef: () => text("%zz"),
      address: () => text("-not a host-"),
      uuid: () => text("no-uuid"),
      wellKnownRegex: () =>
        text(!isStrict ? "a\nb" : header === "HTTP_HEADER_NAME" ? "no header name" : "no\u0001value"),
    }),
    ...("wellKnownRegex" in rules ? [{ kind: "pgv_string_well_known_regex_nul", value: text("a\u0000b") }] : []),
  ];
}

/** Something that a pattern does not match. */
function unlike(pattern: string): string {
  let tried: RegExp;
  try {
    tried = new RegExp(pattern, "u");
  } catch {
    return "~ ~";
  }
  const odd = ["~ ~", "", "\u0001", "a b", "A", "9", "x"];
  return odd.find((candidate) => !tried.test(candidate)) ?? "~ ~";
}

function numbers(type: string, rules: Rules): Breach[] {
  const isReal = type === "float" || type === "double";
  const isSigned = isReal || /^s?int|^sfixed/.test(type);
  const step = (n: unknown, by: number): Value | undefined => {
    const value = isReal ? Number(n) + by : BigInt(String(n)) + BigInt(by);
    if (!isSigned && value < 0) return undefined;
    if (/32/.test(type) && value > 0xffff_ffff) return undefined;
    return typeof value === "bigint" && value >= 1n << 64n ? undefined : raw(String(value));
  };
  return named(type, rules, {
    const: (n) => step(n, 1),
    lt: (n) => step(n, 0),
    lte: (n) => step(n, 1),
    gt: (n) => step(n, 0),
    gte: (n) => step(n, -1),
    in: () => raw("77"),
    notIn: (all) => raw(texts(all)[0] ?? "0"),
  });
}

function enums(rules: Rules): Breach[] {
  return named("enum", rules, {
    const: (n) => raw(String(Number(n) + 1)),
    definedOnly: (on) => on === true ? raw("77") : undefined,
    in: () => raw("77"),
    notIn: (all) => raw(texts(all)[0] ?? "0"),
  });
}

/** JSON durations are `1.5s`; more or less by a second. */
function durations(rules: Rules): Breach[] {
  const by = (seconds: number): Breaker => (value) => {
    const result = Number(String(value).replace("s", "")) + seconds;
    return result < 0 ? text(`-${Math.abs(result)}s`) : text(`${result}s`);
  };
  return named("duration", rules, { const: by(1), lt: by(0), lte: by(1), gt: by(0), gte: by(-1) });
}

/** Lists and maps that break a rule of the whole field. */
export function collectionBreaches(rules: Rules, value: Value): Breach[] {
  const of = object(rules["repeated"]);
  const found: Breach[] = [];
  if (value.kind === "list") {
    const first = value.items[0];
    if ("minItems" in of) {
      found.push({ kind: "pgv_repeated_min_items", value: list(value.items.slice(0, Number(of["minItems"]) - 1)) });
    }
    if (first !== undefined && "maxItems" in of && Number(of["maxItems"]) < 300) {
      const items = Array.from({ length: Number(of["maxItems"]) + 1 }, () => first);
      found.push({ kind: "pgv_repeated_max_items", value: list(items) });
    }
    if (first !== undefined && of["unique"] === true) {
      found.push({ kind: "pgv_repeated_unique", value: list([...value.items, first]) });
    }
  }
  const pairs = object(rules["map"]);
  if (value.kind === "map" && "minPairs" in pairs) {
    found.push({ kind: "pgv_map_min_pairs", value: { kind: "map", entries: [] } });
  }
  return found;
}
