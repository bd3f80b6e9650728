/**
 * Pieces of messages.
 *
 * @module
 */

/** A message as it follows the colon of another. */
export function uncapitalized(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** The URL of a store that could not be opened, as far as it may be shown. */
export function withoutCredentials(url: string): string {
  return url.replace(/\?.*$/s, "").replace(/^([a-z0-9]+:\/\/)[^/]*@/i, "$1");
}
