/**
 * From a tree to the bytes of a message, along its descriptor and without a message object between.
 *
 * The bytes are canonical: fields by number, map entries by key, lists packed as proto3 says, nothing written for a
 * field at its default where the field has no presence, `Any` with one spelling of its type URL and canonical content.
 * So they depend on what a text says and not on how it says it.
 *
 * What is taken and refused is what Envoy's reader (protobuf's JSON parser in its lenient mode) takes and refuses.
 *
 * @module
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import type { Reference } from "../resource.ts";
import { anyCodec } from "./any.ts";
import { collect } from "./collect.ts";
import { type FieldPlan, type MessagePlan, planMessage, type Special } from "./plan.ts";
import { Run, type ValueCodec } from "./run.ts";
import { EnumNames, scalarCodec, writeString } from "./scalars.ts";
import type { Source } from "./source.ts";
import type { Entry, MapNode, Node } from "./tree.ts";
import { MessageView, type Watch, type Watcher } from "./view.ts";
import { wellKnownType } from "./well_known.ts";
import { BackwardWriter } from "./writer.ts";

/** What became of one message. */
export interface Encoded {
  /** Undefined when an error was found: a message is whole or not there. */
  readonly bytes: Uint8Array | undefined;
  readonly references: readonly Reference[];
}

/** Wire types. */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const IMPLICIT = 2;

/** Encodes any message of an API. It keeps a plan for every message type that it met: make one and use it for all. */
export class Encoder {
  readonly api: Api;
  readonly #watch: Watch;
  readonly #plans = new WeakMap<DescMessage, MessagePlan>();
  readonly #writer = new BackwardWriter();

  constructor(api: Api, watch: Watch = () => undefined) {
    this.api = api;
    this.#watch = watch;
  }

  /**
   * Encodes the map as a message. Issues go to the source; their paths begin at this message. In an `Any` and in a
   * resource, the key `@type` is not a field.
   */
  encode(desc: DescMessage, node: Node, source: Source, inAny = true): Encoded {
    this.#writer.rewind(0);
    const run = new Run(this.#writer, source);
    const done = this.fields(run, this.plan(desc), node, inAny);
    return { bytes: done && run.errors === 0 ? this.#writer.finish() : undefined, references: run.references };
  }

  plan(desc: DescMessage): MessagePlan {
    let plan = this.#plans.get(desc);
    if (plan === undefined) {
      const watch = TYPED_STRUCTS.has(desc.typeName) ? this.#checkTypedStruct : this.#watch(desc);
      plan = planMessage(desc, this.#special(desc), watch);
      this.#plans.set(desc, plan);
    }
    return plan;
  }

  /** Writes a message without its length. False when the node is not a message at all. */
  fields(run: Run, plan: MessagePlan, node: Node, inAny = false): boolean {
    if (plan.special !== undefined) return plan.special(run, node);
    return this.#plainFields(run, plan, node, inAny);
  }

  /** A message as the value of a field: with its length. */
  messageCodec(desc: DescMessage): ValueCodec {
    let plan: MessagePlan | undefined;
    return (run, node) => {
      plan ??= this.plan(desc);
      const mark = run.writer.length;
      const done = this.fields(run, plan, node);
      run.writer.uint32(run.writer.since(mark));
      return done;
    };
  }

  /** Writes one field with its tag. */
  field(run: Run, field: FieldPlan, node: Node): void {
    (field.encode ??= this.#fieldEncoder(field))(run, node);
  }

  #plainFields(run: Run, plan: MessagePlan, node: Node, inAny: boolean): boolean {
    if (node.kind === "null") return true;
    if (node.kind !== "map") return run.wrongType(node, `a map with the fields of ${plan.desc.typeName}`);
    const found = collect(plan, node, run, inAny);
    for (let i = found.length - 1; i >= 0; i--) {
      const each = found[i];
      if (each === undefined) continue;
      run.enter(each.field.name);
      this.field(run, each.field, each.node);
      run.leave();
    }
    plan.watch?.(new MessageView(run, plan, found, (desc) => this.plan(desc)), run);
    return true;
  }

  #special(desc: DescMessage): Special | undefined {
    if (desc.typeName === "google.protobuf.Any") return anyCodec(this);
    const plain: Special = (run, node) => this.#plainFields(run, this.plan(desc), node, false);
    return wellKnownType(desc, plain, (run, node, number) => {
      for (const field of this.plan(desc).byName.values()) {
        if (field.number === number) return this.field(run, field, node);
      }
    });
  }

  #fieldEncoder(plan: FieldPlan): (run: Run, node: Node) => void {
    const field = plan.desc;
    if (field.fieldKind === "map") return this.#mapEncoder(field);
    const codec = this.#codec(field);
    const tag = field.number << 3 | wireType(field);
    if (field.fieldKind === "list") {
      if (field.packed) return packedEncoder(field.number << 3 | LENGTH, codec);
      return listEncoder(tag, codec, !LISTS.has(field.message?.typeName ?? ""));
    }
    const implicit = field.presence === IMPLICIT;
    return (run, node) => {
      const { writer } = run;
      const mark = writer.length;
      if (!codec(run, node) || implicit && writer.isZeroSince(mark)) writer.rewind(mark);
      else writer.uint32(tag);
    };
  }

  #codec(field: DescField): ValueCodec {
    if (field.message !== undefined) return this.messageCodec(field.message);
    if (field.enum !== undefined) {
      const names = new EnumNames(field.enum);
      return (run, node) => names.encode(run, node);
    }
    return scalarCodec(field.scalar);
  }

  #mapEncoder(field: DescField & { fieldKind: "map" }): (run: Run, node: Node) => void {
    const tag = field.number << 3 | LENGTH;
    const codec = this.#codec(field);
    const valueTag = 2 << 3 | wireType(field);
    const strings = field.mapKey === ScalarType.STRING;
    const keyCodec = strings ? undefined : scalarCodec(field.mapKey);
    const keyTag = 1 << 3 | scalarWireType(field.mapKey);
    return (run, node) => {
      if (node.kind !== "map") {
        run.wrongType(node, "a map");
        return;
      }
      const { writer } = run;
      const entries = strings ? sortedByString(node) : sortedByNumber(node);
      for (const entry of entries) {
        run.enter(entry);
        const mark = writer.length;
        let done = codec(run, entry.value);
        if (done) {
          writer.uint32(valueTag);
          if (keyCodec === undefined) writeString(run, entry.key);
          else done = keyCodec(run, { kind: "string", offset: entry.offset, text: entry.key });
        }
        if (done) {
          writer.uint32(keyTag);
          writer.uint32(writer.since(mark));
          writer.uint32(tag);
        } else {
          writer.rewind(mark);
        }
        run.leave();
      }
    };
  }

  /**
   * A `TypedStruct` carries a message as a `Struct`, and Envoy turns it back into that message: what is wrong with it is
   * found here, and the bytes are dropped. A type that is not in the API may be one that the client knows.
   */
  readonly #checkTypedStruct: Watcher = (view, run) => {
    const url = view.string("type_url")?.value ?? "";
    const value = view.node("value");
    const desc = this.api.message(url.slice(url.lastIndexOf("/") + 1));
    if (desc === undefined || value?.kind !== "map") return;
    const mark = run.writer.length;
    run.enter("value");
    this.fields(run, this.plan(desc), value);
    run.leave();
    run.writer.rewind(mark);
  };
}

const TYPED_STRUCTS: ReadonlySet<string> = new Set(["xds.type.v3.TypedStruct", "udpa.type.v1.TypedStruct"]);

/** Messages that are lists, or may be: a list in a list of these is an element. */
const LISTS: ReadonlySet<string> = new Set(["google.protobuf.ListValue", "google.protobuf.Value"]);

/**
 * Calls back for each element from the last to the first. A lone value is a list of one; a list in a list stands for its
 * items if it is to be flattened.
 */
function eachBackwards(run: Run, node: Node, flatten: boolean, visit: (item: Node) => void): void {
  if (node.kind !== "list") {
    visit(node);
    return;
  }
  let i = node.items.length;
  while (i-- > 0) {
    const item = node.items[i];
    if (item === undefined) continue;
    run.enter(i);
    if (flatten) eachBackwards(run, item, true, visit);
    else visit(item);
    run.leave();
  }
}

function listEncoder(tag: number, codec: ValueCodec, flatten: boolean): (run: Run, node: Node) => void {
  return (run, node) =>
    eachBackwards(run, node, flatten, (item) => {
      const mark = run.writer.length;
      if (codec(run, item)) run.writer.uint32(tag);
      else run.writer.rewind(mark);
    });
}

function packedEncoder(tag: number, codec: ValueCodec): (run: Run, node: Node) => void {
  return (run, node) => {
    const mark = run.writer.length;
    eachBackwards(run, node, true, (item) => codec(run, item));
    if (run.writer.since(mark) === 0) return;
    run.writer.uint32(run.writer.since(mark));
    run.writer.uint32(tag);
  };
}

function wireType(field: DescField): number {
  if (field.message !== undefined) return LENGTH;
  return field.enum !== undefined ? VARINT : scalarWireType(field.scalar);
}

function scalarWireType(type: ScalarType): number {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return FIXED64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return FIXED32;
    default:
      return VARINT;
  }
}

/** By the bytes of the keys in UTF-8, the last one first: maps are written backwards too. */
function sortedByString(node: MapNode): readonly Entry[] {
  return node.entries.length < 2 ? node.entries : node.entries.toSorted((a, b) => compareUtf8(b.key, a.key));
}

/** UTF-16 orders like UTF-8 but for surrogates, which stand for what comes after everything else. */
function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const leftHigh = (left & 0xf800) === 0xd800;
    const rightHigh = (right & 0xf800) === 0xd800;
    return leftHigh === rightHigh ? left - right : leftHigh ? 1 : -1;
  }
  return a.length - b.length;
}

/** Keys that are numbers or booleans; of two spellings of one key the last counts. */
function sortedByNumber(node: MapNode): readonly Entry[] {
  const value = (entry: Entry) => /^[+-]?[0-9]+$/.test(entry.key) ? BigInt(entry.key.replace("+", "")) : entry.key;
  const last = new Map(node.entries.map((entry) => [value(entry), entry]));
  return [...last].sort(([a], [b]) => a < b ? 1 : -1).map(([, entry]) => entry);
}
