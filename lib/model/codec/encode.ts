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
import type { DescMessage } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import type { Claim, Reference } from "../resource.ts";
import { anyCodec, TYPED_STRUCTS } from "./any.ts";
import { collect } from "./collect.ts";
import { type FieldEncoder, listEncoder, mapEncoder, tagOf } from "./containers.ts";
import { enumNames } from "./enums.ts";
import { type FieldPlan, type MessagePlan, planMessage, type Special } from "./plan.ts";
import { Run, type ValueCodec } from "./run.ts";
import { scalarCodec } from "./scalars.ts";
import type { Source } from "./source.ts";
import { mapNode, type Node } from "./tree.ts";
import { MessageView, type Watch, type Watcher } from "./view.ts";
import { wellKnownType } from "./well_known.ts";
import { BackwardWriter } from "./writer.ts";

/** What became of one message. */
export interface Encoded {
  /** Undefined when an error was found: a message is whole or not there. */
  readonly bytes: Uint8Array | undefined;
  readonly references: readonly Reference[];
  readonly claims: readonly Claim[];
}

/** `FeatureSet.FieldPresence.IMPLICIT`: a field at its default is not written. */
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
   * resource, the key `@type` is not a field; what is in a bootstrap has none.
   */
  encode(desc: DescMessage, node: Node, source: Source, inAny = true, bootstrap = false): Encoded {
    this.#writer.rewind(0);
    const run = new Run(this.#writer, source, bootstrap);
    const done = this.fields(run, this.plan(desc), node, inAny);
    const bytes = done && run.errors === 0 ? this.#writer.finish() : undefined;
    return { bytes, references: run.references, claims: run.claims };
  }

  plan(desc: DescMessage): MessagePlan {
    return this.#plans.get(desc) ?? this.#makePlan(desc);
  }

  #makePlan(desc: DescMessage): MessagePlan {
    const watch = TYPED_STRUCTS.has(desc.typeName) ? this.#checkTypedStruct : this.#watch(desc);
    const plan = planMessage(desc, this.#special(desc), watch);
    this.#plans.set(desc, plan);
    return plan;
  }

  /** Writes a message without its length. False when the node is not a message at all. */
  fields(run: Run, plan: MessagePlan, node: Node, inAny = false): boolean {
    if (plan.special !== undefined) return plan.special(run, node);
    return this.#plainFields(run, plan, node, inAny);
  }

  /** A message as the value of a field: with its length. */
  #messageCodec(field: FieldPlan, desc: DescMessage): ValueCodec {
    let plan: MessagePlan | undefined;
    const codec: ValueCodec = (run, node) => {
      plan ??= this.plan(desc);
      const mark = run.writer.length;
      const done = this.fields(run, plan, node);
      run.writer.uint32(run.writer.since(mark));
      return done;
    };
    return (run, node) => node.kind === "map" ? run.source.repeats.write(run, field, node, codec) : codec(run, node);
  }

  /** Writes one field with its tag. */
  field(run: Run, field: FieldPlan, node: Node): void {
    (field.encode ??= this.#fieldEncoder(field))(run, node);
  }

  #plainFields(run: Run, plan: MessagePlan, node: Node, inAny: boolean): boolean {
    if (node.kind === "null") {
      // Only an element of a list or map comes here, and as in Envoy it is an empty message, which may lack something.
      plan.watch?.(new MessageView(run, plan, mapNode(node.offset, []), [], this), run);
      return true;
    }
    if (node.kind !== "map") return run.wrongType(node, `a map with the fields of ${plan.desc.typeName}`);
    const found = collect(plan, node, run, inAny);
    for (let i = found.length - 1; i >= 0; i--) {
      const each = found[i];
      if (each === undefined) continue;
      run.enter(each.field);
      this.field(run, each.field, each.node);
      run.leave();
    }
    plan.watch?.(new MessageView(run, plan, node, found, this), run);
    return true;
  }

  #special(desc: DescMessage): Special | undefined {
    if (desc.typeName === "google.protobuf.Any") return anyCodec(this);
    const plain: Special = (run, node) => this.#plainFields(run, this.plan(desc), node, false);
    return wellKnownType(desc, plain, (run, node, number) => {
      const field = this.plan(desc).byNumber.get(number);
      if (field !== undefined) this.field(run, field, node);
    });
  }

  #fieldEncoder(plan: FieldPlan): FieldEncoder {
    const field = plan.desc;
    const codec = this.#codec(plan);
    if (field.fieldKind === "map") return mapEncoder(field, codec);
    if (field.fieldKind === "list") return listEncoder(field, codec);
    const tag = tagOf(field);
    const implicit = field.presence === IMPLICIT;
    return (run, node) => {
      const { writer } = run;
      const mark = writer.length;
      if (!codec(run, node) || implicit && writer.isZeroSince(mark)) writer.rewind(mark);
      else writer.uint32(tag);
    };
  }

  #codec(plan: FieldPlan): ValueCodec {
    const { message, enum: values, scalar } = plan.desc;
    if (message !== undefined) return this.#messageCodec(plan, message);
    if (values === undefined) return scalarCodec(scalar);
    const names = enumNames(plan, values);
    return (run, node) => names.encode(run, node);
  }

  /**
   * A `TypedStruct` carries a message as a `Struct`, and Envoy turns it back into that message: what is wrong with it is
   * found here, and the bytes are dropped. A type that is not in the API may be one that the client knows.
   */
  readonly #checkTypedStruct: Watcher = (view, run) => {
    const url = view.string("type_url")?.value ?? "";
    const value = view.node("value") ?? mapNode(view.map.offset, []);
    const desc = this.api.message(url.slice(url.lastIndexOf("/") + 1));
    if (desc === undefined || value.kind !== "map") return;
    const mark = run.writer.length;
    run.enter("value");
    this.fields(run, this.plan(desc), value);
    run.leave();
    run.writer.rewind(mark);
  };
}
