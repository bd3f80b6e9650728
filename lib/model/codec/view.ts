/**
 * What looks at messages while they are encoded: references are found this way, and rules are checked.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import type { Claim } from "../resource.ts";
import { TYPED_STRUCTS, typeOf } from "./any.ts";
import { collect, type Found } from "./collect.ts";
import { enumNames } from "./enums.ts";
import type { MessagePlan } from "./plan.ts";
import type { Run, Step } from "./run.ts";
import { parseFloatText } from "./floats.ts";
import { readBool } from "./scalars.ts";
import { type MapNode, type Node, valueOf } from "./tree.ts";
import { readDuration } from "./well_known.ts";

/**
 * Called with every message of one type, wherever it is: in a resource, in an `Any` at any depth, in a `TypedStruct`.
 * Messages inside of it were watched before it. What a watcher finds goes to the view (`view.reject`) or the run
 * (`run.references`).
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

/** What a view needs of its encoder. */
export interface Plans {
  readonly api: Api;
  plan(desc: DescMessage): MessagePlan;
}

/**
 * The fields of one message as the text sets them, under their proto names. Valid only inside the watcher's call. What
 * cannot be read (a map where a string belongs) is reported by the encoder, and not there for a view.
 */
export class MessageView {
  readonly run: Run;
  /** The map of the text. */
  readonly map: MapNode;
  /** The fields that are set, by number. */
  readonly found: readonly Found[];
  readonly #plan: MessagePlan;
  readonly #plans: Plans;
  /** Steps below the message that the walk is at. */
  readonly #steps: readonly Step[];

  constructor(
    run: Run,
    plan: MessagePlan,
    map: MapNode,
    found: readonly Found[],
    plans: Plans,
    steps: readonly Step[] = [],
  ) {
    this.run = run;
    this.map = map;
    this.found = found;
    this.#plan = plan;
    this.#plans = plans;
    this.#steps = steps;
  }

  get desc(): DescMessage {
    return this.#plan.desc;
  }

  /** Path of the message, or of what is below it, inside its resource. */
  path(...steps: Step[]): string {
    return this.run.path(...this.#steps, ...steps);
  }

  /** Where the value of the field is; the message's own place for a field that is not set. */
  offset(field?: string): number {
    return field === undefined ? this.map.offset : this.#found(field)?.node.offset ?? this.map.offset;
  }

  /** What Envoy refuses: at the field's value, at the message if the field is not set, or at a place of its own. */
  reject(rule: string, message: string, at: string | Place = ""): void {
    const { offset, path } = this.#place(at);
    this.run.reject(rule, offset, message, path);
  }

  /** What Envoy accepts, and that will not do what it says. */
  warn(rule: string, message: string, at: string | Place = ""): void {
    const { offset, path } = this.#place(at);
    this.run.issue(rule, offset, message, { severity: "warning", path });
  }

  /** What others may contradict: see `Claim`. */
  claim(kind: Claim["kind"], key: string, at: string | Place = ""): void {
    const { offset, path } = this.#place(at);
    const { source } = this.run;
    this.run.claims.push({ kind, key: source.keep(key), path: source.keep(path), at: this.run.position(offset) });
  }

  /** Whether the field is set, be it to its default. */
  has(field: string): boolean {
    return this.#found(field) !== undefined;
  }

  /** The first of the fields that is set: of a oneof, the member that is chosen. */
  which(...fields: string[]): string | undefined {
    return fields.find((field) => this.has(field));
  }

  /** The node of a field, for a look that the methods below do not give. */
  node(field: string): Node | undefined {
    return this.#found(field)?.node;
  }

  /** A string that is set and not empty, also as `{value: text}` of a wrapper. */
  string(field: string): StringAt | undefined {
    return this.#stringAt(unwrap(this.node(field)), field);
  }

  /** The strings of a list that are not empty; of a field that is no list, its string. */
  strings(field: string): StringAt[] {
    return this.#items(field).flatMap(([node, steps]) => this.#stringAt(node, ...steps) ?? []);
  }

  /** The number of an enum field: 0 when it is not set. */
  enum(field: string): number {
    const found = this.#found(field);
    const desc = found?.field.desc.enum;
    return found === undefined || desc === undefined ? 0 : enumNames(found.field, desc).read(found.node) ?? 0;
  }

  /** A bool field or a `BoolValue`: false when it is not set. */
  bool(field: string): boolean {
    const node = unwrap(this.node(field));
    return node !== undefined && readBool(node) === true;
  }

  /** A number, also in a wrapper; 64 bits lose what a double cannot hold. Undefined when it is not set. */
  number(field: string): number | undefined {
    const node = unwrap(this.node(field));
    return node?.kind === "number" || node?.kind === "string" ? parseFloatText(node.text.trim()) : undefined;
  }

  /** Milliseconds of a duration, with fractions. Undefined when it is not set. */
  duration(field: string): number | undefined {
    const node = this.node(field);
    return node === undefined ? undefined : readDuration(node);
  }

  /** A message that is set. Not for an `Any`: see {@link typed}. */
  message(field: string): MessageView | undefined {
    return this.#view(field, this.node(field), [field]);
  }

  /** The messages of a list. */
  messages(field: string): MessageView[] {
    return this.#items(field).flatMap(([node, steps]) => this.#view(field, node, steps) ?? []);
  }

  /** The message in an `Any`, be it as a `TypedStruct`; undefined for a type that is not in the API. */
  typed(field: string): MessageView | undefined {
    return this.#typed(this.node(field), [field]);
  }

  /** The messages in a list of `Any`. */
  typedList(field: string): MessageView[] {
    return this.#items(field).flatMap(([node, steps]) => this.#typed(node, steps) ?? []);
  }

  /** The entries of a map field, in the order of the text. */
  entries(field: string): MapEntry[] {
    const node = this.node(field);
    if (node?.kind !== "map") return [];
    return node.entries.map(({ key, offset, value }) => {
      const steps = [field, { key }];
      return {
        key,
        offset,
        path: this.path(...steps),
        node: value,
        message: () => this.#isAny(field) ? this.#typed(value, steps) : this.#view(field, value, steps),
      };
    });
  }

  #place(at: string | Place): Place {
    if (typeof at !== "string") return at;
    return at === ""
      ? { offset: this.map.offset, path: this.path() }
      : { offset: this.offset(at), path: this.path(at) };
  }

  #found(field: string): Found | undefined {
    for (const each of this.found) if (each.field.name === field) return each;
    return undefined;
  }

  #stringAt(node: Node | undefined, ...steps: Step[]): StringAt | undefined {
    if (node?.kind !== "string" || node.text === "") return undefined;
    return { value: node.text, offset: node.offset, path: this.path(...steps) };
  }

  #items(field: string): [Node, Step[]][] {
    const node = this.node(field);
    const items: [Node, Step[]][] = [];
    if (node !== undefined) flatten(node, [field], items);
    return items;
  }

  #isAny(field: string): boolean {
    return this.#plan.byName.get(field)?.desc.message?.typeName === "google.protobuf.Any";
  }

  #view(field: string, node: Node | undefined, steps: readonly Step[]): MessageView | undefined {
    const desc = this.#plan.byName.get(field)?.desc.message;
    if (desc === undefined) return undefined;
    if (node?.kind === "null") return this.#below(desc, { ...node, kind: "map", entries: [] }, steps);
    return node?.kind === "map" ? this.#below(desc, node, steps) : undefined;
  }

  #typed(node: Node | undefined, steps: readonly Step[]): MessageView | undefined {
    if (node?.kind !== "map") return undefined;
    const type = typeOf(this.#plans.api, node);
    if (!("desc" in type)) return undefined;
    const view = this.#below(type.desc, node, steps);
    if (!TYPED_STRUCTS.has(type.desc.typeName)) return view;
    const url = view.string("type_url")?.value ?? "";
    const desc = this.#plans.api.message(url.slice(url.lastIndexOf("/") + 1));
    const value = valueOf(node, "value");
    return desc === undefined ? undefined : this.#below(
      desc,
      value?.kind === "map" ? value : { ...node, entries: [] },
      [...steps, "value"],
    );
  }

  #below(desc: DescMessage, node: MapNode, steps: readonly Step[]): MessageView {
    const plan = this.#plans.plan(desc);
    const found = collect(plan, node, undefined, true);
    return new MessageView(this.run, plan, node, found, this.#plans, [...this.#steps, ...steps]);
  }
}

/** A lone value is a list of one, and a list in a list stands for its items. */
function flatten(node: Node, steps: Step[], into: [Node, Step[]][]): void {
  if (node.kind !== "list") {
    into.push([node, steps]);
    return;
  }
  for (const [i, item] of node.items.entries()) flatten(item, [...steps, i], into);
}

/** A place in the text, and its path inside the resource. */
export interface Place {
  readonly offset: number;
  readonly path: string;
}

/** An entry of a map field. */
export interface MapEntry extends Place {
  readonly key: string;
  readonly node: Node;
  /** The value, if it is a message or an `Any`. */
  message(): MessageView | undefined;
}

/** `{value: 1}` is a way to write a wrapper. */
function unwrap(node: Node | undefined): Node | undefined {
  return node?.kind === "map" && node.entries.length <= 1 ? valueOf(node, "value") : node;
}
