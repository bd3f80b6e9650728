/**
 * Filters that change requests and responses: by another server, by scripts and Wasm, or on their own.
 *
 * Source: `source/extensions/filters/http/{ext_proc,lua,header_mutation,transform}/` and
 * `source/extensions/common/wasm/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { hasName } from "./extensions.ts";

const HTTP = "envoy.extensions.filters.http";

const NONE = 0;
const SEND = 1;
const FULL_DUPLEX_STREAMED = 4;

const extProc: Watcher = (view) => {
  const [grpc, http] = [view.has("grpc_service"), view.has("http_service")];
  if (grpc && http) {
    view.reject("conflicting-fields", "Cannot use both grpc_service and http_service", "http_service");
  } else if (!grpc && !http) {
    view.reject("missing-field", "Neither grpc_service nor http_service says who processes");
  }
  if (view.bool("disable_clear_route_cache") && view.enum("route_cache_action") !== 0) {
    const message = "route_cache_action says what disable_clear_route_cache says: set one of them";
    view.reject("conflicting-fields", message, "route_cache_action");
  }
  for (const field of ["request_attributes", "response_attributes"]) {
    const node = view.node(field);
    const empty = node?.kind === "list"
      ? node.items.find((item) => item.kind === "string" && item.text === "")
      : undefined;
    if (empty === undefined) continue;
    view.reject("bad-value", "An attribute is an expression, and this one is empty", {
      offset: empty.offset,
      path: view.path(field),
    });
  }
  const mode = view.message("processing_mode");
  if (mode !== undefined) checkMode(mode, http);
};

function checkMode(mode: MessageView, http: boolean): void {
  for (const direction of ["request", "response"]) {
    const [body, trailer] = [`${direction}_body_mode`, `${direction}_trailer_mode`];
    if (http) {
      const field = mode.enum(body) !== NONE ? body : mode.enum(trailer) === SEND ? trailer : undefined;
      if (field !== undefined) mode.reject("unsupported", "Only headers can be sent to an http_service", field);
    }
    if (mode.enum(body) === FULL_DUPLEX_STREAMED && mode.enum(trailer) !== SEND) {
      mode.reject("missing-field", `${body} FULL_DUPLEX_STREAMED needs ${trailer} SEND`, body);
    }
  }
}

const lua: Watcher = (view) => {
  if (view.string("inline_code") !== undefined && view.has("default_source_code")) {
    view.reject("conflicting-fields", "Cannot set both inline_code and default_source_code", "inline_code");
  }
};

const queryMutation: Watcher = (mutation) => {
  const [append, remove] = [mutation.message("append"), mutation.string("remove")];
  if (append === undefined) {
    if (remove === undefined) mutation.reject("missing-field", "Neither append nor remove says what to do");
    return;
  }
  if (remove !== undefined) {
    return mutation.reject("conflicting-fields", "Cannot both append and remove in one mutation", "remove");
  }
  const record = append.message("record");
  if (record === undefined) return append.reject("missing-field", "There is no record to append");
  const value = record.node("value");
  if (value === undefined || value.kind !== "string") {
    return record.reject("unsupported", "Only a string can be appended as the value of a parameter", "value");
  }
  const fault = formatFault(value.text);
  if (fault !== undefined) record.reject("bad-format", `Cannot read the value of the parameter: ${fault}`, "value");
};

const transform: Watcher = (view) => {
  if (view.bool("clear_cluster_cache") && view.bool("clear_route_cache")) {
    view.reject("conflicting-fields", "Cannot set both clear_cluster_cache and clear_route_cache", "clear_route_cache");
  }
};

/** Wherever a plugin is: in a filter, an access log, a bootstrap. */
const wasmPlugin: Watcher = (plugin) => {
  if (plugin.bool("fail_open") && plugin.enum("failure_policy") !== 0) {
    plugin.reject("conflicting-fields", "failure_policy says what fail_open says: set one of them", "fail_open");
  }
  const vm = plugin.message("vm_config");
  if (vm === undefined) return plugin.reject("missing-field", "vm_config is missing: there is no code to run");
  const code = vm.message("code");
  const inline = code?.message("local")?.string("inline_string");
  const runtime = vm.string("runtime");
  if (runtime !== undefined && !hasName("envoy.wasm.runtime", runtime.value) && isOwn(runtime.value)) {
    vm.reject("unknown-name", `Cannot run "${runtime.value}": Envoy's binary has no such runtime`, runtime);
  } else if (code === undefined && runtime?.value !== NULL_RUNTIME) {
    vm.reject("missing-field", "code is missing: there is nothing to run");
  } else if (inline !== undefined && runtime?.value === V8_RUNTIME && !inline.value.startsWith(MAGIC)) {
    vm.reject("bad-value", "Cannot run inline_string as Wasm: a module in text is given as inline_bytes", inline);
  }
};

/** The filter whose plugin that is. */
const wasmFilter: Watcher = (view) => {
  if (!view.has("config")) view.reject("missing-field", "config is missing: there is no code to run");
};

const NULL_RUNTIME = "envoy.wasm.runtime.null";
const V8_RUNTIME = "envoy.wasm.runtime.v8";
const MAGIC = "\0asm";

/** Others may be in a binary of one's own. */
function isOwn(runtime: string): boolean {
  return !["wamr", "wasmtime", "wavm"].some((name) => runtime === `envoy.wasm.runtime.${name}`);
}

export const PROCESSING_CHECKS: CheckTable = [
  [`${HTTP}.ext_proc.v3.ExternalProcessor`, extProc],
  [`${HTTP}.lua.v3.Lua`, lua],
  [`${HTTP}.transform.v3.TransformConfig`, transform],
  ["envoy.extensions.wasm.v3.PluginConfig", wasmPlugin],
  [`${HTTP}.wasm.v3.Wasm`, wasmFilter],
  [`${HTTP}.header_mutation.v3.Mutations`, (view) => {
    for (const mutation of view.messages("query_parameter_mutations")) queryMutation(mutation, view.run);
  }],
];
