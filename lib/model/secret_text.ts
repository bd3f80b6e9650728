/**
 * Private material in texts that others wrote: errors quote what they cannot read.
 *
 * @module
 */

const PEM = /-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g;
// "Unknown static secret: NAME" is a name, and all that this message has to say.
const QUOTED_SECRET =
  /(?<!\bstatic )((?:["']?\b[\w-]{0,40}?(?:inline_?(?:string|bytes)|password|secret|private_?key|access_?key|api[_-]?key|token|hmac\w*)["']?\s*[:=]\s*)+(?:invalid value\s+)?)("(?:[^"\\]|\\.)*("|$)|'(?:[^'\\]|\\.)*('|$)|[^\s,}\]]+)/gi;
const BEARER = /\bBearer\s+[\w.~+/=-]{8,}/g;
const AUTHORIZATION = /(\bauthorization["']?\s*[:=]\s*["']?)\w+\s+[^\s"',]+/gi;
const USER_IN_URL = /:\/\/[^\s/@:]{1,200}:[^\s/@]{1,200}@/g;
const BLOB = /[A-Za-z0-9+/_-]{80,}={0,2}/g;

/** The text without what looks like private material, also where it is cut off in the middle. */
export function cutSecrets(text: string): string {
  return text.replace(PEM, "[redacted]")
    .replace(QUOTED_SECRET, "$1[redacted]")
    .replace(AUTHORIZATION, "$1[redacted]")
    .replace(BEARER, "[redacted]")
    .replace(USER_IN_URL, "://[redacted]@")
    .replace(BLOB, "[redacted]");
}
