/**
 * Ranges of IP addresses. Of some, Envoy does not look at all: see `filter_chains.ts` and `rbac.ts`.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { cidrFault } from "../address.ts";
import { BAD_ADDRESS } from "./sockets.ts";

/** Checks a field of type `CidrRange`, or a list of these. Whether all are fine. */
export function checkRanges(holder: MessageView, field: string): boolean {
  const faults = holder.messages(field).map((range) => {
    const prefix = range.string("address_prefix");
    // That there is one is a rule of the field.
    const fault = prefix === undefined ? undefined : cidrFault(prefix.value);
    if (fault !== undefined) range.reject(BAD_ADDRESS, fault, "address_prefix");
    return fault;
  });
  return faults.every((fault) => fault === undefined);
}

function ranges(...fields: string[]): Watcher {
  return (view) => {
    for (const field of fields) checkRanges(view, field);
  };
}

/** Envoy leaves out what it cannot read: an address that is not trusted is safer than a listener that is not there. */
const trusted: Watcher = (view) => {
  for (const range of view.messages("cidrs")) {
    const prefix = range.string("address_prefix");
    const fault = prefix === undefined ? undefined : cidrFault(prefix.value);
    if (fault !== undefined) range.warn("ignored-range", `Envoy leaves this range out: ${fault}`, "address_prefix");
  }
};

const FILTERS = "envoy.extensions.filters";

export const RANGE_CHECKS: CheckTable = [
  ["envoy.type.matcher.v3.AddressMatcher", ranges("ranges")],
  ["xds.type.matcher.v3.IPMatcher.IPRangeMatcher", ranges("ranges")],
  ["envoy.extensions.matching.input_matchers.ip.v3.Ip", ranges("cidr_ranges")],
  ["envoy.extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher", ranges("upstream_ip")],
  ["envoy.extensions.transport_sockets.tls.v3.TlsKeyLog", ranges("local_address_range", "remote_address_range")],
  [`${FILTERS}.http.ip_tagging.v3.IPTagging.IPTag`, ranges("ip_list")],
  [
    `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig`,
    ranges("cidr_ranges"),
  ],
  ["envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs", trusted],
];
