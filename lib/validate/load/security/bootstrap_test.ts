import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  ["bootstrap", "watchdogs: {}"],
  ["bootstrap", "watchdog: {}, watchdogs: {}", "conflicting-fields"],
  ["bootstrap", "stats_flush_interval: 5s, stats_flush_on_admin: true", "conflicting-fields"],
  ["bootstrap", "stats_flush_interval: 5s, stats_eviction_interval: 10s"],
  ["bootstrap", "stats_flush_interval: 5s, stats_eviction_interval: 7s", "conflicting-fields"],
  ["bootstrap", "stats_eviction_interval: 7s", "conflicting-fields"],
  ["bootstrap", "layered_runtime: {layers: [{name: a, static_layer: {x: {y: true}}}, {name: b, admin_layer: {}}]}"],
  [
    "bootstrap",
    "layered_runtime: {layers: [{name: a, static_layer: {}}, {name: a, admin_layer: {}}]}",
    "duplicate-name",
  ],
  ["bootstrap", "layered_runtime: {layers: [{name: a, admin_layer: {}}, {name: b, admin_layer: {}}]}", "unsupported"],
  ["bootstrap", "layered_runtime: {layers: [{name: a, static_layer: {x: {y: [1]}}}]}", "bad-value"],
  ["bootstrap", "layered_runtime: {layers: [{name: a, static_layer: {x: null}}]}", "bad-value"],
  ["bootstrap", "layered_runtime: {layers: [{name: a, disk_layer: {}}]}", "missing-field"],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: foo, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
    "unknown-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}, {name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
    "duplicate-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: foo, threshold: {value: 0.9}}]}]}",
    "unknown-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}, {name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.8}}]}]}",
    "duplicate-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, scaled: {scaling_threshold: 0.1, saturation_threshold: 0.5}}]}]}",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, scaled: {scaling_threshold: 0.5, saturation_threshold: 0.5}}]}]}",
    "conflicting-fields",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.reduce_timeouts, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
    "missing-field",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.reduce_timeouts, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}], typed_config: {<config.overload.v3.ScaleTimersOverloadActionConfig>, timer_scale_factors: [{timer: HTTP_DOWNSTREAM_CONNECTION_IDLE, min_timeout: 2s}]}}]}",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.reduce_timeouts, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}], typed_config: {<config.overload.v3.ScaleTimersOverloadActionConfig>, timer_scale_factors: [{timer: HTTP_DOWNSTREAM_CONNECTION_IDLE, min_timeout: 2s}, {timer: HTTP_DOWNSTREAM_CONNECTION_IDLE, min_timeout: 3s}]}}]}",
    "duplicate-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.shrink_heap, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}], typed_config: {<config.overload.v3.ScaleTimersOverloadActionConfig>, timer_scale_factors: [{timer: HTTP_DOWNSTREAM_CONNECTION_IDLE, min_timeout: 2s}]}}]}",
    "conflicting-fields",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], actions: [{name: envoy.overload_actions.reset_high_memory_stream, triggers: [{name: envoy.resource_monitors.fixed_heap, scaled: {scaling_threshold: 0.1, saturation_threshold: 0.5}}]}]}",
    "missing-field",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], buffer_factory_config: {minimum_account_to_track_power_of_two: 20}, actions: [{name: envoy.overload_actions.reset_high_memory_stream, triggers: [{name: envoy.resource_monitors.fixed_heap, scaled: {scaling_threshold: 0.1, saturation_threshold: 0.5}}]}]}",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], loadshed_points: [{name: foo, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], loadshed_points: [{name: foo, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}, {name: foo, triggers: [{name: envoy.resource_monitors.fixed_heap, threshold: {value: 0.9}}]}]}",
    "duplicate-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.fixed_heap, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 1000}}], loadshed_points: [{name: foo, triggers: [{name: bar, threshold: {value: 0.9}}]}]}",
    "unknown-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: a, typed_config: {<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, max_heap_size_bytes: 0}}]}",
    "bad-value",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: a, typed_config: {<extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig>, max_active_downstream_connections: 10}}]}",
    "unknown-name",
  ],
  [
    "bootstrap",
    "overload_manager: {resource_monitors: [{name: envoy.resource_monitors.global_downstream_max_connections, typed_config: {<extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig>, max_active_downstream_connections: 10}}]}",
  ],
  ["bootstrap", 'application_log_config: {log_format: {json_format: {a: "%j", b: 1}}}'],
  ["bootstrap", 'application_log_config: {log_format: {json_format: {a: "%v"}}}', "bad-format"],
  ["bootstrap", 'application_log_config: {log_format: {text_format: "%v"}}'],
  ["bootstrap", 'stats_config: {stats_tags: [{tag_name: a, regex: "^x(?=y)(.*)$"}]}'],
  ["bootstrap", 'stats_config: {stats_tags: [{tag_name: a, regex: "(?i)x"}]}', "bad-regex"],
  ["bootstrap", 'stats_config: {stats_tags: [{tag_name: a, regex: "x("}]}', "bad-regex"],
  ["bootstrap", "stats_config: {stats_tags: [{tag_name: a}]}", "missing-field"],
  ["bootstrap", "stats_config: {stats_tags: [{tag_name: envoy.cluster_name}]}"],
  ["bootstrap", "stats_config: {stats_tags: [{regex: x}]}", "missing-field"],
  ["bootstrap", "stats_config: {stats_tags: [{fixed_value: x}]}"],
];

const api = loadApi();

for (const [i, each] of CASES.entries()) {
  const [place, fields, rule] = each;
  Deno.test(`bootstrap ${i}: ${rule ?? "taken"}: ${place} ${fields.slice(0, 80)}`, () => {
    assertEquals(broken(api, each), rule === undefined ? [] : [rule]);
  });
}
