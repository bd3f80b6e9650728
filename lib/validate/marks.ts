/**
 * The options of Envoy's API that say how far something may be used.
 *
 * @see https://github.com/envoyproxy/envoy/blob/main/api/envoy/annotations/deprecation.proto
 * @see https://github.com/cncf/xds/blob/main/xds/annotations/v3/status.proto
 * @module
 */
import { type DescExtension, type DescField, type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import type { Api } from "../model/api.ts";

/** A source without an address of its own. */
const SELF = "envoy.config.core.v3.SelfConfigSource";

/** What is said of a field. */
export interface FieldMark {
  readonly deprecated: boolean;
  readonly disallowed: boolean;
  readonly unfinished: boolean;
}

/** The deprecated values of one field's enum, by number, and the names of the others. */
export interface ValueMarks {
  readonly field: string;
  readonly marked: ReadonlyMap<number, { readonly name: string; readonly disallowed: boolean }>;
  readonly good: readonly string[];
}

/** Reads options. The extensions that they are in are looked up when the first descriptor is asked about. */
export class Marks {
  readonly #api: Api;
  readonly #extensions = new Map<string, DescExtension | undefined>();
  /** Of each file of work in progress, the messages that other messages of the file have as fields. */
  readonly #inner = new WeakMap<object, ReadonlySet<DescMessage>>();

  constructor(api: Api) {
    this.#api = api;
  }

  ofField(field: DescField): FieldMark | undefined {
    const unfinished = this.#isUnfinished(field, "xds.annotations.v3.field_status");
    if (!field.deprecated && !unfinished) return undefined;
    const disallowed = field.deprecated && this.#option(field, "envoy.annotations.disallowed_by_default") === true;
    return { deprecated: field.deprecated, disallowed, unfinished };
  }

  /** Envoy does not look at lists of enums. */
  ofValues(field: DescField): ValueMarks | undefined {
    if (field.fieldKind !== "enum" || !field.enum.values.some((value) => value.deprecated)) return undefined;
    // Envoy has no code for v2 any more, but refuses it only for what it talks to; the options do not say that.
    const unasked = field.name === "transport_api_version" && field.parent.typeName !== SELF;
    const marked = field.enum.values.filter((value) => value.deprecated).map((value) => {
      const disallowed = unasked || this.#option(value, "envoy.annotations.disallowed_by_default_enum") === true;
      return [value.number, { name: value.name, disallowed }] as const;
    });
    const good = field.enum.values.filter((value) => !value.deprecated).map((value) => value.name);
    return { field: field.name, marked: new Map(marked), good };
  }

  /** In a file of work in progress, only messages that no message around them speaks for. */
  isUnfinished(desc: DescMessage): boolean {
    if (this.#isUnfinished(desc, "xds.annotations.v3.message_status")) return true;
    const { file } = desc;
    const unfinished = this.#isUnfinished(file, "xds.annotations.v3.file_status") ||
      this.#isUnfinished(file, "udpa.annotations.file_status");
    return unfinished && !this.#innerMessages(file.messages).has(desc);
  }

  #innerMessages(messages: readonly DescMessage[]): ReadonlySet<DescMessage> {
    const known = this.#inner.get(messages);
    if (known !== undefined) return known;
    const inner = new Set<DescMessage>();
    const visit = (desc: DescMessage) => {
      for (const { message } of desc.fields) if (message !== undefined && message !== desc) inner.add(message);
      desc.nestedMessages.forEach(visit);
    };
    messages.forEach(visit);
    this.#inner.set(messages, inner);
    return inner;
  }

  #isUnfinished(desc: Parameters<typeof getOption>[0], extension: string): boolean {
    const status = this.#option(desc, extension);
    return typeof status === "object" && status !== null && "workInProgress" in status &&
      status.workInProgress === true;
  }

  #option(desc: Parameters<typeof getOption>[0], typeName: string) {
    if (!this.#extensions.has(typeName)) this.#extensions.set(typeName, this.#api.extension(typeName));
    const extension = this.#extensions.get(typeName);
    return extension !== undefined && hasOption(desc, extension) ? getOption(desc, extension) : undefined;
  }
}
