/**
 * Enum values: names in any case, or numbers.
 *
 * @module
 */
import type { DescEnum } from "@bufbuild/protobuf";
import type { FieldPlan } from "./plan.ts";
import { RULES } from "./rules.ts";
import type { Run } from "./run.ts";
import { clip, DECIMAL, writeInt } from "./scalars.ts";
import type { Node } from "./tree.ts";

/** The names of a field's enum, made on first use. */
export function enumNames(plan: FieldPlan, desc: DescEnum): EnumNames {
  return plan.names ??= new EnumNames(desc);
}

/** The names of one enum, made once for each. */
export class EnumNames {
  readonly #desc: DescEnum;
  readonly #exact: ReadonlyMap<string, number>;
  #lower: Map<string, number> | undefined;

  constructor(desc: DescEnum) {
    this.#desc = desc;
    this.#exact = new Map(desc.values.map((value) => [value.name, value.number]));
  }

  /** The number of a name in any case, or of a number; undefined for what is neither. */
  read(node: Node): number | undefined {
    if (node.kind === "null") return 0;
    if (node.kind !== "string" && node.kind !== "number") return undefined;
    const named = this.#exact.get(node.text) ?? this.#lowerCase().get(node.text.toLowerCase());
    if (named !== undefined) return named;
    // A string must be digits, a number may also be `1e0`.
    const value = node.kind === "number" || DECIMAL.test(node.text.trim()) ? Number(node.text) : NaN;
    return value === (value | 0) ? value : undefined;
  }

  encode(run: Run, node: Node): boolean {
    const value = this.read(node);
    if (value !== undefined) {
      writeInt(run, value);
      return true;
    }
    if (node.kind !== "string" && node.kind !== "number") {
      const hint = node.kind === "boolean" ? ": put the name in quotes" : "";
      return run.wrongType(node, `a name of ${this.#desc.name}`, hint);
    }
    const names = this.#desc.values.map((each) => each.name);
    const meant = run.source.suggest(node.text, names);
    const hint = meant !== undefined
      ? `; did you mean ${meant}?`
      : names.length <= 12
      ? `: one of ${names.join(", ")}`
      : "";
    run.issue(RULES.badEnum, node.offset, `${this.#desc.name} has no value "${clip(node.text)}"${hint}`);
    return false;
  }

  #lowerCase(): Map<string, number> {
    if (this.#lower === undefined) {
      this.#lower = new Map();
      // The first of two names that differ in case only wins, as in Envoy.
      for (const { name, number } of this.#desc.values) {
        if (!this.#lower.has(name.toLowerCase())) this.#lower.set(name.toLowerCase(), number);
      }
    }
    return this.#lower;
  }
}
