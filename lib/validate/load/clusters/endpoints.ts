/**
 * Endpoints: where the hosts are, how much of the load they take, and what part of it is dropped.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import { checkAddress } from "../listeners/sockets.ts";
import { checkHostAddress } from "./addresses.ts";

const MAX_UINT32 = 4_294_967_295;

/** The endpoints of a cluster of type STATIC. */
export function checkStatic(assignment: MessageView, hashed: boolean): void {
  const localities = assignment.messages("endpoints");
  for (const locality of localities) {
    if (locality.has("leds_cluster_locality_config")) {
      const message = "Only a cluster of type EDS can get the endpoints of a locality by LEDS";
      locality.reject("unsupported", message, "leds_cluster_locality_config");
    }
    checkHosts(locality);
  }
  if (hashed) checkWeights(localities);
}

/** A `ClusterLoadAssignment` that stands for itself: what EDS brings. */
export const checkAssignment: Watcher = (assignment) => {
  if (assignment.path().endsWith("load_assignment")) return;
  checkDrops(assignment);
  for (const locality of assignment.messages("endpoints")) {
    if (locality.has("leds_cluster_locality_config") && locality.messages("lb_endpoints").length > 0) {
      const message = "lb_endpoints is set, and the endpoints of this locality come by LEDS";
      locality.reject("conflicting-fields", message, "lb_endpoints");
    }
    checkHosts(locality);
  }
};

function checkHosts(locality: MessageView): void {
  for (const member of locality.messages("lb_endpoints")) {
    const endpoint = member.message("endpoint");
    if (endpoint === undefined) {
      if (!member.has("endpoint")) member.reject("missing-field", "The endpoint has no address");
      continue;
    }
    if (!endpoint.has("address")) {
      endpoint.reject("missing-field", "The endpoint has no address");
      continue;
    }
    checkHostAddress(endpoint);
    checkNamespace(endpoint);
    for (const additional of endpoint.messages("additional_addresses")) {
      if (additional.has("address")) checkHostAddress(additional);
      else additional.reject("missing-field", "The additional address is not set");
    }
    checkHealthAddress(endpoint);
  }
}

/** Of the first address: Envoy does not look for it in the others. */
function checkNamespace(endpoint: MessageView): void {
  const socket = endpoint.message("address")?.message("socket_address");
  if (socket?.string("network_namespace_filepath") === undefined) return;
  const message = "The address of a host cannot be in a network namespace";
  socket.reject("unsupported", message, "network_namespace_filepath");
}

function checkHealthAddress(endpoint: MessageView): void {
  const config = endpoint.message("health_check_config");
  const address = endpoint.message("address");
  if (config !== undefined) checkAddress(config);
  if ((config?.number("port_value") ?? 0) === 0 || address === undefined) return;
  if (!address.has("pipe") && !address.has("envoy_internal_address")) return;
  const message = "port_value is set, and the endpoint's address is no IP address";
  config?.reject("conflicting-fields", message, "port_value");
}

/** Policies that hash add up the weights in 32 bits. */
function checkWeights(localities: readonly MessageView[]): void {
  const hosts = new Map<number, number>();
  const zones = new Map<number, Map<string, number>>();
  for (const locality of localities) {
    const priority = locality.number("priority") ?? 0;
    for (const member of locality.messages("lb_endpoints")) {
      const before = hosts.get(priority) ?? 0;
      const sum = before + Math.max(1, member.number("load_balancing_weight") ?? 1);
      hosts.set(priority, sum);
      if (before <= MAX_UINT32 && sum > MAX_UINT32) overflow(member, "hosts");
    }
    const weight = locality.number("load_balancing_weight");
    const name = locality.message("locality");
    if (weight === undefined || name === undefined) continue;
    const ofPriority = zones.get(priority) ?? new Map<string, number>();
    zones.set(priority, ofPriority);
    const before = sum(ofPriority);
    ofPriority.set(["region", "zone", "sub_zone"].map((field) => name.string(field)?.value).join("/"), weight);
    if (before <= MAX_UINT32 && sum(ofPriority) > MAX_UINT32) overflow(locality, "localities");
  }
}

function sum(weights: ReadonlyMap<string, number>): number {
  return [...weights.values()].reduce((total, weight) => total + weight, 0);
}

function overflow(view: MessageView, of: string): void {
  const message = `The weights of the ${of} of one priority add up to more than ${MAX_UINT32}`;
  view.reject("weight-overflow", message, "load_balancing_weight");
}

const HUNDREDTHS: readonly number[] = [100, 10_000, 1_000_000];

/** How much of the load is dropped: Envoy takes one category. */
export function checkDrops(assignment: MessageView | undefined): void {
  const [drop, surplus] = assignment?.message("policy")?.messages("drop_overloads") ?? [];
  surplus?.reject("unsupported", "Envoy takes one entry of drop_overloads, and not more");
  const share = drop?.message("drop_percentage");
  const numerator = share?.number("numerator");
  const denominator = HUNDREDTHS[share?.enum("denominator") ?? 0];
  if (numerator === undefined || denominator === undefined || numerator <= denominator || surplus !== undefined) return;
  share?.reject("bad-value", `More than everything would be dropped: ${numerator} of ${denominator}`, "numerator");
}
