/**
 * What the encoder knows of a message: made from its descriptor when the first such message is met, and kept.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { TYPE_PREFIX } from "./any.ts";
import type { EnumNames } from "./enums.ts";
import type { Run } from "./run.ts";
import type { Node } from "./tree.ts";
import type { Watcher } from "./view.ts";

/** A key and the field that it sets. */
export interface NextField {
  readonly key: string;
  readonly field: FieldPlan;
}

/** One field of a message. */
export interface FieldPlan {
  readonly desc: DescField;
  /** Proto name, which is also the step in a path. */
  readonly name: string;
  readonly number: number;
  /** Index of the oneof that it is a member of, or -1. */
  readonly oneof: number;
  /** Null is a value of its own (`google.protobuf.Value`) and not an absent field. */
  readonly takesNull: boolean;
  /** Writes the field with its tag, nothing if it has its default value and no presence. Made on first use. */
  encode: ((run: Run, node: Node) => void) | undefined;
  /** Of a field of enums; made on first use. */
  names: EnumNames | undefined;
  /** Of a field of messages: what is known of them; made when a check first looks at one. */
  message: MessagePlan | undefined;
  /** What stood behind this field when it was met last: a guess. */
  next: NextField | undefined;
}

/** Writes the fields of a well-known type. False: nothing was written, and there is an issue. */
export type Special = (run: Run, node: Node) => boolean;

/** One message. */
export interface MessagePlan {
  readonly desc: DescMessage;
  /** Its type URL. */
  readonly url: string;
  /** Fields by proto name and by JSON name. */
  readonly byName: ReadonlyMap<string, FieldPlan>;
  readonly byNumber: ReadonlyMap<number, FieldPlan>;
  /** Fields by proto name, in an object: checks ask for many, by names that stand in the code, which engines are fast at. */
  readonly fields: Readonly<Record<string, FieldPlan>>;
  /** What stood at the beginning when such a message was met last: a guess. */
  first: NextField | undefined;
  /** A well-known type that is written in a way of its own. */
  readonly special: Special | undefined;
  /** Looks at every message of this type. */
  readonly watch: Watcher | undefined;
}

/** The lookup tables of a message. */
export function planMessage(
  desc: DescMessage,
  special: Special | undefined,
  watch: Watcher | undefined,
): MessagePlan {
  const byName = new Map<string, FieldPlan>();
  const byNumber = new Map<number, FieldPlan>();
  const fields: Record<string, FieldPlan> = Object.create(null);
  for (const field of desc.fields) {
    const oneof = field.fieldKind === "list" || field.fieldKind === "map" || field.oneof === undefined
      ? -1
      : desc.oneofs.indexOf(field.oneof);
    const plan: FieldPlan = {
      desc: field,
      name: field.name,
      number: field.number,
      oneof,
      takesNull: field.fieldKind !== "map" &&
        (field.message?.typeName === "google.protobuf.Value" || field.enum?.typeName === "google.protobuf.NullValue"),
      encode: undefined,
      names: undefined,
      message: undefined,
      next: undefined,
    };
    byNumber.set(field.number, plan);
    byName.set(field.jsonName, plan);
    byName.set(field.name, plan);
    fields[field.name] = plan;
  }
  return { desc, url: TYPE_PREFIX + desc.typeName, byName, byNumber, fields, first: undefined, special, watch };
}
