/**
 * Health checks of a cluster.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { checkPayload, payloadLength } from "./payload.ts";
import { lacksAlpn, protocolsOf } from "./protocols.ts";

export function checkHealthChecks(cluster: MessageView): void {
  const checks = cluster.messages("health_checks");
  const names = new Set<string>();
  for (const check of checks) {
    if (checks.length > 1) checkName(check, names);
    const http = check.message("http_health_check");
    if (http !== undefined) checkHttp(http);
    if (http?.bool("use_alpn_protocol") && lacksAlpn(cluster)) {
      const message = "use_alpn_protocol needs a transport socket with ALPN, such as TLS";
      http.reject("upstream-protocol", message, "use_alpn_protocol");
    }
    const tcp = check.message("tcp_health_check");
    const send = tcp?.message("send");
    for (const payload of [...send === undefined ? [] : [send], ...tcp?.messages("receive") ?? []]) {
      checkPayload(payload);
    }
    if (check.has("grpc_health_check") && protocolsOf(cluster)?.http2 === false) {
      const message = "A health check by gRPC needs HTTP/2, which this cluster does not speak";
      check.reject("upstream-protocol", message, "grpc_health_check");
    }
    const custom = check.message("custom_health_check")?.typed("typed_config");
    if (custom?.desc.typeName === THRIFT) checkThrift(custom);
  }
}

/** Of several checks, each has its name. */
function checkName(check: MessageView, names: Set<string>): void {
  const name = check.string("name");
  if (name === undefined) {
    return check.reject("missing-field", "A health check needs a name where there are several");
  }
  if (names.has(name.value)) {
    check.reject("duplicate-name", `There is a health check "${name.value}" already in this cluster`, "name");
  }
  names.add(name.value);
}

/** Numbers of `RequestMethod` that come with a body. The others are GET, HEAD, DELETE and TRACE; CONNECT breaks a rule. */
const WITH_BODY: readonly number[] = [3, 4, 6, 7, 9];

/** What Envoy takes for `response_buffer_size` that is not set. */
const BUFFER = 1024;

function checkHttp(http: MessageView): void {
  for (const field of ["expected_statuses", "retriable_statuses"]) {
    for (const range of http.messages(field)) checkStatuses(range);
  }
  const send = http.message("send");
  if (send !== undefined && !WITH_BODY.includes(http.enum("method"))) {
    http.reject("conflicting-fields", "send is set, and requests of this method have no body", "send");
  } else if (send !== undefined) {
    checkPayload(send);
  }
  const receive = http.messages("receive");
  if (receive.length === 0) return;
  for (const payload of receive) checkPayload(payload);
  const length = receive.reduce((total, payload) => total + payloadLength(payload), 0);
  const size = http.number("response_buffer_size") ?? BUFFER;
  if (size === 0 || length <= size) return;
  const message = `receive has ${length} bytes, and response_buffer_size is ${size}`;
  http.reject("conflicting-fields", message, http.has("response_buffer_size") ? "response_buffer_size" : "receive");
}

/** Half-open, as everywhere. */
function checkStatuses(range: MessageView): void {
  const start = range.number("start") ?? 0;
  const end = range.number("end") ?? 0;
  if (start >= 100 && start < end && end <= 600) return;
  const field = start < 100 ? "start" : "end";
  const message =
    `A range of statuses lies between 100 and 600 and is not empty: ${start} to ${end}, which is not in it`;
  range.reject("bad-value", message, field);
}

const THRIFT = "envoy.extensions.health_checkers.thrift.v3.Thrift";
const AUTO = 0;
const TWITTER = 4;

function checkThrift(thrift: MessageView): void {
  const protocol = thrift.enum("protocol");
  if (thrift.enum("transport") === AUTO) {
    thrift.reject("unsupported", "A health check by Thrift cannot find out the transport by itself", "transport");
  } else if (protocol === AUTO || protocol === TWITTER) {
    const message = "A health check by Thrift can speak BINARY, LAX_BINARY and COMPACT only";
    thrift.reject("unsupported", message, "protocol");
  }
}
