/**
 * From the rules of a message to one pass over its fields.
 *
 * @module
 */
import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import type { Api } from "../../model/api.ts";
import type { Found } from "../../model/codec/collect.ts";
import { Sensitive } from "../../model/codec/redact.ts";
import type { MessageView, Watcher } from "../../model/codec/view.ts";
import { type Fault, FIELD_RULE } from "./check.ts";
import { listCheck, mapCheck } from "./containers.ts";
import { Options, type Rules, rulesOf } from "./options.ts";
import { Reach } from "./reach.ts";
import { valueCheck } from "./values.ts";

/** Says what is wrong, where: the subject is the field, or what is in it. */
export type Report = (view: MessageView, fault: Fault, subject: string, at: string | Where) => void;

/** A place below a field. */
export interface Where {
  readonly offset: number;
  readonly steps: Parameters<MessageView["path"]>;
}

/** What is to be looked at in one field. */
interface FieldCheck {
  readonly number: number;
  readonly name: string;
  /** What is wrong when the field is not set. */
  readonly absent: Fault | undefined;
  look(view: MessageView, found: Found): void;
}

/** A oneof that needs a member. */
interface RequiredOneof {
  readonly oneof: DescOneof;
  readonly index: number;
}

/** Makes the watchers of an API. */
export class Compiler {
  readonly #options: Options;
  readonly #reach: Reach;
  readonly #sensitive: Sensitive;

  constructor(api: Api) {
    this.#options = new Options(api);
    this.#reach = new Reach(this.#options);
    this.#sensitive = new Sensitive(api);
  }

  /** Undefined for a message that has no rules of its own. */
  watcher(desc: DescMessage): Watcher | undefined {
    if (this.#options.isDisabled(desc)) return undefined;
    const checks = desc.fields.map((field) => this.#field(field)).filter((check) => check !== undefined);
    const needed = checks.filter((check) => check.absent !== undefined);
    const isNeeded = desc.oneofs.map((oneof) => this.#options.isRequired(oneof));
    const oneofs = desc.oneofs.flatMap((oneof, index) => isNeeded[index] ? [{ oneof, index }] : []);
    if (checks.length === 0 && oneofs.length === 0) return undefined;
    // Watched are thousands of messages, most of them right: what is there is looked at once, what is not only counted.
    const byNumber: (FieldCheck | undefined)[] = [];
    for (const check of checks) byNumber[check.number] = check;
    return (view) => {
      const { found } = view;
      let missing = needed.length + oneofs.length;
      for (const each of found) {
        const { number, oneof } = each.field;
        const check = byNumber[number];
        if (check !== undefined) {
          if (check.absent !== undefined) missing--;
          check.look(view, each);
        }
        if (oneof >= 0 && isNeeded[oneof] === true) missing--;
      }
      if (missing > 0) this.#lacks(view, needed, oneofs);
    };
  }

  #lacks(view: MessageView, needed: readonly FieldCheck[], oneofs: readonly RequiredOneof[]): void {
    const { found } = view;
    for (const { number, name, absent } of needed) {
      if (absent === undefined || found.some(({ field }) => field.number === number)) continue;
      const must = absent.rule === FIELD_RULE.requiredField ? absent.must : `${absent.must}: it is not set`;
      this.#report(view, { rule: absent.rule, must }, `"${name}"`, name);
    }
    for (const { oneof, index } of oneofs) {
      if (!found.some(({ field }) => field.oneof === index)) this.#report(view, missingMember(oneof), "", "");
    }
  }

  #field(field: DescField): FieldCheck | undefined {
    const rules = this.#options.rules(field);
    if (rules === undefined) return undefined;
    const { number, name } = field;
    const secret = this.#sensitive.field(field);
    if (field.fieldKind === "list" || field.fieldKind === "map") {
      const check = field.fieldKind === "list"
        ? listCheck(field, rulesOf(rules, "repeated") ?? {}, secret, this.#report)
        : mapCheck(field, rulesOf(rules, "map") ?? {}, secret, this.#report);
      return check && { number, name, absent: check.absent, look: (view, { node }) => check.look(view, node) };
    }
    const check = valueCheck(field, rules, secret);
    const chosen = field.oneof !== undefined || field.proto.proto3Optional;
    const absent = field.fieldKind === "message"
      ? missingMessage(rules, chosen)
      : chosen
      ? undefined
      : check?.(undefined);
    if (check === undefined && absent === undefined) return undefined;
    return {
      number,
      name,
      absent,
      look: (view, { node }) => {
        const fault = check?.(node);
        if (fault !== undefined) this.#report(view, fault, `"${name}"`, name);
      },
    };
  }

  readonly #report: Report = (view, { rule, must, found }, subject, at) => {
    if (!this.#reach.isChecked(view.run, view.desc)) return;
    const message = `${subject}${subject === "" ? "" : " "}${must}${found === undefined ? "" : `, found ${found}`}`;
    view.reject(rule, message, typeof at === "string" ? at : { offset: at.offset, path: view.path(...at.steps) });
  };
}

/** The kinds of rules that say that a message must be there. */
const REQUIRED = ["message", "any", "duration", "timestamp"];

function missingMessage(rules: Rules, chosen: boolean): Fault | undefined {
  if (chosen || !REQUIRED.some((kind) => rulesOf(rules, kind)?.["required"] === true)) return undefined;
  return { rule: FIELD_RULE.requiredField, must: "must be set" };
}

function missingMember({ fields }: DescOneof): Fault {
  const names = fields.map(({ name }) => name);
  const must = names.length === 1 ? `"${names[0]}" must be set` : `one of ${names.join(", ")} must be set`;
  return { rule: FIELD_RULE.requiredOneof, must };
}
