/**
 * What stands in a `DataSource` of the configuration itself. Its content may be secret: it never goes into a message.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** Bytes that are written in place; `undefined` for a file, an environment variable, or nothing. */
export function inlineBytes(source: MessageView | undefined): Uint8Array | undefined {
  if (source === undefined) return undefined;
  const text = source.string("inline_string");
  if (text !== undefined) return new TextEncoder().encode(text.value);
  const base64 = source.string("inline_bytes");
  if (base64 !== undefined) return decodeBase64(base64.value);
  return source.has("inline_string") || source.has("inline_bytes") ? new Uint8Array() : undefined;
}

/** As {@link inlineBytes}, as text. */
export function inlineText(source: MessageView | undefined): string | undefined {
  const bytes = inlineBytes(source);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Either alphabet, as the JSON form of protobuf takes it. Undefined for what is no base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
  } catch {
    return undefined;
  }
}
