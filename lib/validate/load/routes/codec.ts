/**
 * The codec of a connection manager, which goes with the listener.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** `HttpConnectionManager.CodecType`. */
const HTTP3 = 3;

const listener: Watcher = (view) => {
  const quic = view.message("udp_listener_config")?.has("quic_options") === true;
  const last = view.message("default_filter_chain");
  for (const chain of [...view.messages("filter_chains"), ...last === undefined ? [] : [last]]) {
    for (const filter of chain.messages("filters")) {
      const config = filter.typed("typed_config");
      if (config?.desc.typeName === HCM) checkCodec(config, quic);
    }
  }
};

function checkCodec(hcm: MessageView, quic: boolean): void {
  const http3 = hcm.enum("codec_type") === HTTP3;
  if (http3 && !quic) {
    hcm.reject("conflicting-fields", "codec_type is HTTP3, and the listener has no quic_options", "codec_type");
  } else if (!http3 && quic) {
    hcm.reject("conflicting-fields", "codec_type must be HTTP3: the listener has quic_options", "codec_type");
  }
}

export const CODEC_CHECKS: CheckTable = [["envoy.config.listener.v3.Listener", listener]];
