/**
 * Runs in a row.
 *
 * @module
 */
import { play } from "./play.ts";
import { plotOf } from "./plot.ts";
import type { World } from "./world.ts";

/** Seeds from `from` up to and without `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What a worker says instead of undefined, which does not come through as such. */
export const NONE = -1;

/** Plays a stretch. Returns the first seed whose run breaks a rule. */
export function playStretch({ from, to }: Stretch, world: World): number | undefined {
  for (let seed = from; seed < to; seed++) if (play(plotOf(seed), world) !== undefined) return seed;
  return undefined;
}
