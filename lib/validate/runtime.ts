/**
 * The runtime of a bootstrap, as far as it decides what may be used: an operator can let Envoy take what it has stopped to
 * allow.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/runtime#using-runtime-overrides-for-deprecated-features
 * @module
 */
import type { MapNode } from "../model/codec/tree.ts";
import type { MessageView } from "../model/codec/view.ts";

/** Allows every deprecated feature. */
const ALL = "envoy.features.enable_all_deprecated_features";
/** Before the full name of one field. */
const ONE = "envoy.deprecated_features:";

/** Which deprecated features are allowed. */
export interface Runtime {
  /** Whether a field that is not allowed any more is: `envoy.config.route.v3.RateLimit.Action.dynamic_metadata`. */
  allows(fullName: string): boolean;
}

/** Reads a `LayeredRuntime`, whose static layers are all that the text knows. Of two layers the later one counts. */
export function readRuntime(view: MessageView): Runtime {
  const values = new Map<string, boolean>();
  for (const layer of view.messages("layers")) {
    const content = layer.node("static_layer");
    if (content?.kind === "map") collectValues(content, "", values);
  }
  return { allows: (fullName) => values.get(ONE + fullName) ?? values.get(ALL) ?? false };
}

/** `a.b: true` and `a: {b: true}` are the same. */
function collectValues(node: MapNode, prefix: string, into: Map<string, boolean>): void {
  for (const { key, value } of node.entries) {
    if (value.kind === "map") collectValues(value, `${prefix}${key}.`, into);
    else if (value.kind === "boolean") into.set(prefix + key, value.text === "true");
  }
}
