/**
 * HTTP/2 settings that are given by number.
 *
 * Source: `validateCustomSettingsParameters` in `source/common/http/utility.cc`.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const ENABLE_PUSH = 2;
const ENABLE_CONNECT_PROTOCOL = 8;

/** Settings that have a field of their own (RFC 9113, 6.5.2). */
const NAMED: ReadonlyMap<number, string> = new Map([
  [1, "hpack_table_size"],
  [3, "max_concurrent_streams"],
  [4, "initial_stream_window_size"],
]);

function checkSettings(options: MessageView | undefined): void {
  if (options === undefined) return;
  const values = new Map<number, number>();
  for (const setting of options.messages("custom_settings_parameters")) {
    const identifier = setting.number("identifier");
    const value = setting.number("value");
    if (identifier === undefined || value === undefined) continue;
    const before = values.get(identifier);
    if (before === undefined) values.set(identifier, value);
    else if (before !== value) {
      setting.reject("conflicting-fields", `Setting ${identifier} is ${before} already`, "value");
    }
    const named = NAMED.get(identifier);
    if (named !== undefined && options.has(named)) {
      setting.reject("conflicting-fields", `Setting ${identifier} is "${named}", which is set too`, "identifier");
    }
    if (identifier === ENABLE_CONNECT_PROTOCOL) {
      setting.reject("unsupported", `Setting ${identifier} is for "allow_connect" to set`, "identifier");
    }
    if (identifier === ENABLE_PUSH && value === 1) {
      setting.reject("unsupported", "Envoy has no server push", "value");
    }
  }
}

const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

const options: Watcher = (view) => checkSettings(view.message("http2_protocol_options"));

/** Those of a cluster do not count beside the newer ones. */
const cluster: Watcher = (view) => {
  if (!view.has("http2_protocol_options")) return;
  const newer = view.entries("typed_extension_protocol_options").some(({ key }) => key === HTTP_OPTIONS);
  if (!newer) options(view, view.run);
};

export const HTTP2_CHECKS: CheckTable = [
  ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", options],
  ["envoy.config.cluster.v3.Cluster", cluster],
  ...["ExplicitHttpConfig", "UseDownstreamHttpConfig", "AutoHttpConfig"]
    .map((config) => [`${HTTP_OPTIONS}.${config}`, options] as const),
];
