/**
 * URIs as Envoy's own parser takes them: with a scheme, and a host of letters, digits, dots and hyphens.
 *
 * @module
 */

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^@/?#\s]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d+))?(?:[/?].*)?$/;
const MAX_PORT = 65535;

/** Why Envoy refuses a URI, or undefined: `"example.com" has no scheme`. */
export function uriFault(text: string): string | undefined {
  const quoted = JSON.stringify(text);
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) return `${quoted} does not begin with "https://" or "http://"`;
  const match = /[^\x21-\x7e]/.test(text) ? null : URI.exec(text);
  if (match === null) return `${quoted} has no host that Envoy can read`;
  return Number(match[1] ?? 0) > MAX_PORT ? `the port of ${quoted} is more than ${MAX_PORT}` : undefined;
}
