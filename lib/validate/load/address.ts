/**
 * IP addresses and ranges of them, as Envoy parses them: `inet_pton` for IPv4, `getaddrinfo` with a numeric host for
 * IPv6, which takes a scope too (`fe80::1%eth0`).
 *
 * Source: `source/common/network/ip_address_parsing.cc` and `cidr_range.cc` of Envoy.
 *
 * @module
 */

/** An address that Envoy can parse. */
export interface Ip {
  readonly version: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
  /** The interface of a link-local address, by name or number; empty for none. */
  readonly scope: string;
}

const V6_GROUPS = 8;
const MAX_SCOPE = 0xffff_ffff;

/** Parses an address, without brackets, port or prefix length; undefined for what is none. */
export function parseIp(text: string): Ip | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { version: 4, bytes: v4, scope: "" };
  const percent = text.indexOf("%");
  const bytes = parseV6(percent < 0 ? text : text.slice(0, percent));
  if (bytes === undefined) return undefined;
  if (percent < 0) return { version: 6, bytes, scope: "" };
  const scope = parseScope(text.slice(percent + 1), bytes);
  return scope === undefined ? undefined : { version: 6, bytes, scope };
}

/** Why Envoy refuses an IP address, or undefined: `"localhost" is not an IP address`. */
export function ipFault(text: string): string | undefined {
  if (parseIp(text) !== undefined) return undefined;
  return `${JSON.stringify(text)} is not an IP address${hint(text)}`;
}

/**
 * Why Envoy refuses a range by the address that it begins with, or undefined. Its length is no reason: more than an
 * address has bits means all of them (a rule of the field ends at 128), and nothing means 0.
 */
export function cidrFault(prefix: string): string | undefined {
  const length = /^(.+)\/\d+$/.exec(prefix);
  if (length === null || parseIp(length[1] ?? "") === undefined) return ipFault(prefix);
  return `${JSON.stringify(prefix)} is not an IP address: the length of the prefix belongs in prefix_len`;
}

/** One text for all spellings of an address; differs for two addresses that Envoy tells apart. */
export function ipKey({ version, bytes, scope }: Ip): string {
  if (version === 4) return bytes.join(".");
  return formatV6(bytes) + (scope === "" || scope === "0" ? "" : `%${scope}`);
}

/** One text for all spellings of a range, `10.0.0.0/8`; undefined for what is none. */
export function cidrKey(prefix: string, length: number): string | undefined {
  const ip = parseIp(prefix);
  if (ip === undefined) return undefined;
  const bits = ip.bytes.length * 8;
  const used = Math.min(length, bits);
  if (used === bits) return `${ipKey(ip)}/${bits}`;
  const bytes = ip.bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, used - i * 8))) & 0xff);
  return `${ipKey({ ...ip, bytes, scope: "" })}/${used}`;
}

function hint(text: string): string {
  if (/^\[.*\]$/.test(text)) return ": an IPv6 address stands without brackets";
  const port = /^(.+?):\d+$/.exec(text);
  return port !== null && parseV4(port[1] ?? "") !== undefined ? ": the port belongs in port_value" : "";
}

/** Four decimal numbers without leading zeros. */
function parseV4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 0xff) ? bytes : undefined;
}

function parseV6(text: string): number[] | undefined {
  const gap = text.indexOf("::");
  const head = groups(gap < 0 ? text : text.slice(0, gap));
  const tail = groups(gap < 0 ? "" : text.slice(gap + 2));
  if (head === undefined || tail === undefined || head.dotted && gap >= 0) return undefined;
  const missing = V6_GROUPS - head.values.length - tail.values.length;
  // `::` stands for one group at least.
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined;
  const all = [...head.values, ...new Array<number>(missing).fill(0), ...tail.values];
  return all.flatMap((group) => [group >> 8, group & 0xff]);
}

/** Groups between colons; the last may be an IPv4 address, for two. */
function groups(text: string): { readonly values: number[]; readonly dotted: boolean } | undefined {
  if (text === "") return { values: [], dotted: false };
  const values: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const v4 = i === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = v4;
      values.push(a << 8 | b, c << 8 | d);
      return { values, dotted: true };
    }
    if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
    values.push(Number.parseInt(part, 16));
  }
  return { values, dotted: false };
}

/**
 * A number for any address; for one of a link, the name of an interface too. Whether there is such an interface is for
 * the machine to say that Envoy runs on.
 */
function parseScope(text: string, [first = 0, second = 0]: readonly number[]): string | undefined {
  if (/^[0-9]+$/.test(text)) return Number(text) <= MAX_SCOPE ? String(Number(text)) : undefined;
  const isOfLink = first === 0xfe && (second & 0xc0) === 0x80 || first === 0xff && (second & 0x0f) === 0x02;
  return isOfLink && /^[^\s%]+$/.test(text) && !/^[-+]?[0-9]+$/.test(text) ? text : undefined;
}

/** Without zeros in front of a group, and the longest run of zero groups as `::`. */
function formatV6(bytes: readonly number[]): string {
  const values = Array.from({ length: V6_GROUPS }, (_, i) => (bytes[2 * i] ?? 0) << 8 | (bytes[2 * i + 1] ?? 0));
  let best = { start: -1, length: 1 };
  for (let start = 0; start < V6_GROUPS; start++) {
    let length = 0;
    while (values[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (from: number, to?: number) => values.slice(from, to).map((value) => value.toString(16)).join(":");
  return best.start < 0 ? text(0) : `${text(0, best.start)}::${text(best.start + best.length)}`;
}
