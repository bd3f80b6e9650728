/**
 * All that was written to one group: immutable, each write makes the next.
 *
 * @module
 */
import type { Part } from "../../model/layer.ts";
import { contentHash, type Resource } from "../../model/resource.ts";
import type { Amendment, Key, Written } from "../../model/written.ts";

/** Places of the items of a list, by type and name. */
type Places = Map<string, Map<string, number>>;

/** A list that was amended. */
interface Amended<Item> {
  readonly items: readonly Item[];
  readonly places: Places;
}

/** What a group's layer holds. */
export class Content implements Written {
  readonly resources: readonly Resource[];
  readonly label: string | undefined;
  /** Differs from the id of every other content that the group had: a hash over the writes that led here. */
  readonly id: string;
  #part: Part | undefined;
  /** Handed on from content to content, so that one change among thousands does not look at all of them. */
  #places: Places | undefined;

  private constructor(written: Written, id: string, places?: Places) {
    this.resources = written.resources;
    this.label = written.label;
    this.id = id;
    this.#places = places;
  }

  /** A whole layer: its id comes from the content alone. */
  static of({ resources, label }: Written): Content {
    const lines: string[] = [JSON.stringify(label ?? null)];
    let type = "";
    for (const resource of resources) {
      if (resource.type !== type) lines.push(type = resource.type);
      lines.push(line(resource));
    }
    return new Content({ resources, label }, contentHash(lines.join("\n")));
  }

  /** A layer that was read back, with the id that it had. */
  static restored(written: Written, id: string): Content {
    return new Content(written, id);
  }

  /** The content with a change, itself when that changes nothing; and what of the change it was that changed something. */
  amend({ label, upsert, remove }: Amendment): { readonly content: Content; readonly effective: Amendment } {
    const places = this.#places ??= placesOf(this.resources);
    const changed = upsert.filter((resource) => {
      const place = placeOf(places, resource);
      return place === undefined || this.resources[place]?.version !== resource.version;
    });
    const gone = remove.filter((key) => placeOf(places, key) !== undefined);
    const effective: Amendment = { label, upsert: changed, remove: gone };
    if (changed.length + gone.length === 0 && label === this.label) return { content: this, effective };
    const lines = [this.id, JSON.stringify(label ?? null)];
    for (const resource of changed) lines.push(resource.type, line(resource));
    for (const { type, name } of gone) lines.push(`- ${type}`, `${name.length}:${name}`);
    // The next one gets the places, changed: if it comes to nothing, they are looked up anew.
    this.#places = undefined;
    const next = amendItems(this.resources, places, effective);
    const content = new Content({ resources: next.items, label }, contentHash(lines.join("\n")), next.places);
    return { content, effective };
  }

  has(key: Key): boolean {
    return placeOf(this.#places ??= placesOf(this.resources), key) !== undefined;
  }

  /** The part of the layer; the same object each time. */
  get part(): Part {
    const { resources, label } = this;
    return this.#part ??= { resources, issues: [], ...(label === undefined ? {} : { label }) };
  }
}

/**
 * A list with a change: what replaces something stands in its place, what is new at the end. `places` are those of
 * `items`, and are used up.
 */
export function amendItems<Item extends Key>(
  items: readonly Item[],
  places: Places,
  { upsert, remove }: Pick<Amendment<Item>, "upsert" | "remove">,
): Amended<Item> {
  let amended: readonly Item[] = items;
  if (remove.length > 0) {
    const gone = new Set<number>();
    for (const key of remove) {
      const place = placeOf(places, key);
      if (place !== undefined) gone.add(place);
    }
    if (gone.size > 0) {
      amended = items.filter((_, index) => !gone.has(index));
      places = placesOf(amended);
    }
  }
  if (upsert.length === 0) return { items: amended, places };
  const next = [...amended];
  for (const item of upsert) {
    const place = placeOf(places, item) ?? next.length;
    if (place === next.length) setPlace(places, item, place);
    next[place] = item;
  }
  return { items: next, places };
}

/** Of two items with one type and name the later one counts. */
export function placesOf(items: readonly Key[]): Places {
  const places: Places = new Map();
  items.forEach((item, index) => setPlace(places, item, index));
  return places;
}

function placeOf(places: Places, { type, name }: Key): number | undefined {
  return places.get(type)?.get(name);
}

function setPlace(places: Places, { type, name }: Key, place: number): void {
  let names = places.get(type);
  if (names === undefined) places.set(type, names = new Map());
  names.set(name, place);
}

function line({ name, version }: Resource): string {
  return `${name.length}:${name}${version}`;
}
