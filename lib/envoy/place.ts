/**
 * From Envoy's words to a place in a file. Envoy says no line, but it names what it does not like: a field, a value.
 *
 * @module
 */
import { parseJson } from "../model/codec/json.ts";
import { Source } from "../model/codec/source.ts";
import type { Entry, MapNode, Node } from "../model/codec/tree.ts";
import { parseYaml } from "../model/codec/yaml.ts";
import type { Position } from "../model/issue.ts";

/** A file as it is written, to find places in. */
export class WrittenFile {
  readonly #source: Source;
  readonly #roots: readonly Node[];
  readonly #maps = new Map<string, MapNode>();

  constructor(file: string, text: string) {
    this.#source = new Source(file, text);
    const json = file.toLowerCase().endsWith(".json");
    const root = json ? parseJson(this.#source) : undefined;
    this.#roots = json ? (root === undefined ? [] : [root]) : parseYaml(this.#source);
    for (const root of this.#roots) {
      walk(root, ({ node }) => {
        if (node.kind === "map") this.#maps.set(this.#key(node.offset), node);
      });
    }
  }

  /** All places of a resource, in the form of {@link placeKey}. Its origin is where its map begins. */
  places(origin: Position): ReadonlySet<string> {
    const places = new Set([placeKey(origin)]);
    const map = this.#maps.get(placeKey(origin));
    if (map === undefined) return places;
    walk(map, ({ node, entry }) => {
      places.add(this.#key(node.offset));
      if (entry !== undefined) places.add(this.#key(entry.offset));
    });
    return places;
  }

  /**
   * What the words are about, inside of the resource that begins at `origin`; there, if they do not tell. `name` is that
   * of the resource, which Envoy mentions more often than it means it.
   */
  find(origin: Position, words: string, name: string): Position {
    const map = this.#maps.get(placeKey(origin));
    const offset = map === undefined ? undefined : fieldIn(map, words) ?? valueIn(map, words, name);
    return offset === undefined ? origin : this.#source.position(offset);
  }

  #key(offset: number): string {
    return placeKey(this.#source.position(offset));
  }
}

/** A position as a key of maps and sets of one file. */
export function placeKey({ line, column }: Pick<Position, "line" | "column">): string {
  return `${line}:${column}`;
}

interface Visited {
  readonly node: Node;
  /** The entry that the node is the value of. */
  readonly entry?: Entry;
}

/** Visits every node once, however many aliases name it. */
function walk(root: Node, visit: (visited: Visited) => void): void {
  const seen = new Set<Node>();
  const step = (visited: Visited) => {
    const { node } = visited;
    if (seen.has(node)) return;
    seen.add(node);
    visit(visited);
    if (node.kind === "list") { for (const item of node.items) step({ node: item }); }
    else if (node.kind === "map") { for (const entry of node.entries) step({ node: entry.value, entry }); }
  };
  step({ node: root });
}

/** `RouteActionValidationError.Cluster: value length must be …`: the last of a chain is the field itself. */
function fieldIn(map: MapNode, words: string): number | undefined {
  const [, camel] = [...words.matchAll(/\b\w+ValidationError\.([A-Za-z0-9]+)/g)].at(-1) ?? [];
  if (camel === undefined) return undefined;
  const plain = camel.toLowerCase();
  const offsets: number[] = [];
  walk(map, ({ node, entry }) => {
    if (entry !== undefined && entry.key.replaceAll("_", "").toLowerCase() === plain) offsets.push(node.offset);
  });
  // One of several: any could be meant.
  return offsets.length === 1 ? offsets[0] : undefined;
}

/** The longest value that the words quote, or that they end with. */
function valueIn(map: MapNode, words: string, name: string): number | undefined {
  let best: { readonly text: string; readonly offset: number } | undefined;
  walk(map, ({ node }) => {
    if (node.kind !== "string" && node.kind !== "number") return;
    const text = node.text.replace(/\s+/g, " ").trim();
    if (text.length < 2 || text === name || text.length <= (best?.text.length ?? 0)) return;
    if (isNamed(words, text)) best = { text, offset: node.offset };
  });
  return best?.offset;
}

function isNamed(words: string, text: string): boolean {
  for (const quoted of [`'${text}'`, `"${text}"`, `\`${text}\``]) if (words.includes(quoted)) return true;
  const at = words.indexOf(`: ${text}`);
  return at >= 0 && !/[\w.-]/.test(words.charAt(at + 2 + text.length).replace(".", ""));
}
