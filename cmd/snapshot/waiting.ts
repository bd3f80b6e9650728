/**
 * What a configuration lacks that was pulled without its secrets, and who waits for it.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import { readBytes } from "../../lib/model/codec/restore.ts";
import type { Resource } from "../../lib/model/resource.ts";
import type { LeftOut } from "../../lib/store/snapshot/format.ts";
import type { KeptResource } from "../../lib/store/snapshot/kept.ts";
import { lacksOf, namedText, waitingText } from "../../lib/store/snapshot/lacks.ts";
import { printable } from "../printable.ts";

/** Looks at resources as they pass, and keeps those that name something that is left out. */
export class Waiting {
  readonly #api: Api;
  readonly #leftOut: readonly LeftOut[];
  /** By group. */
  readonly #lacking = new Map<string, Set<string>>();
  readonly #found = new Map<string, Resource[]>();

  constructor(api: Api, leftOut: readonly LeftOut[]) {
    this.#api = api;
    this.#leftOut = leftOut;
    for (const { group, type, name } of leftOut) {
      const names = this.#lacking.get(group) ?? new Set();
      this.#lacking.set(group, names.add(`${type}\n${name}`));
    }
  }

  /** @throws {Error} If the API does not have the type, or the bytes are not a message of it. */
  look({ type, name, bytes, ttl, aliases }: KeptResource, group: string): void {
    const lacking = this.#lacking.get(group);
    if (lacking === undefined) return;
    const resource = readBytes(this.#api, type, name, bytes, { ttl, aliases });
    if (!resource.references.some((reference) => lacking.has(`${reference.type}\n${reference.name}`))) return;
    const found = this.#found.get(group) ?? [];
    this.#found.set(group, found);
    found.push({ ...resource, bytes: NO_BYTES });
  }

  /** A line for each resource that is left out: `secret "cert" of group "edge" is left out; listener "https" waits for it`. */
  lines(): string[] {
    return lacksOf({ groups: this.#found, leftOut: this.#leftOut }).map((lack) => {
      const group = JSON.stringify(printable(lack.group));
      return `${namedText(lack, printable)} of group ${group} is left out${waitingText(lack, printable)}`;
    });
  }
}

const NO_BYTES = new Uint8Array();
