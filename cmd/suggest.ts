/**
 * "Did you mean": loaded only when something was not understood.
 *
 * @module
 */
import { nearest } from "../lib/model/codec/nearest.ts";

/** The known word that is near enough to be what was meant, or that begins with what was typed: `--tls` of `--tls-ca`. */
export function suggest(given: string, known: readonly string[]): string | undefined {
  const plain = given.replace(/^-+/, "");
  const start = plain.length < 2 ? undefined : known.find((word) => word.replace(/^-+/, "").startsWith(plain));
  return start ?? nearest(given, known);
}
