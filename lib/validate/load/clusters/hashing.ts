/**
 * Sizes of the tables of the policies that hash.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** What Envoy takes for sizes that are not set. */
const MIN_RING = 1024;
const MAX_RING = 8_388_608;

/** The settings of RING_HASH: both messages of it have these fields. */
export function checkRing(config: MessageView | undefined): void {
  if (config === undefined) return;
  const min = config.number("minimum_ring_size") ?? MIN_RING;
  const max = config.number("maximum_ring_size") ?? MAX_RING;
  if (min <= max) return;
  const field = config.has("maximum_ring_size") ? "maximum_ring_size" : "minimum_ring_size";
  const given = (name: string) => config.has(name) ? "" : " by default";
  const message = `maximum_ring_size is ${max}${given("maximum_ring_size")}, and minimum_ring_size is ${min}` +
    given("minimum_ring_size");
  config.reject("conflicting-fields", message, field);
}

export function checkMaglev(config: MessageView | undefined): void {
  const size = config?.number("table_size");
  if (size === undefined || isPrime(size)) return;
  config?.reject("bad-value", `table_size must be a prime number, and ${size} is none`, "table_size");
}

/** At most some 33,000 steps: sizes are 32 bits. 1 passes in Envoy. */
function isPrime(n: number): boolean {
  if (n === 1 || n === 2) return true;
  if (n > MAX_TABLE) return true;
  if (n < 3 || n % 2 === 0) return false;
  for (let factor = 3; factor * factor <= n; factor += 2) {
    if (n % factor === 0) return false;
  }
  return true;
}

/** Larger ones are no numbers of their field. */
const MAX_TABLE = 2 ** 32 - 1;
