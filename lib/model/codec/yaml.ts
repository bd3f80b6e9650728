/**
 * YAML text to trees, with the values that Envoy's reader (yaml-cpp, then its own rules) takes from it, which are those
 * of neither YAML 1.1 nor 1.2.
 *
 * @module
 */
import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml";
import { RULES } from "./rules.ts";
import type { Source } from "./source.ts";
import { isNull, resolvePlain } from "./yaml_scalars.ts";
import { describe, type Entry, mapNode, MAX_DEPTH, type Node, type ScalarNode, withoutDuplicates } from "./tree.ts";

type Event = ReturnType<typeof parseEvents>[number];
type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type CollectionEvent = Extract<Event, { type: typeof EVENT_ID.SEQUENCE | typeof EVENT_ID.MAPPING }>;
type AliasEvent = Extract<Event, { type: typeof EVENT_ID.ALIAS }>;

/** Units that aliases may add to a file: about a character each. Nobody writes such a file by hand. */
const MAX_EXPANSION = 32 * 1024 * 1024;
const TOO_DEEP = `more than ${MAX_DEPTH} levels of maps and lists`;
/** What a node costs beside its text. */
const NODE_WEIGHT = 16;

/**
 * The roots of all documents, none for a text that has only comments. A syntax error is an issue of the source, and then
 * there are no documents: js-yaml stops at the first one.
 */
export function parseYaml(source: Source): Node[] {
  let events: Event[];
  try {
    // js-yaml counts a scalar as a level of its own.
    events = parseEvents(source.text, { maxDepth: MAX_DEPTH + 1 });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const deep = error.reason.startsWith("nesting exceeded");
    source.issue({
      rule: deep ? RULES.tooDeep : RULES.yamlSyntax,
      offset: Math.min(error.mark?.position ?? 0, source.text.length),
      message: deep ? TOO_DEEP : `invalid YAML: ${error.reason}${hintFor(error.reason)}`,
    });
    return [];
  }
  return new Builder(source, events).documents();
}

/** The parser stops where it can go no further, and that is often long after what is wrong. */
function hintFor(reason: string): string {
  if (reason === "deficient indentation") return "; is a [, a { or a quote above not closed?";
  return "";
}

/** A document that cannot become a tree: the issue is reported, the document is dropped. */
class Unusable extends Error {
  override name = "Unusable";
}

interface Anchor {
  readonly node: Node;
  /** Units of the node with all aliases in it expanded. */
  readonly weight: number;
  /** Levels below and including the node. */
  readonly height: number;
}

class Builder {
  readonly #source: Source;
  readonly #events: readonly Event[];
  #next = 0;
  #anchors = new Map<string, Anchor | "open">();
  /** Units of all nodes so far, aliases expanded, and of those that aliases added. */
  #weight = 0;
  #expanded = 0;
  /** Levels of the node that was built last. */
  #height = 0;
  #depth = 0;
  /** End of the last token: where a value that is not written would be. */
  #end = 0;

  constructor(source: Source, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
  }

  documents(): Node[] {
    const roots: Node[] = [];
    while (this.#next < this.#events.length) {
      this.#next++; // the document's own event
      this.#anchors = new Map();
      this.#depth = 0;
      try {
        roots.push(this.#node());
        this.#next++; // its end
      } catch (error) {
        if (!(error instanceof Unusable)) throw error;
        while (this.#next < this.#events.length && this.#peek().type !== EVENT_ID.DOCUMENT) this.#next++;
      }
    }
    return roots;
  }

  #peek(): Event {
    const event = this.#events[this.#next];
    if (event === undefined) throw new Error("Cannot read YAML events: they end inside a node");
    return event;
  }

  #node(): Node {
    const event = this.#peek();
    this.#next++;
    switch (event.type) {
      case EVENT_ID.SCALAR: {
        const node = this.#scalar(event);
        this.#weight += NODE_WEIGHT + node.text.length;
        this.#height = 0;
        if (event.anchorStart >= 0) {
          this.#anchors.set(this.#anchorName(event), { node, weight: NODE_WEIGHT + node.text.length, height: 0 });
        }
        return node;
      }
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE:
        return this.#collection(event);
      case EVENT_ID.ALIAS:
        return this.#alias(event);
      default:
        throw new Error(`Cannot read YAML events: ${event.type} is not a node`);
    }
  }

  #collection(event: CollectionEvent): Node {
    const name = event.anchorStart >= 0 ? this.#anchorName(event) : undefined;
    if (name !== undefined) this.#anchors.set(name, "open");
    const before = this.#weight;
    this.#weight += NODE_WEIGHT;
    this.#end = event.start + 1;
    this.#depth++;
    let highest = 0;
    let node: Node;
    if (event.type === EVENT_ID.MAPPING) {
      const entries: Entry[] = [];
      while (this.#peek().type !== EVENT_ID.POP) {
        const entry = this.#entry();
        highest = Math.max(highest, this.#height);
        if (entry !== undefined) entries.push(entry);
      }
      node = mapNode(event.start, withoutDuplicates(entries, (e) => this.#duplicate(e)));
    } else {
      const items: Node[] = [];
      while (this.#peek().type !== EVENT_ID.POP) {
        items.push(this.#node());
        highest = Math.max(highest, this.#height);
      }
      node = { kind: "list", offset: event.start, items };
    }
    this.#next++;
    this.#depth--;
    this.#height = highest + 1;
    if (name !== undefined) this.#anchors.set(name, { node, weight: this.#weight - before, height: this.#height });
    return node;
  }

  /** Undefined for a key with the tag `!ignore`, which is Envoy's own way to leave a key out. */
  #entry(): Entry | undefined {
    const event = this.#peek();
    if (event.type !== EVENT_ID.SCALAR) {
      const offset = event.type === EVENT_ID.ALIAS ? event.anchorStart - 1 : this.#end;
      const key = this.#node();
      if (key.kind === "map" || key.kind === "list") {
        return this.#fail(RULES.yamlSyntax, key.offset, `a key must be a string, not ${describe(key)}`);
      }
      return { key: key.kind === "null" ? "null" : key.text, offset, value: this.#node() };
    }
    // A key is its text as it is written, whatever it would be as a value; null has a name.
    let offset: number;
    if (event.anchorStart < 0) {
      this.#next++;
      offset = this.#locate(event);
    } else {
      offset = this.#node().offset;
    }
    const tag = this.#tag(event);
    const text = this.#text(event);
    this.#weight += NODE_WEIGHT + text.length;
    const unnamed = tag === "" && event.style === SCALAR_STYLE.PLAIN && (text === "" || isNull(text));
    const value = this.#node();
    return tag === "!ignore" ? undefined : { key: unnamed ? "null" : text, offset, value };
  }

  #alias(event: AliasEvent): Node {
    const offset = event.anchorStart - 1;
    const name = this.#anchorName(event);
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) {
      return this.#fail(
        RULES.yamlSyntax,
        offset,
        "invalid YAML: an alias without its anchor; put a value that begins with * in quotes",
      );
    }
    if (anchor === "open") {
      return this.#fail(RULES.yamlSyntax, offset, `invalid YAML: alias "${name}" names what it is in`);
    }
    this.#end = event.anchorEnd;
    this.#weight += anchor.weight;
    this.#expanded += anchor.weight;
    this.#height = anchor.height;
    if (this.#expanded > MAX_EXPANSION) {
      return this.#fail(RULES.aliasExpansion, offset, `alias "${name}" expands to more than a configuration can be`);
    }
    if (this.#depth + anchor.height > MAX_DEPTH) {
      return this.#fail(RULES.tooDeep, offset, TOO_DEEP);
    }
    return anchor.node;
  }

  #scalar(event: ScalarEvent): ScalarNode {
    const offset = this.#locate(event);
    const tag = this.#tag(event);
    // Nothing is written: null, or with a tag the empty string.
    if (event.valueStart < 0) return { kind: tag === "" ? "null" : "string", offset, text: "" };
    const text = this.#text(event);
    // A tag other than "!" takes the quotes' meaning away: `!!str "5"` is a number to Envoy.
    if (tag === "!" || tag === "" && event.style !== SCALAR_STYLE.PLAIN) return { kind: "string", offset, text };
    if (tag === "" && isNull(text)) return { kind: "null", offset, text: "" };
    return resolvePlain(text, offset);
  }

  /** Where a scalar is, its quotes included; where it would be, if it is not written. */
  #locate(event: ScalarEvent): number {
    if (event.valueStart < 0) return Math.max(this.#end, event.tagEnd);
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    this.#end = quoted ? event.valueEnd + 1 : event.valueEnd;
    if (quoted) return event.valueStart - 1;
    // A block scalar's text begins with its indentation.
    return event.style === SCALAR_STYLE.PLAIN ? event.valueStart : event.valueStart + Math.max(0, event.indent);
  }

  #text(event: ScalarEvent): string {
    if (event.valueStart < 0) return "";
    return event.fast
      ? this.#source.text.slice(event.valueStart, event.valueEnd)
      : getScalarValue(this.#source.text, event);
  }

  #tag(event: ScalarEvent): string {
    return event.tagStart < 0 ? "" : this.#source.text.slice(event.tagStart, event.tagEnd);
  }

  #anchorName(event: Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>): string {
    return this.#source.text.slice(event.anchorStart, event.anchorEnd);
  }

  #duplicate(entry: Entry): void {
    this.#source.issue({
      rule: RULES.duplicateKey,
      severity: "warning",
      offset: entry.offset,
      message: `key "${entry.key}" is there already; the last one counts`,
    });
  }

  #fail(rule: typeof RULES[keyof typeof RULES], offset: number, message: string): never {
    this.#source.issue({ rule, offset, message });
    throw new Unusable(message);
  }
}
