/**
 * What looks at messages while they are encoded: references are found this way, and rules are checked.
 *
 * @module
 */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import type { Claim } from "../resource.ts";
import { TYPED_STRUCTS, typeOf } from "./any.ts";
import { collect, type Found } from "./collect.ts";
import { enumNames } from "./enums.ts";
import type { FieldPlan, MessagePlan } from "./plan.ts";
import type { Run, Step } from "./run.ts";
import { parseFloatText } from "./floats.ts";
import { readBool } from "./scalars.ts";
import { type MapNode, mapNode, type Node, valueOf } from "./tree.ts";
import { readDuration } from "./well_known.ts";

/**
 * Called with every message of one type, wherever it is: in a resource, in an `Any` at any depth, in a `TypedStruct`.
 * Messages inside of it were watched before it. What a watcher finds goes to the view (`view.reject`) or the run
 * (`run.references`).
 *
 * It goes by the message, and by where in its resource and in which text that is, and by nothing else: where nothing was
 * found, it is not called again for what stands there again letter by letter (`repeats.ts`).
 */
export type Watcher = (message: MessageView, run: Run) => void;

/** Asked once for each message type that is met; undefined where nothing is to be looked at. */
export type Watch = (desc: DescMessage) => Watcher | undefined;

/** A string in its place. Like the view that gave it, valid only inside the watcher's call. */
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
  /** From the message that the walk is at to this one; undefined for that message itself. */
  readonly #trail: Trail | undefined;

  constructor(
    run: Run,
    plan: MessagePlan,
    map: MapNode,
    found: readonly Found[],
    plans: Plans,
    trail?: Trail,
  ) {
    this.run = run;
    this.map = map;
    this.found = found;
    this.#plan = plan;
    this.#plans = plans;
    this.#trail = trail;
  }

  get desc(): DescMessage {
    return this.#plan.desc;
  }

  /** Path of the message, or of what is below it, inside its resource. */
  path(...steps: Step[]): string {
    return this.run.path(...stepsOf(this.#trail), ...steps);
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

  /** What the API says of a field. */
  field(name: string): DescField | undefined {
    return this.#plan.fields[name]?.desc;
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
    const node = unwrap(this.node(field));
    return node === undefined ? undefined : this.#stringAt(node, { step: field, above: this.#trail });
  }

  /** The strings of a list that are not empty; of a field that is no list, its string. */
  strings(field: string): StringAt[] {
    const strings: StringAt[] = [];
    for (const { node, trail } of this.#items(field)) {
      const text = this.#stringAt(node, trail);
      if (text !== undefined) strings.push(text);
    }
    return strings;
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
    const found = this.#found(field);
    return found && this.#view(found.field, found.node, { step: field, above: this.#trail });
  }

  /** The messages of a list. */
  messages(field: string): MessageView[] {
    const found = this.#found(field);
    const views: MessageView[] = [];
    if (found === undefined) return views;
    for (const { node, trail } of this.#items(field)) {
      const view = this.#view(found.field, node, trail);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  /** The message in an `Any`, be it as a `TypedStruct`; undefined for a type that is not in the API. */
  typed(field: string): MessageView | undefined {
    const node = this.node(field);
    return node && this.#typed(node, { step: field, above: this.#trail });
  }

  /** The messages in a list of `Any`. */
  typedList(field: string): MessageView[] {
    const views: MessageView[] = [];
    for (const { node, trail } of this.#items(field)) {
      const view = this.#typed(node, trail);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  /** The entries of a map field, in the order of the text. */
  entries(field: string): MapEntry[] {
    const found = this.#found(field);
    if (found?.node.kind !== "map") return [];
    const above = { step: field, above: this.#trail };
    const isAny = found.field.desc.message?.typeName === ANY;
    return found.node.entries.map(({ key, offset, value }) => {
      const trail = { step: { key }, above };
      const message = () => isAny ? this.#typed(value, trail) : this.#view(found.field, value, trail);
      return new EntryAt(this.run, trail, offset, key, value, message);
    });
  }

  #place(at: string | Place): Place {
    if (typeof at !== "string") return at;
    return at === ""
      ? { offset: this.map.offset, path: this.path() }
      : { offset: this.offset(at), path: this.path(at) };
  }

  #found(name: string): Found | undefined {
    const field = this.#plan.fields[name];
    for (const each of this.found) if (each.field === field) return each;
    return undefined;
  }

  #stringAt(node: Node, trail: Trail): StringAt | undefined {
    return node.kind === "string" && node.text !== "" ? new TextAt(this.run, trail, node.offset, node.text) : undefined;
  }

  #items(field: string): Item[] {
    const node = this.node(field);
    const items: Item[] = [];
    if (node !== undefined) flatten(node, { step: field, above: this.#trail }, items);
    return items;
  }

  #view(field: FieldPlan, node: Node, trail: Trail): MessageView | undefined {
    const desc = field.desc.message;
    if (desc === undefined || node.kind !== "map" && node.kind !== "null") return undefined;
    const plan = field.message ??= this.#plans.plan(desc);
    return this.#below(plan, node.kind === "map" ? node : mapNode(node.offset, []), trail);
  }

  #typed(node: Node, trail: Trail): MessageView | undefined {
    if (node.kind !== "map") return undefined;
    const type = typeOf(this.#plans.api, node);
    if (!("desc" in type)) return undefined;
    const view = this.#below(this.#plans.plan(type.desc), node, trail);
    if (!TYPED_STRUCTS.has(type.desc.typeName)) return view;
    const url = view.string("type_url")?.value ?? "";
    const desc = this.#plans.api.message(url.slice(url.lastIndexOf("/") + 1));
    const value = valueOf(node, "value");
    return desc && this.#below(
      this.#plans.plan(desc),
      value?.kind === "map" ? value : mapNode(node.offset, []),
      { step: "value", above: trail },
    );
  }

  #below(plan: MessagePlan, node: MapNode, trail: Trail): MessageView {
    return new MessageView(this.run, plan, node, collect(plan, node, undefined, true), this.#plans, trail);
  }
}

const ANY = "google.protobuf.Any";

/** A way down from the message that the walk is at, told from its end: it is put together only for what is reported. */
interface Trail {
  readonly step: Step;
  readonly above: Trail | undefined;
}

function stepsOf(trail: Trail | undefined): Step[] {
  const steps: Step[] = [];
  for (let at = trail; at !== undefined; at = at.above) steps.push(at.step);
  return steps.reverse();
}

/** A node below a field. */
interface Item {
  readonly node: Node;
  readonly trail: Trail;
}

/** A lone value is a list of one, and a list in a list stands for its items. */
function flatten(node: Node, trail: Trail, into: Item[]): void {
  if (node.kind !== "list") {
    into.push({ node, trail });
    return;
  }
  let step = 0;
  for (const item of node.items) flatten(item, { step: step++, above: trail }, into);
}

/** Something below the message that the walk is at, whose path is seldom asked for. */
class Below implements Place {
  readonly offset: number;
  readonly #run: Run;
  readonly #trail: Trail;

  constructor(run: Run, trail: Trail, offset: number) {
    this.#run = run;
    this.#trail = trail;
    this.offset = offset;
  }

  get path(): string {
    return this.#run.path(...stepsOf(this.#trail));
  }
}

class TextAt extends Below implements StringAt {
  readonly value: string;

  constructor(run: Run, trail: Trail, offset: number, value: string) {
    super(run, trail, offset);
    this.value = value;
  }
}

class EntryAt extends Below implements MapEntry {
  readonly key: string;
  readonly node: Node;
  readonly message: () => MessageView | undefined;

  constructor(
    run: Run,
    trail: Trail,
    offset: number,
    key: string,
    node: Node,
    message: () => MessageView | undefined,
  ) {
    super(run, trail, offset);
    this.key = key;
    this.node = node;
    this.message = message;
  }
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
