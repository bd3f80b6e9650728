/**
 * The overload manager: resources that are watched, and what is done when they run short.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const ACTION = "envoy.overload_actions.";

/** What Envoy can do. Any name will do for a load shed point. */
const ACTIONS: readonly string[] = [
  "disable_http_keepalive",
  "reduce_timeouts",
  "reject_incoming_connections",
  "reset_high_memory_stream",
  "shrink_heap",
  "stop_accepting_connections",
  "stop_accepting_requests",
];

const REDUCE_TIMEOUTS = `${ACTION}reduce_timeouts`;
const RESET_STREAMS = `${ACTION}reset_high_memory_stream`;
const CONNECTIONS = "envoy.resource_monitors.global_downstream_max_connections";

const overloadManager: Watcher = (manager) => {
  const monitors = unique(manager.messages("resource_monitors"), "resource monitor");
  for (const monitor of manager.messages("resource_monitors")) checkConnections(monitor);
  const actions = manager.messages("actions");
  unique(actions, "overload action");
  for (const action of actions) {
    checkAction(action, manager.has("buffer_factory_config"));
    checkTriggers(action, monitors);
  }
  const points = manager.messages("loadshed_points");
  unique(points, "load shed point");
  for (const point of points) checkTriggers(point, monitors);
};

/** The one monitor that Envoy finds by its name. */
function checkConnections(monitor: MessageView): void {
  const type = monitor.typed("typed_config")?.desc.typeName ?? "";
  if (!type.endsWith(".DownstreamConnectionsConfig") || monitor.string("name")?.value === CONNECTIONS) return;
  monitor.reject("unknown-name", `the monitor of connections has to be called ${CONNECTIONS}`, "name");
}

/** The names of the messages, of which no two may be equal. */
function unique(messages: readonly MessageView[], what: string): Set<string> {
  const names = new Set<string>();
  for (const message of messages) {
    const name = message.string("name");
    if (name === undefined) continue;
    if (names.has(name.value)) message.reject("duplicate-name", `${what} "${name.value}" is there already`, name);
    names.add(name.value);
  }
  return names;
}

function checkAction(action: MessageView, hasBuffers: boolean): void {
  const name = action.string("name");
  if (name === undefined) return;
  const config = action.has("typed_config");
  if (!ACTIONS.some((each) => name.value === ACTION + each)) {
    const known = ACTIONS.map((each) => ACTION + each).join(", ");
    action.reject("unknown-name", `there is no overload action "${name.value}": Envoy has ${known}`, name);
  } else if (name.value === REDUCE_TIMEOUTS) {
    if (!config) action.reject("missing-field", `${REDUCE_TIMEOUTS} needs a typed_config that names the timers`);
  } else if (config) {
    action.reject("conflicting-fields", `${name.value} takes no typed_config`, "typed_config");
  } else if (name.value === RESET_STREAMS && !hasBuffers) {
    action.reject("missing-field", `${RESET_STREAMS} needs buffer_factory_config of the overload manager`, name);
  }
}

function checkTriggers(owner: MessageView, monitors: ReadonlySet<string>): void {
  const triggers = owner.messages("triggers");
  unique(triggers, "trigger");
  for (const trigger of triggers) {
    const name = trigger.string("name");
    // Envoy watches the number of connections by itself.
    if (name !== undefined && !monitors.has(name.value) && name.value !== CONNECTIONS) {
      trigger.reject("unknown-name", `there is no resource monitor "${name.value}"`, name);
    }
    const scaled = trigger.message("scaled");
    const [from = 0, to = 0] = [scaled?.number("scaling_threshold"), scaled?.number("saturation_threshold")];
    if (scaled !== undefined && from >= to) {
      scaled.reject("conflicting-fields", `scaling_threshold has to be less than saturation_threshold (${to})`);
    }
  }
}

const timers: Watcher = (config) => {
  const seen = new Set<number>();
  for (const factor of config.messages("timer_scale_factors")) {
    const timer = factor.enum("timer");
    if (seen.has(timer)) factor.reject("duplicate-name", "this timer is there already", "timer");
    seen.add(timer);
  }
};

const fixedHeap: Watcher = (heap) => {
  const size = heap.number("max_heap_size_bytes") ?? 0;
  const runtime = heap.message("max_heap_size_bytes_runtime");
  if (runtime === undefined) {
    if (size === 0) heap.reject("bad-value", "max_heap_size_bytes has to be more than 0", "max_heap_size_bytes");
  } else if (size > 0) {
    const message = "max_heap_size_bytes and max_heap_size_bytes_runtime cannot be set together";
    heap.reject("conflicting-fields", message, "max_heap_size_bytes_runtime");
  } else if ((runtime.number("default_value") ?? 0) === 0) {
    runtime.reject("bad-value", "default_value has to be more than 0", "default_value");
  }
};

const OVERLOAD = "envoy.config.overload.v3";

export const OVERLOAD_CHECKS: CheckTable = [
  [`${OVERLOAD}.OverloadManager`, overloadManager],
  [`${OVERLOAD}.ScaleTimersOverloadActionConfig`, timers],
  ["envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig", fixedHeap],
];
