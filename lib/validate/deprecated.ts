/**
 * What Envoy's API marks: deprecated fields and values, those of them that Envoy refuses, and work in progress.
 *
 * Envoy looks at a field as it looks at every field (`MessageUtil::checkForUnexpectedFields`): one at its default value is
 * not set, and an enum without presence that is not set is at its default.
 *
 * @module
 */
import type { Api } from "../model/api.ts";
import type { Found } from "../model/codec/collect.ts";
import { enumNames } from "../model/codec/enums.ts";
import { parseFloatText } from "../model/codec/floats.ts";
import { readBool } from "../model/codec/scalars.ts";
import type { Source } from "../model/codec/source.ts";
import type { Node } from "../model/codec/tree.ts";
import type { MessageView, Watch, Watcher } from "../model/codec/view.ts";
import { RULES } from "./deprecated_rules.ts";
import { type FieldMark, Marks, type ValueMarks } from "./marks.ts";
import { REPLACEMENTS } from "./replacements.ts";
import { readRuntime, type Runtime } from "./runtime.ts";

/** Paths of what Envoy's validation makes nothing of: it warns when it reads it, and does not refuse it. */
const UNREAD =
  /^(hds_config|dynamic_resources\.lds_config|cluster_manager\.load_stats_config|lrs_server|tracing)\b|\btyped_filter_metadata\b/;

const LAYERED_RUNTIME = "envoy.config.bootstrap.v3.LayeredRuntime";

/** `FeatureSet.FieldPresence.IMPLICIT`: at its default, such a field is not set. */
const IMPLICIT = 2;

/** Warns of what is deprecated or not finished, and rejects what Envoy does not allow any more. */
export function watchDeprecated(api: Api): Watch {
  const marks = new Marks(api);
  /** Of texts with a bootstrap, which is read before its resources. */
  const runtimes = new WeakMap<Source, Runtime>();
  const seen = new WeakMap<Source, Set<string>>();
  const once = (source: Source, what: string) => {
    const known = seen.get(source);
    if (known === undefined) seen.set(source, new Set([what]));
    else if (known.has(what)) return false;
    else known.add(what);
    return true;
  };
  return (desc) => {
    if (desc.typeName === LAYERED_RUNTIME) {
      return (view, { source }) => {
        runtimes.set(source, readRuntime(view));
      };
    }
    const fields: (FieldMark | undefined)[] = [];
    for (const field of desc.fields) {
      const mark = marks.ofField(field);
      if (mark !== undefined) fields[field.number] = mark;
    }
    const values = desc.fields.flatMap((field) => marks.ofValues(field) ?? []);
    const unfinished = marks.isUnfinished(desc);
    if (fields.length === 0 && values.length === 0 && !unfinished) return undefined;
    const watcher: Watcher = (view, { source }) => {
      if (unfinished && once(source, desc.typeName)) {
        view.warn(RULES.unfinished, `${desc.typeName} is work in progress: it may change, and has no security support`);
      }
      for (const found of fields.length === 0 ? [] : view.found) {
        const mark = fields[found.field.number];
        if (mark !== undefined && !isDefault(found)) checkField(view, found, mark, runtimes.get(source), once);
      }
      for (const each of values) checkValue(view, each);
    };
    return watcher;
  };
}

function checkField(
  view: MessageView,
  { field: { name }, offset }: Found,
  mark: FieldMark,
  runtime: Runtime | undefined,
  once: (source: Source, what: string) => boolean,
): void {
  const at = { offset, path: view.path(name) };
  const fullName = `${view.desc.typeName}.${name}`;
  if (mark.unfinished && once(view.run.source, fullName)) {
    view.warn(RULES.unfinished, `field "${name}" is work in progress: it may change, and has no security support`, at);
  }
  if (!mark.deprecated) return;
  const instead = REPLACEMENTS[view.desc.typeName]?.[name];
  const hint = instead === undefined ? "" : `: use ${instead}`;
  if (mark.disallowed && runtime?.allows(fullName) !== true) {
    view.reject(RULES.noField, `field "${name}" is deprecated, and Envoy does not allow it any more${hint}`, at);
  } else {
    view.warn(RULES.field, `field "${name}" is deprecated${hint}`, at);
  }
}

function checkValue(view: MessageView, { field, marked, good }: ValueMarks): void {
  const mark = marked.get(view.enum(field));
  if (mark === undefined) return;
  const there = view.has(field);
  const what = there
    ? `value ${mark.name} of "${field}" is deprecated`
    : `"${field}" is missing, and its default ${mark.name} is deprecated`;
  const hint = good.length > 8 ? "" : `: ${there ? "use" : "set it to"} ${good.join(" or ")}`;
  if (mark.disallowed && !UNREAD.test(view.path())) {
    view.reject(RULES.noValue, `${what}, and Envoy does not allow it any more${hint}`, field);
  } else {
    view.warn(RULES.value, `${what}${hint}`, field);
  }
}

/** Whether Envoy takes the field for one that is not set. */
function isDefault({ field, node }: Found): boolean {
  const { desc } = field;
  if (desc.fieldKind === "list") return isEmpty(node);
  if (desc.fieldKind === "map") return node.kind === "map" && node.entries.length === 0;
  if (desc.presence !== IMPLICIT) return false;
  if (desc.enum !== undefined) return enumNames(field, desc.enum).read(node) === 0;
  if (node.kind === "boolean") return readBool(node) === false;
  return node.kind === "number" ? parseFloatText(node.text) === 0 : node.kind === "string" && node.text === "";
}

function isEmpty(node: Node): boolean {
  return node.kind === "list" && node.items.every(isEmpty);
}
