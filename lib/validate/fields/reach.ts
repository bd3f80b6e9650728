/**
 * Where Envoy checks the rules of fields. It does so for a whole message when it unpacks it, and not for all that it
 * unpacks; what it never unpacks is nobody's fault.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { FieldPlan } from "../../model/codec/plan.ts";
import type { Run, Step } from "../../model/codec/run.ts";
import type { Options } from "./options.ts";
import { rulesOf } from "./options.ts";

const ANY = "google.protobuf.Any";

/** Fields whose `Any` is handed on, or kept until somebody asks for it, with the message that they are in. */
const UNREAD: ReadonlySet<string> = new Set<string>([]);

/** Messages that are used without a check of their rules when they are the content of an `Any`. */
const UNCHECKED: ReadonlySet<string> = new Set<string>([]);

/** Of these lists Envoy uses the first element that it knows, and looks at no other. */
const FIRST_ONLY: ReadonlySet<string> = new Set(["envoy.config.cluster.v3.LoadBalancingPolicy.policies"]);

/** Tells where a walk is. It is asked only when something is wrong. */
export class Reach {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Whether Envoy checks the message of that type, which the walk is at. */
  isChecked(run: Run, desc: DescMessage): boolean {
    let outside = false;
    let skipped = false;
    let root: DescMessage | undefined;
    let before: DescField | undefined;
    for (const [i, step] of run.steps.entries()) {
      const field = fieldOf(step);
      if (field === undefined) {
        if (typeof step === "number" && step > 0 && before !== undefined && FIRST_ONLY.has(nameOf(before))) {
          outside ||= fieldOf(run.steps[i - 1]) === before;
        }
        continue;
      }
      if (before === undefined || before.message?.typeName === ANY) {
        root = field.parent;
        skipped = false;
      }
      outside ||= UNREAD.has(nameOf(field));
      skipped ||= this.#options.isDisabled(field.parent) || this.#skips(field);
      before = field;
    }
    if (before?.message?.typeName === ANY) {
      root = desc;
      skipped = false;
    }
    return !outside && !skipped && !(root !== undefined && before !== undefined && UNCHECKED.has(root.typeName));
  }

  #skips(field: DescField): boolean {
    if (field.message === undefined) return false;
    const rules = this.#options.rules(field);
    const inner = rulesOf(rulesOf(rules, "repeated"), "items") ?? rulesOf(rulesOf(rules, "map"), "values") ?? rules;
    return rulesOf(inner, "message")?.["skip"] === true;
  }
}

function fieldOf(step: Step | undefined): DescField | undefined {
  return typeof step === "object" && "desc" in step ? (step as FieldPlan).desc : undefined;
}

function nameOf(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}
