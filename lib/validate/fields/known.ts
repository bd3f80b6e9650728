/**
 * The formats that a string can be told to have.
 *
 * @module
 */

/** A format: its name behind "must be", and whether a text has it. */
export interface Format {
  readonly name: string;
  matches(text: string): boolean;
}

/** By the name of the rule in `validate.StringRules`. */
export const FORMATS: Readonly<Record<string, Format>> = {
  email: { name: "an email address", matches: isEmail },
  hostname: { name: "a host name", matches: isHostname },
  ip: { name: "an IP address", matches: (text) => isIpv4(text) || isIpv6(text) },
  ipv4: { name: "an IPv4 address", matches: isIpv4 },
  ipv6: { name: "an IPv6 address", matches: isIpv6 },
  uri: { name: "an absolute URI", matches: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && isUriReference(text) },
  uri_ref: { name: "a URI or a relative reference", matches: isUriReference },
  address: {
    name: "a host name or an IP address",
    matches: (text) => isHostname(text) || isIpv4(text) || isIpv6(text),
  },
  uuid: { name: "a UUID", matches: (text) => /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(text) },
};

/** Those of `validate.BytesRules`, of addresses as bytes. */
export const BYTE_FORMATS: Readonly<Record<string, { readonly name: string; readonly lengths: readonly number[] }>> = {
  ip: { name: "the 4 or 16 bytes of an IP address", lengths: [4, 16] },
  ipv4: { name: "the 4 bytes of an IPv4 address", lengths: [4] },
  ipv6: { name: "the 16 bytes of an IPv6 address", lengths: [16] },
};

/** Labels of letters, digits and hyphens; a dot at the end is allowed. */
function isHostname(text: string): boolean {
  if (text.length > 253) return false;
  const labels = text.endsWith(".") ? text.slice(0, -1) : text;
  return labels.split(".").every((label) => /^(?!-)[A-Za-z0-9-]{1,63}$/.test(label) && !label.endsWith("-"));
}

/** Four decimals without leading zeros, as `inet_pton` takes them. */
function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
}

/** Up to eight groups, `::` once, an IPv4 address in the place of the last two: no zone, no brackets. */
function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half, i) => countGroups(half, i === halves.length - 1));
  const count = groups.reduce((sum, each) => sum + each, 0);
  return halves.length === 1 ? count === 8 : count < 8;
}

/** 16-bit groups of one side of `::`; NaN for what has none. */
function countGroups(text: string, last: boolean): number {
  if (text === "") return 0;
  const parts = text.split(":");
  let count = 0;
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) count++;
    else if (last && i === parts.length - 1 && isIpv4(part)) count += 2;
    else return NaN;
  }
  return count;
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(0, at));
  return text.length <= 254 && local.length > 0 && local.length <= 64 && !/[\s<>()[\],;:\\"@]/.test(local) &&
    isHostname(text.slice(at + 1));
}

/** No blanks, control characters or any of `<>"{}|\\^` and the backtick, and every `%` with two digits behind it. */
function isUriReference(text: string): boolean {
  return /^[!#-;=?-[\]_a-z~\u0080-\uffff]*$/.test(text) && !/%(?![0-9a-fA-F]{2})/.test(text);
}
