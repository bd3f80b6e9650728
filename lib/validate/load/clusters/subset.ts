/**
 * Selectors of subsets, and what they fall back to.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** Number of `LbSubsetSelectorFallbackPolicy.KEYS_SUBSET`. */
const KEYS_SUBSET = 4;

/** The settings of subsets: both messages of them have these fields. */
export function checkSelectors(config: MessageView): void {
  for (const selector of config.messages("subset_selectors")) checkSelector(selector);
}

function checkSelector(selector: MessageView): void {
  const keys = new Set(selector.strings("keys").map((key) => key.value));
  const fallback = selector.strings("fallback_keys_subset");
  // Envoy passes over a selector without keys.
  if (keys.size === 0) return;
  if (selector.enum("fallback_policy") !== KEYS_SUBSET) {
    if (fallback.length === 0) return;
    const message = "fallback_keys_subset is set, and fallback_policy is not KEYS_SUBSET";
    return selector.reject("conflicting-fields", message, "fallback_keys_subset");
  }
  if (fallback.length === 0) {
    const message = "fallback_policy is KEYS_SUBSET, and fallback_keys_subset is empty";
    return selector.reject("missing-field", message, "fallback_policy");
  }
  const strange = fallback.find((key) => !keys.has(key.value));
  if (strange !== undefined) {
    const message = `fallback_keys_subset has "${strange.value}", which is none of the keys`;
    return selector.reject("bad-value", message, strange);
  }
  if (new Set(fallback.map((key) => key.value)).size === keys.size) {
    const message = "fallback_keys_subset has all keys: a fallback must leave out one";
    selector.reject("bad-value", message, "fallback_keys_subset");
  }
}
