/**
 * Defects of what stands beside what: missing, unknown, twice, in the wrong order, one too many of a oneof.
 *
 * @module
 */
import type { DescField } from "@bufbuild/protobuf";
import { add, below, type Change, drop, fieldName, put, rename } from "./mutant.ts";
import type { Minimal } from "./minimal.ts";
import { type ListValue, type Path, replaced, text, type Value } from "./value.ts";
import type { FieldSite, MessageSite } from "./walk.ts";

/** Lists whose members are many by nature are tried at their ends only. */
const MOST_ITEMS = 6;

/** Types that exist, and that have no place in most places. */
const ELSEWHERE: readonly string[] = [
  "envoy.config.core.v3.Node",
  "envoy.extensions.filters.http.buffer.v3.Buffer",
  "envoy.extensions.filters.network.echo.v3.Echo",
  "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
  "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer",
  "google.protobuf.Struct",
];

/** Lists whose items are named elsewhere. */
const NAMED: ReadonlySet<string> = new Set(["clusters", "secrets", "resources", "bootstrap_extensions"]);

/** What can be done to the keys of one message. */
export function messageChanges(minimal: Minimal, site: MessageSite): Change[] {
  const { desc, path, map } = site;
  const has = (field: DescField) => map.entries.some(({ key }) => key === field.name || key === field.jsonName);
  const changes: Change[] = [add("unknown_field", desc.typeName, site, "xcp_no_such_field", () => text("x"))];
  for (const [i, { key }] of map.entries.entries()) {
    const own = [...path, i];
    if (key !== "@type") {
      changes.push(rename("unknown_field_typo", `${desc.typeName}.${key}`, own, `${key}s`));
      continue;
    }
    changes.push(
      drop("missing_at_type", desc.typeName, own),
      put("unknown_at_type", desc.typeName, own, text("type.googleapis.com/envoy.no.such.v3.Type")),
      put("unknown_at_type_no_slash", desc.typeName, own, text(desc.typeName)),
      ...ELSEWHERE.map((type) =>
        put("at_type_elsewhere", desc.typeName, own, text(`type.googleapis.com/${type}`), type)
      ),
      put("at_type_host", desc.typeName, own, text(`example.com/${desc.typeName}`)),
    );
  }
  for (const field of desc.fields) {
    if (has(field)) continue;
    const oneof = "oneof" in field ? field.oneof : undefined;
    const rivals = oneof?.fields.filter(has) ?? [];
    const also = rivals.map((rival) => [...path, indexOf(site, rival)]);
    const kind = rivals.length > 0 ? "oneof_conflict" : "add_field";
    changes.push(add(kind, fieldName(field), site, field.name, () => minimal.field(field), also));
  }
  return changes;
}

function indexOf({ map }: MessageSite, field: DescField): number {
  return map.entries.findIndex(({ key }) => key === field.name || key === field.jsonName);
}

/** What can be done to a field that is set: taken away, its members doubled, dropped or moved. */
export function fieldChanges(site: FieldSite): Change[] {
  const { field, value } = site;
  const name = fieldName(field);
  const gone = drop(`missing_${field.name}`, name, site.path);
  const changes: Change[] = [NAMED.has(field.name) ? { ...gone, at: [] } : gone];
  if (field.fieldKind === "list" && value.kind === "list") {
    changes.push(...listChanges(site, value, name), ...borrowed(site, value, name));
  }
  return changes;
}

function listChanges(site: FieldSite, { items }: ListValue, name: string): Change[] {
  const changes: Change[] = [];
  const own = site.field.name;
  for (const [i, item] of items.entries()) {
    if (i >= MOST_ITEMS && i < items.length - 1) continue;
    const path = [...site.path, i];
    changes.push(
      inserted(`dup_${own}`, name, site.path, item, i),
      {
        ...drop(`missing_item_of_${own}`, name, path),
        // Of what others name, nobody can say where it was missed.
        at: NAMED.has(own) ? [] : [site.path, ...around(site.path, i, items.length)],
      },
    );
    if (i > 0) changes.push(swapped(`order_of_${own}`, name, site.path, i));
    const other = renamed(item);
    if (other !== undefined) changes.push(inserted(`dup_renamed_${own}`, name, site.path, other, i));
  }
  return changes;
}

/** What must be unique over all items of a list: the first item gets a part of the second. */
function borrowed(site: FieldSite, { items }: ListValue, name: string): Change[] {
  const [first, second] = items;
  if (first?.kind !== "map" || second?.kind !== "map") return [];
  return second.entries.flatMap(({ key, value }, i): Change[] => {
    const index = first.entries.findIndex((entry) => entry.key === key);
    const other = first.entries[index]?.value;
    if (other === undefined || JSON.stringify(other) === JSON.stringify(value)) return [];
    const apply = (root: Value) => replaced(root, [...site.path, 0, index], () => value);
    const at = [[...site.path, 0, index], [...site.path, 1, i], [...site.path, 0], [...site.path, 1]];
    return [{ kind: `same_${key}_in_${site.field.name}`, field: name, detail: key, at, apply }];
  });
}

function around(path: Path, index: number, count: number): Path[] {
  if (count === 1) return [path.slice(0, -1)];
  return [index - 1, index].filter((i) => i >= 0 && i < count - 1).map((i) => [...path, i]);
}

/** The item again under a name of its own, so that only what else is equal can be wrong. */
function renamed(item: Value): Value | undefined {
  if (item.kind !== "map") return undefined;
  const index = item.entries.findIndex(({ key, value }) => key === "name" && value.kind === "scalar");
  return index < 0 ? undefined : replaced(item, [index], () => text("xcp-another"));
}

function inserted(kind: string, field: string, path: Path, item: Value, index: number): Change {
  const apply = (root: Value) =>
    replaced(
      root,
      path,
      (old) => old.kind === "list" ? { kind: "list", items: old.items.toSpliced(index + 1, 0, item) } : old,
    );
  const at = [...below(item, [...path, index]), ...below(item, [...path, index + 1])];
  return { kind, field, detail: `item ${index}`, at, apply };
}

function swapped(kind: string, field: string, path: Path, index: number): Change {
  const apply = (root: Value) =>
    replaced(root, path, (old) => {
      if (old.kind !== "list") return old;
      const [item] = old.items.slice(index, index + 1);
      const without = old.items.toSpliced(index, 1);
      return { kind: "list", items: item === undefined ? without : without.toSpliced(index - 1, 0, item) };
    });
  return { kind, field, detail: `item ${index}`, at: [[...path, index - 1], [...path, index]], apply };
}
