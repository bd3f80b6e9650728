/**
 * `?wait=30s`: how long a caller waits for the clients, and how it is told what became of a change.
 *
 * @module
 */

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Nobody waits longer in one request. */
export const MOST_WAIT_MS = 10 * 60_000;

/** Milliseconds of `500ms`, `30s`, `2m`, `1h`, at most {@link MOST_WAIT_MS}; the text was checked already. */
export function parseWait(text: string): number {
  const [, number = "", unit = ""] = /^([\d.]+)([a-z]+)$/.exec(text) ?? [];
  return Math.min(Number(number) * (UNITS[unit] ?? 0), MOST_WAIT_MS);
}
