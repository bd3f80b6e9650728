/**
 * What a health check sends and expects.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** A `HealthCheck.Payload`: text is pairs of hexadecimal digits. */
export function checkPayload(payload: MessageView): void {
  const text = payload.string("text");
  if (text === undefined || /^([0-9a-f]{2})+$/i.test(text.value)) return;
  payload.reject("bad-value", `"${text.value}" are no bytes in pairs of hexadecimal digits`, "text");
}

/** How many bytes they are. */
export function payloadLength(payload: MessageView): number {
  const text = payload.string("text");
  if (text !== undefined) return Math.floor(text.value.length / 2);
  const base64 = payload.string("binary")?.value.replace(/=+$/, "") ?? "";
  return Math.floor(base64.length * 3 / 4);
}
