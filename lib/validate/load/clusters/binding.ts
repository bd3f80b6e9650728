/**
 * Addresses that connections to hosts come from.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import { parseIp } from "../address.ts";
import { checkSocketAddress } from "../listeners/sockets.ts";

/** A `BindConfig` of a cluster, or of the bootstrap for all clusters. */
export function bindConfig(field: string): Watcher {
  return (view) => {
    const config = view.message(field);
    if (config !== undefined) checkBinding(config);
  };
}

const SELECTOR = "envoy.config.upstream.local_address_selector.v3.DefaultLocalAddressSelector";

function checkBinding(config: MessageView): void {
  const source = config.message("source_address");
  const extra = config.messages("extra_source_addresses");
  const additional = config.messages("additional_source_addresses");
  const more = extra.length > 0 ? "extra_source_addresses" : "additional_source_addresses";
  if (extra.length > 0 && additional.length > 0) {
    const message = "extra_source_addresses is set, and additional_source_addresses too";
    return config.reject("conflicting-fields", message, "additional_source_addresses");
  }
  if (!config.has("source_address") && extra.length + additional.length > 0) {
    config.reject("missing-field", `${more} is set, and source_address is not`, more);
  }
  const others = [...extra.flatMap((each) => each.message("address") ?? []), ...additional];
  for (const address of [...source === undefined ? [] : [source], ...others]) checkSocketAddress(address);
  checkVersions(config, source, others);
}

/** Of both versions of IP there may be one address. */
function checkVersions(config: MessageView, source: MessageView | undefined, others: readonly MessageView[]): void {
  const selector = config.message("local_address_selector")?.typed("typed_config");
  const [other, surplus] = others;
  if (source === undefined || other === undefined) return;
  if (config.has("local_address_selector") && selector?.desc.typeName !== SELECTOR && !isFilterState(selector)) return;
  if (surplus !== undefined) {
    return surplus.reject("unsupported", "There can be one more address beside source_address, and not two");
  }
  const [a, b] = [source, other].map((each) => parseIp(each.string("address")?.value ?? "")?.version);
  if (a !== undefined && a === b) {
    other.reject("unsupported", "The address is of the same version of IP as source_address", "address");
  }
}

/** It asks the default one, and fails as it does. */
function isFilterState(selector: MessageView | undefined): boolean {
  return selector?.desc.typeName === "envoy.extensions.local_address_selectors.filter_state_override.v3.Config";
}
