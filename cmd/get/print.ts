/**
 * The forms in which `get` prints.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Change, Held } from "../../lib/client/holding.ts";
import type { Api } from "../../lib/model/api.ts";
import { toJson } from "../../lib/model/codec/print.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import { toJsonText, toYamlText } from "../output.ts";
import { printable } from "../printable.ts";
import type { GetOptions } from "./options.ts";

/** A name that is not there, or that a server refuses. */
export interface Failed {
  readonly name: string;
  /** `NOT_FOUND`, `PERMISSION_DENIED`, …; `DEADLINE_EXCEEDED` when nothing was heard of it. */
  readonly code: string;
  readonly message: string;
}

/** What is known at the end. */
export interface Outcome {
  readonly resources: readonly Held[];
  readonly version: string;
  readonly errors: readonly Failed[];
}

export interface Printer {
  /** Everything at once. */
  outcome(outcome: Outcome): Promise<string>;
  /** One change, `at` milliseconds since the epoch. */
  change(change: Change, at: number): Promise<string>;
  /** Why a client could not use a resource: its bytes are no message of its type. Nothing is said of unknown types. */
  inspect(type: string, bytes: Uint8Array): string | undefined;
}

export function printer(api: Api, { form, showSecrets }: Pick<GetOptions, "form" | "showSecrets">): Printer {
  const value = (held: Held) => resourceValue(api, held, showSecrets);
  return {
    async outcome({ resources, version, errors }) {
      const sorted = [...resources].sort((one, other) => one.name < other.name ? -1 : one.name > other.name ? 1 : 0);
      switch (form) {
        case "names":
          return sorted.map(({ name }) => `${printable(name)}\n`).join("");
        case "json":
          return toJsonText({
            resources: sorted.map((held) => ({ ...labels(held), resource: value(held) })),
            version,
            errors,
          });
        case "yaml": {
          const documents = await Promise.all(sorted.map(async (held) => await document("", held, value(held))));
          return documents.join("---\n");
        }
      }
    },
    async change(change, at) {
      const held = change.kind === "removed" ? change.before : change.now;
      const before = change.kind === "changed" ? change.before.version : undefined;
      switch (form) {
        case "names":
          return `${change.kind} ${printable(held.name)} ${printable(versions(held.version, before))}\n`;
        case "json":
          return `${
            JSON.stringify({
              change: change.kind,
              at: new Date(at).toISOString(),
              ...labels(held),
              ...(before === undefined ? {} : { before }),
              ...(change.kind === "removed" ? {} : { resource: value(held) }),
            })
          }\n`;
        case "yaml":
          return `---\n${await document(
            `${new Date(at).toISOString()} ${change.kind} `,
            held,
            change.kind === "removed" ? undefined : value(held),
            before,
          )}`;
      }
    },
    inspect(type, bytes) {
      if (api.message(messageName(type)) === undefined) return undefined;
      try {
        toJson(api, { type, bytes });
        return undefined;
      } catch (error) {
        return `no ${messageName(type)}: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}

function labels({ type, name, version, ttl }: Held) {
  return { type, name, version, ...(ttl === undefined ? {} : { ttl: `${ttl / 1000}s` }) };
}

/** A YAML document below a line that says what the resource itself does not: its version. */
async function document(prefix: string, held: Held, value: unknown, before?: string): Promise<string> {
  const ttl = held.ttl === undefined ? "" : `, ttl ${held.ttl / 1000}s`;
  const head = `${typeLabel(held.type)} ${JSON.stringify(held.name)}, version ${versions(held.version, before)}${ttl}`;
  return `# ${printable(`${prefix}${head}`)}\n${value === undefined ? "" : await toYamlText(value)}`;
}

function versions(now: string, before: string | undefined): string {
  const shown = now === "" ? '""' : now;
  return before === undefined ? shown : `${before === "" ? '""' : before} -> ${shown}`;
}

/**
 * A resource as people read it. What xcp does not know is printed as its bytes; what it knows and cannot read may hold a
 * secret anywhere.
 */
function resourceValue(api: Api, { type, bytes }: Held, showSecrets: boolean): unknown {
  const known = api.message(messageName(type)) !== undefined;
  if (known) {
    try {
      return toJson(api, { type, bytes }, { redact: !showSecrets });
    } catch {
      if (!showSecrets) return { "@type": type, value: `[redacted] ${bytes.length} bytes that do not parse` };
    }
  }
  return { "@type": type, value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64") };
}

function messageName(type: string): string {
  return type.slice(type.lastIndexOf("/") + 1);
}

/** `cluster`; the last part of the name of a type that has no short one. */
export function typeLabel(type: string): string {
  return typeByUrl(type)?.short ?? messageName(type).split(".").at(-1) ?? type;
}
