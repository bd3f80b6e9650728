/**
 * From the keys of a map to the fields of a message.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { FieldPlan, MessagePlan, NextField } from "./plan.ts";
import { RULES } from "./rules.ts";
import type { Run } from "./run.ts";
import { type Entry, type MapNode, mapNode, type Node, withoutDuplicates } from "./tree.ts";

/** A field that is set. */
export interface Found {
  readonly field: FieldPlan;
  readonly node: Node;
  /** Where the key is. */
  readonly offset: number;
}

/**
 * The fields that a map sets, by number. With a run, unknown keys and conflicts are reported. In an `Any`, `@type` is not
 * a field.
 */
export function collect(plan: MessagePlan, node: MapNode, run: Run | undefined, inAny: boolean): Found[] {
  if (run === undefined && node.plan === plan && node.found !== undefined) return node.found;
  const found: Found[] = [];
  node.plan = plan;
  node.found = found;
  let highest = 0;
  let before: FieldPlan | undefined;
  for (const { key, offset, value } of node.entries) {
    // What came after this field the last time comes again: texts are written by programs.
    const guess: NextField | undefined = before === undefined ? plan.first : before.next;
    const field: FieldPlan | undefined = guess?.key === key ? guess.field : plan.byName.get(key);
    if (field !== undefined) {
      if (guess?.key !== key) {
        // Not the key that was found: it may be a slice of a large text, which would never be let go.
        const next = { key: key === field.name ? field.name : field.desc.jsonName, field };
        if (before === undefined) plan.first = next;
        else before.next = next;
      }
      before = field;
    }
    if (field === undefined) {
      if (run !== undefined && !(inAny && key === "@type")) reportUnknown(plan, key, offset, run);
      continue;
    }
    if (value.kind === "null" && !field.takesNull) continue;
    if (run !== undefined && field.oneof >= 0) reportConflict(plan, found, field, offset, run);
    const item: Found = { field, node: value, offset };
    if (field.number > highest) {
      highest = field.number;
      found.push(item);
    } else {
      insert(found, item, run);
    }
  }
  return found;
}

/** Maps are small and often in order already: an insertion sort. */
function insert(found: Found[], item: Found, run: Run | undefined): void {
  let at = found.length;
  while (at > 0 && (found[at - 1]?.field.number ?? 0) > item.field.number) at--;
  const same = found[at - 1];
  if (same?.field === item.field) {
    run?.issue(RULES.duplicateKey, item.offset, `field "${item.field.name}" is there already, in its other spelling`, {
      severity: "warning",
    });
    found[at - 1] = { ...item, node: merge(item.field, same.node, item.node) };
  } else {
    found.splice(at, 0, item);
  }
}

/**
 * Both spellings of one field: lists and messages are joined, as protobuf does, otherwise the last one counts. In messages
 * that are joined, nothing conflicts: of a list and of the members of a oneof, the last one counts too.
 */
function merge(field: FieldPlan, first: Node, last: Node): Node {
  const { desc } = field;
  if (desc.fieldKind === "list") return { kind: "list", offset: first.offset, items: [first, last] };
  if (first.kind !== "map" || last.kind !== "map") return last;
  if (desc.fieldKind === "map") {
    return mapNode(first.offset, withoutDuplicates([...first.entries, ...last.entries], () => {}));
  }
  if (desc.message === undefined || desc.message.typeName.startsWith("google.protobuf.")) return last;
  return mapNode(first.offset, joined(desc.message, first.entries, last.entries));
}

/** Entries of two maps for one message: those of the last, and of the first what they do not replace. */
function joined(message: DescMessage, first: readonly Entry[], last: readonly Entry[]): Entry[] {
  const entries = [...last];
  const fieldOf = ({ key }: Entry) => message.fields.find(({ name, jsonName }) => name === key || jsonName === key);
  const taken = last.map((entry) => entry.value.kind === "null" ? undefined : fieldOf(entry));
  for (const entry of first) {
    const field = fieldOf(entry);
    const at = field === undefined
      ? -1
      : taken.findIndex((other) =>
        other !== undefined && (other === field || other.oneof !== undefined && other.oneof === field.oneof)
      );
    const there = entries[at];
    if (field === undefined || there === undefined) {
      entries.push(entry);
    } else if (
      field === taken[at] && field.fieldKind === "message" && !field.message.typeName.startsWith("google.protobuf.") &&
      entry.value.kind === "map" && there.value.kind === "map"
    ) {
      const { offset } = entry.value;
      const both = joined(field.message, entry.value.entries, there.value.entries);
      entries[at] = { ...there, value: mapNode(offset, both) };
    }
  }
  return entries;
}

function reportUnknown(plan: MessagePlan, key: string, offset: number, run: Run): void {
  const names = plan.desc.fields.map((field) => field.name);
  const meant = run.source.suggest(key, names);
  let hint = "";
  if (key === "@type") hint = ": its type is fixed";
  else if (key === "<<") hint = ": Envoy's YAML has no merge keys";
  else if (meant !== undefined) hint = `; did you mean "${meant}"?`;
  else if (names.length === 0) hint = ": it has no fields";
  else if (names.length <= 8) hint = `: it has ${names.join(", ")}`;
  run.issue(RULES.unknownField, offset, `${plan.desc.typeName} has no field "${key}"${hint}`, {
    path: run.path(key),
  });
}

function reportConflict(plan: MessagePlan, found: readonly Found[], field: FieldPlan, offset: number, run: Run): void {
  let other: Found | undefined;
  for (const each of found) if (each.field.oneof === field.oneof) other = each;
  if (other === undefined) return;
  const group = plan.desc.oneofs[field.oneof]?.name ?? "";
  const message = other.field === field
    ? `"${field.name}" is set twice, and it is a member of the oneof "${group}"`
    : `"${field.name}" and "${other.field.name}" exclude each other: only one of "${group}" can be set`;
  run.issue(RULES.oneofConflict, offset, message, { path: run.path(field.name) });
}
