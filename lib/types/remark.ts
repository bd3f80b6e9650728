/**
 * What is worth a comment: the limits of `validate.rules`, what is deprecated, where Envoy's documentation is. The
 * descriptors have no comments of their own.
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
import type { Api } from "../model/api.ts";

const DOCUMENTATION = "https://www.envoyproxy.io/docs/envoy/latest/api-v3";

/** JSON of a message of rules. 64-bit limits are strings. */
type Rules = { readonly [name: string]: unknown };

/** Writes comments, without the marks around them. */
export class Remarks {
  readonly #rules: DescExtension | undefined;
  readonly #required: DescExtension | undefined;
  readonly #disallowed: DescExtension | undefined;

  constructor(api: Api) {
    this.#rules = api.extension("validate.rules");
    this.#required = api.extension("validate.required");
    this.#disallowed = api.extension("envoy.annotations.disallowed_by_default");
  }

  /** Lines over a message: its name, its page, and which of its fields exclude each other. */
  message(desc: DescMessage): string[] {
    const page = pageOf(desc);
    return [
      page === undefined ? `${desc.typeName}.` : `[${desc.typeName}](${page})`,
      ...choicesOf(desc).map((oneof) => {
        const names = oneof.fields.map((field) => `\`${field.name}\``).join(", ");
        return `${this.#isOn(oneof, this.#required) ? "One of these is required" : "At most one of"}: ${names}.`;
      }),
      ...(desc.deprecated ? ["@deprecated"] : []),
    ];
  }

  /** Lines over a field; most have none. */
  field(field: DescField): string[] {
    const rules = this.#rulesOf(field);
    const limits = (rules === undefined ? [] : limitsOf(rules)).flatMap((limit) => {
      if (limit !== "required" || field.oneof === undefined) return [limit];
      // Of a oneof a member is there when it is set.
      return field.fieldKind === "message" ? [] : ["not empty"];
    });
    if (field.oneof?.fields.length === 1 && this.#isOn(field.oneof, this.#required)) limits.unshift("required");
    const lines = limits.length === 0 ? [] : [sentence(limits)];
    if (this.#isOn(field, this.#disallowed)) return [...lines, "@deprecated Envoy refuses it by default."];
    return field.deprecated ? [...lines, "@deprecated"] : lines;
  }

  #rulesOf(field: DescField): Rules | undefined {
    if (field.proto.options === undefined || this.#rules?.message === undefined) return undefined;
    const value: unknown = getOption(field, this.#rules);
    return toJson(this.#rules.message, value as Parameters<typeof toJson>[1]) as Rules;
  }

  #isOn(desc: DescField | DescOneof, extension: DescExtension | undefined): boolean {
    return extension !== undefined && desc.proto.options !== undefined && getOption(desc, extension) === true;
  }
}

/** The oneofs with something to choose. */
export function choicesOf(desc: DescMessage): DescOneof[] {
  return desc.oneofs.filter((oneof) => oneof.fields.length > 1);
}

/** Envoy's pages follow the paths of its files, and the anchors on them the names. */
function pageOf(desc: DescMessage): string | undefined {
  const path = /^envoy\/(.*\/v\d+\/\w+\.proto)$/.exec(desc.file.proto.name)?.[1];
  if (path === undefined || !desc.typeName.startsWith("envoy.")) return undefined;
  const anchor = desc.typeName.slice("envoy.".length).toLowerCase().replaceAll(/[._]/g, "-");
  return `${DOCUMENTATION}/${path}#envoy-v3-api-msg-${anchor}`;
}

function sentence(limits: readonly string[]): string {
  const text = limits.join(", ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Words for the rules of one field: `{"string": {"minLen": "1"}}`. */
function limitsOf(rules: Rules): string[] {
  return Object.entries(rules).flatMap(([kind, value]) => isRules(value) ? limitsOfKind(kind, value) : []);
}

function limitsOfKind(kind: string, rules: Rules): string[] {
  // A rule may be wrapped by one that forgives an empty value.
  const optional = rules["ignoreEmpty"] === true;
  const limits = Object.entries(rules).flatMap(([rule, value]) => {
    if (rule === "items" || rule === "values" || rule === "keys") {
      return isRules(value) ? limitsOf(value).map((limit) => `${OF_EACH[rule]}: ${limit}`) : [];
    }
    const text = WORDS[kind === "repeated" || kind === "map" ? `${kind}.${rule}` : rule]?.(value);
    return text === undefined ? [] : [optional && text === "required" ? "not empty" : text];
  });
  return optional && limits.length > 0 ? [...limits, "or left out"] : limits;
}

const OF_EACH = { items: "each", values: "each value", keys: "each key" } as const;

type Words = (value: unknown) => string | undefined;

const WORDS: Readonly<Record<string, Words>> = {
  required: (value) => value === true ? "required" : undefined,
  minLen: (value) => Number(value) === 1 ? "required" : `at least ${value} characters`,
  minBytes: (value) => Number(value) === 1 ? "required" : `at least ${value} bytes`,
  maxLen: (value) => `at most ${value} characters`,
  maxBytes: (value) => `at most ${value} bytes`,
  pattern: (value) => `matches \`${inComment(String(value))}\``,
  prefix: (value) => `begins with \`${inComment(String(value))}\``,
  suffix: (value) => `ends with \`${inComment(String(value))}\``,
  wellKnownRegex: (value) => value === "HTTP_HEADER_NAME" ? "the name of a header" : "the value of a header",
  const: (value) => `only ${shown(value)}`,
  in: (value) => `one of ${shown(value)}`,
  notIn: (value) => `not ${shown(value)}`,
  gt: (value) => `> ${shown(value)}`,
  gte: (value) => `>= ${shown(value)}`,
  lt: (value) => `< ${shown(value)}`,
  lte: (value) => `<= ${shown(value)}`,
  "repeated.minItems": (value) => Number(value) === 1 ? "required" : `at least ${value}`,
  "repeated.maxItems": (value) => `at most ${value}`,
  "repeated.unique": (value) => value === true ? "each once" : undefined,
  "map.minPairs": (value) => Number(value) === 1 ? "required" : `at least ${value}`,
  "map.maxPairs": (value) => `at most ${value}`,
};

function shown(value: unknown): string {
  return Array.isArray(value) ? value.map((each) => shown(each)).join(", ") : inComment(String(value));
}

function inComment(text: string): string {
  return text.replaceAll("*/", "*\\/").replaceAll(/[\r\n]+/g, " ");
}

function isRules(value: unknown): value is Rules {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
