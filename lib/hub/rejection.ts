/**
 * Makes the words of a NACK fit for logs and the admin API: Envoy's parse errors may quote the whole configuration, and
 * so secrets.
 *
 * @module
 */
import { cutSecrets } from "../model/secret_text.ts";

/** Characters kept of one rejection. */
const LONGEST = 2_000;

/** White space collapsed (Envoy's is random), private material cut out, and bounded in length. */
export function cleanRejection(message: string): string {
  const text = cutSecrets(message.slice(0, LONGEST * 8)).replace(/\s+/g, " ").trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
