/**
 * Reads a `DiscoveryRequest` in its JSON form, with names in either style (`resource_names`, as Envoy writes them, or
 * `resourceNames`). What nobody here looks at is not looked at: a node brings 516 extensions with it, and fields that
 * this version does not know are no error.
 *
 * @see https://protobuf.dev/programming-guides/json/
 * @module
 */
import type { Question } from "../hub/port.ts";
import { LONGEST_VALUE, MOST_FEATURES, type Node } from "../xds/wire/node.ts";
import { MalformedMessage } from "../xds/wire/reader.ts";

/** What the body of a request says. */
export type RestRequest = Pick<Question, "node" | "type" | "names" | "version" | "error">;

/** @throws MalformedMessage */
export function readRestRequest(text: string): RestRequest {
  const request = new Fields(parse(text), "");
  const locators = request.list("resource_locators").map((locator, index) =>
    new Fields(locator, `resource_locators[${index}].`).text("name")
  );
  return {
    type: request.text("type_url"),
    names: [...request.texts("resource_names"), ...locators],
    version: request.text("version_info"),
    error: request.message("error_detail")?.text("message"),
    node: readNode(request.message("node")),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The words of the parser quote the text.
    throw new MalformedMessage("the body is not JSON");
  }
}

/** The same of a node as `readNode` of `lib/xds/wire/node.ts` keeps. */
function readNode(node: Fields | undefined): Node {
  const locality = node?.message("locality");
  const build = node?.message("user_agent_build_version")?.message("version");
  const version = build === undefined
    ? node?.text("user_agent_version") ?? ""
    : ["major_number", "minor_number", "patch"].map((name) => build.number(name)).join(".");
  return {
    id: node?.text("id") ?? "",
    cluster: node?.text("cluster") ?? "",
    locality: {
      region: locality?.text("region") ?? "",
      zone: locality?.text("zone") ?? "",
      subZone: locality?.text("sub_zone") ?? "",
    },
    metadata: new Map(scalars(node?.message("metadata"))),
    userAgent: `${node?.text("user_agent_name") ?? ""} ${version}`.trim(),
    features: (node?.texts("client_features") ?? []).slice(0, MOST_FEATURES).map((f) => f.slice(0, LONGEST_VALUE)),
  };
}

function* scalars(metadata: Fields | undefined): Iterable<[string, string]> {
  for (const [key, value] of metadata?.entries() ?? []) {
    const text = ["string", "number", "boolean"].includes(typeof value) ? String(value) : undefined;
    if (text !== undefined && text.length <= LONGEST_VALUE) yield [key, text];
  }
}

/** A message: its fields by their proto names. A field that is null is not there. */
class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new MalformedMessage(`${path === "" ? "the body" : path.slice(0, -1)} is not an object`);
    }
    this.#object = { ...value };
    this.#path = path;
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#object);
  }

  text(name: string): string {
    const value = this.#get(name) ?? "";
    if (typeof value !== "string") throw this.#wrong(name, "a string");
    return value;
  }

  /** An unsigned integer; JSON may have it in quotes. */
  number(name: string): number {
    const value = this.#get(name) ?? 0;
    const number = typeof value === "string" && value !== "" ? Number(value) : value;
    if (typeof number !== "number" || !Number.isSafeInteger(number)) throw this.#wrong(name, "a number");
    return number;
  }

  message(name: string): Fields | undefined {
    const value = this.#get(name);
    return value === undefined ? undefined : new Fields(value, `${this.#path}${name}.`);
  }

  list(name: string): readonly unknown[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value;
  }

  texts(name: string): string[] {
    return this.list(name).map((value) => {
      if (typeof value !== "string") throw this.#wrong(name, "a list of strings");
      return value;
    });
  }

  #get(name: string): unknown {
    const camel = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    return this.#object[name] ?? this.#object[camel] ?? undefined;
  }

  #wrong(name: string, what: string): MalformedMessage {
    return new MalformedMessage(`${this.#path}${name} is not ${what}`);
  }
}
