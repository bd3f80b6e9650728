/**
 * One defect in one place of a configuration.
 *
 * @module
 */
import type { DescField } from "@bufbuild/protobuf";
import { children, type MapValue, type Path, replaced, type Value } from "./value.ts";

/** What is done to a configuration; nothing is built before {@link Change.apply}. */
export interface Change {
  /** `pgv_string_min_len`, `type_bool_for_string`, `dup_domains`. */
  readonly kind: string;
  /** Full proto name of the field, oneof or message. */
  readonly field: string;
  readonly detail: string;
  /** Paths in the changed tree that are fair answers for where the defect is. */
  readonly at: readonly Path[];
  apply(root: Value): Value;
}

export function fieldName(field: DescField): string {
  return `${field.parent.typeName}.${field.name}`;
}

/** A value in place of another. */
export function put(kind: string, field: string, path: Path, value: Value, detail = ""): Change {
  // Null is as good as absent, and what is absent is said of what it was in.
  const at = value.kind === "scalar" && value.raw && value.text === "null" ? [path, path.slice(0, -1)] : [path];
  return { kind, field, detail, at, apply: (root) => replaced(root, path, () => value) };
}

/** An entry or item that is gone; what is said of it is said of what held it. */
export function drop(kind: string, field: string, path: Path, detail = ""): Change {
  const index = path.at(-1) ?? 0;
  const parent = path.slice(0, -1);
  return {
    kind,
    field,
    detail,
    at: [parent],
    apply: (root) =>
      replaced(root, parent, (old) => {
        if (old.kind === "map") return { kind: "map", entries: old.entries.filter((_, i) => i !== index) };
        return old.kind === "list" ? { kind: "list", items: old.items.filter((_, i) => i !== index) } : old;
      }),
  };
}

/** An entry more, behind the last of the map that is at the path. */
export function add(
  kind: string,
  field: string,
  { path, map }: { readonly path: Path; readonly map: MapValue },
  key: string,
  make: () => Value,
  also: readonly Path[] = [],
): Change {
  return {
    kind,
    field,
    detail: key,
    get at() {
      const own = [...path, map.entries.length];
      return kind === "unknown_field" ? [own] : [...below(make(), own), path, ...also];
    },
    apply: (root) =>
      replaced(root, path, (old) => {
        return old.kind === "map" ? { kind: "map", entries: [...old.entries, { key, value: make() }] } : old;
      }),
  };
}

/** A value may be wrong anywhere inside. */
export function below(value: Value, path: Path): Path[] {
  return [path, ...children(value).flatMap((child, i) => below(child, [...path, i]))];
}

/** A key by another name. */
export function rename(kind: string, field: string, path: Path, key: string): Change {
  const index = path.at(-1) ?? 0;
  return {
    kind,
    field,
    detail: key,
    at: [path],
    apply: (root) =>
      replaced(root, path.slice(0, -1), (old) => {
        if (old.kind !== "map") return old;
        const entries = old.entries.map((entry, i) => i === index ? { key, value: entry.value } : entry);
        return { kind: "map", entries };
      }),
  };
}
