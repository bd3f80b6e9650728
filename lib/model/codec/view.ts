/**
 * What looks at messages while they are encoded: references are found this way, and rules on fields can be checked.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import { collect, type Found } from "./collect.ts";
import type { MessagePlan } from "./plan.ts";
import type { Run } from "./run.ts";
import { enumNames } from "./enums.ts";
import { readBool } from "./scalars.ts";
import type { Node } from "./tree.ts";

/**
 * Called with every message of one type, wherever it is: in a resource, in an `Any` at any depth, in a `TypedStruct`.
 * What it finds goes to the run: `run.references`, `run.issue`.
 */
export type Watcher = (message: MessageView, run: Run) => void;

/** Asked once for each message type that is met; undefined where nothing is to be looked at. */
export type Watch = (desc: DescMessage) => Watcher | undefined;

/** A string in its place. */
export interface StringAt {
  readonly value: string;
  readonly offset: number;
  /** Path inside the resource, in proto names. */
  readonly path: string;
}

/** The fields of one message as the text sets them, under their proto names. Valid only inside the watcher's call. */
export class MessageView {
  readonly #run: Run;
  readonly #plan: MessagePlan;
  readonly #found: readonly Found[];
  readonly #planOf: (desc: DescMessage) => MessagePlan;
  /** Steps below the message that the walk is at. */
  readonly #steps: readonly (string | number)[];

  constructor(
    run: Run,
    plan: MessagePlan,
    found: readonly Found[],
    planOf: (desc: DescMessage) => MessagePlan,
    steps: readonly (string | number)[] = [],
  ) {
    this.#run = run;
    this.#plan = plan;
    this.#found = found;
    this.#planOf = planOf;
    this.#steps = steps;
  }

  get desc(): DescMessage {
    return this.#plan.desc;
  }

  /** Whether the field is set, be it to its default. */
  has(field: string): boolean {
    return this.#node(field) !== undefined;
  }

  /** The node of a field, for a look that the methods below do not give. */
  node(field: string): Node | undefined {
    return this.#node(field)?.node;
  }

  /** A string that is set and not empty. */
  string(field: string): StringAt | undefined {
    return this.#stringAt(this.node(field), field);
  }

  /** The strings of a list that are not empty; of a field that is no list, its string. */
  strings(field: string): StringAt[] {
    return this.#items(field).flatMap(([node, step]) => this.#stringAt(node, ...step) ?? []);
  }

  /** The number of an enum field: 0 when it is not set. */
  enum(field: string): number {
    const found = this.#node(field);
    const desc = found?.field.desc.enum;
    return found === undefined || desc === undefined ? 0 : enumNames(found.field, desc).read(found.node) ?? 0;
  }

  /** A bool field: false when it is not set. */
  bool(field: string): boolean {
    const node = this.node(field);
    return node !== undefined && readBool(node) === true;
  }

  /** A message that is set. Not for an `Any`: what is in it is watched as its own type. */
  message(field: string): MessageView | undefined {
    return this.#view(field, this.node(field), [field]);
  }

  /** The messages of a list. */
  messages(field: string): MessageView[] {
    return this.#items(field).flatMap(([node, step]) => this.#view(field, node, step) ?? []);
  }

  #node(field: string): Found | undefined {
    return this.#found.find((each) => each.field.name === field);
  }

  #stringAt(node: Node | undefined, ...step: (string | number)[]): StringAt | undefined {
    if (node?.kind !== "string" || node.text === "") return undefined;
    return { value: node.text, offset: node.offset, path: this.#run.path(...this.#steps, ...step) };
  }

  #items(field: string): [Node, (string | number)[]][] {
    const flatten = (node: Node, steps: (string | number)[]): [Node, (string | number)[]][] =>
      node.kind === "list" ? node.items.flatMap((item, i) => flatten(item, [...steps, i])) : [[node, steps]];
    const node = this.node(field);
    return node === undefined ? [] : flatten(node, [field]);
  }

  #view(field: string, node: Node | undefined, steps: readonly (string | number)[]): MessageView | undefined {
    const desc = this.#node(field)?.field.desc.message;
    if (node?.kind !== "map" || desc === undefined) return undefined;
    const plan = this.#planOf(desc);
    const found = collect(plan, node, undefined, false);
    return new MessageView(this.#run, plan, found, this.#planOf, [...this.#steps, ...steps]);
  }
}
