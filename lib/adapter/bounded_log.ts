/**
 * What an adapter writes for people, as much of it as people can read.
 *
 * @module
 */
import type { Heard } from "./protocol.ts";

/** Messages in one burst, and in each second on average. */
const BURST = 200;
const PER_SECOND = 50;

/**
 * Limits how many messages come through. Those that are left out are counted, and told with the next that is not.
 *
 * @param clock Milliseconds from an origin that stays the same
 */
export function boundedLog(log: Heard["log"], clock: () => number): Heard["log"] {
  let allowed = BURST;
  let at = clock();
  let missing = 0;
  return (level, message) => {
    const now = clock();
    allowed = Math.min(BURST, allowed + (now - at) / 1000 * PER_SECOND);
    at = now;
    if (allowed < 1) return void missing++;
    allowed--;
    if (missing > 0) log("warn", `left out ${missing} messages: more than ${PER_SECOND} a second`);
    missing = 0;
    log(level, message);
  };
}
