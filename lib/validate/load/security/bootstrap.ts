/**
 * What a bootstrap says beside its static resources.
 *
 * @module
 */
import type { Node } from "../../../model/codec/tree.ts";
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

/** Milliseconds, unless `stats_flush_interval` is set. */
const FLUSH = 5000;

const bootstrap: Watcher = (view) => {
  exclusive(view, "watchdog", "watchdogs");
  if (view.has("stats_flush_interval") && view.bool("stats_flush_on_admin")) {
    const message = "stats_flush_on_admin cannot be set beside stats_flush_interval";
    view.reject("conflicting-fields", message, "stats_flush_on_admin");
  }
  const eviction = view.duration("stats_eviction_interval");
  const flush = view.duration("stats_flush_interval") ?? FLUSH;
  if (eviction !== undefined && flush >= 1 && Math.trunc(eviction) % Math.trunc(flush) !== 0) {
    const message = `stats_eviction_interval has to be a multiple of stats_flush_interval (${flush} ms)`;
    view.reject("conflicting-fields", message, "stats_eviction_interval");
  }
};

function exclusive(view: MessageView, first: string, second: string): void {
  if (view.has(first) && view.has(second)) {
    view.reject("conflicting-fields", `${first} and ${second} cannot be set together`, second);
  }
}

const layers: Watcher = (runtime) => {
  const names = new Set<string>();
  let admin = false;
  for (const layer of runtime.messages("layers")) {
    const name = layer.string("name");
    if (name !== undefined && names.has(name.value)) {
      layer.reject("duplicate-name", `layer "${name.value}" is there already`, name);
    }
    names.add(name?.value ?? "");
    if (layer.has("admin_layer")) {
      if (admin) layer.reject("unsupported", "there can be one admin_layer only", "admin_layer");
      admin = true;
    }
    const disk = layer.message("disk_layer");
    if (disk !== undefined && ["symlink_root", "subdirectory"].every((field) => disk.string(field) === undefined)) {
      disk.reject("missing-field", "a disk_layer needs a symlink_root");
    }
    checkValues(layer, "static_layer");
  }
};

/** Values of the runtime: text, numbers, booleans, and structures of them. */
function checkValues(view: MessageView, field: string): void {
  const root = view.node(field);
  const visit = (node: Node, path: string): void => {
    if (node.kind === "map") {
      for (const { key, value } of node.entries) visit(value, `${path}[${JSON.stringify(key)}]`);
    } else if (node.kind === "list" || node.kind === "null") {
      view.reject("bad-value", `the runtime has no ${node.kind === "list" ? "lists" : "empty values"}`, {
        offset: node.offset,
        path,
      });
    }
  };
  if (root?.kind === "map") visit(root, view.path(field));
}

const runtime: Watcher = (view) => checkValues(view, "layer");

/** `%v` and `%_` are texts as they are, which would break the JSON around them. */
const logFormat: Watcher = (format) => {
  const root = format.node("json_format");
  const visit = (node: Node): Node | undefined => {
    if (node.kind === "map") return firstOf(node.entries.map(({ value }) => value), visit);
    if (node.kind === "list") return firstOf(node.items, visit);
    return node.kind === "string" && /%[_v]/.test(node.text) ? node : undefined;
  };
  const wrong = root === undefined ? undefined : visit(root);
  if (wrong === undefined) return;
  const message = "%v and %_ cannot stand in a JSON format: write %j, which is escaped";
  format.reject("bad-format", message, { offset: wrong.offset, path: format.path("json_format") });
};

function firstOf(nodes: readonly Node[], visit: (node: Node) => Node | undefined): Node | undefined {
  for (const node of nodes) {
    const found = visit(node);
    if (found !== undefined) return found;
  }
  return undefined;
}

const BOOTSTRAP = "envoy.config.bootstrap.v3";

export const BOOTSTRAP_CHECKS: CheckTable = [
  [`${BOOTSTRAP}.Bootstrap`, bootstrap],
  [`${BOOTSTRAP}.LayeredRuntime`, layers],
  [`${BOOTSTRAP}.Bootstrap.ApplicationLogConfig.LogFormat`, logFormat],
  ["envoy.service.runtime.v3.Runtime", runtime],
];
