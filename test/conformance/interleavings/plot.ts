/**
 * What a run is like: who takes part, what may happen to them, and a number for each thing that happens.
 *
 * @module
 */
import type { Mode } from "./clients.ts";
import { Random } from "./random.ts";
import type { Traits } from "./world.ts";

/** One of the two clients of a run. */
export interface Role {
  readonly client: "envoy" | "grpc" | "erratic";
  readonly mode: Mode;
  /** It rejects now and then, and applies a part. */
  readonly rejects: boolean;
  /** Its streams break. */
  readonly breaks: boolean;
  /** It asks for something by itself. */
  readonly pokes: boolean;
  /** Its node moves to the other group and back. */
  readonly moves: boolean;
  /** From some moment on it does not read (`deaf`), or reads and never answers (`mute`). */
  readonly falls: "deaf" | "mute" | undefined;
}

export interface Plot {
  readonly roles: readonly [Role, Role];
  /** Time passes: waits lapse. */
  readonly slow: boolean;
  /** There is nothing to serve at first. */
  readonly empty: boolean;
  readonly traits: Traits;
  /** What the first snapshots are made of. */
  readonly first: number;
  readonly choices: readonly number[];
}

/** The plot that a seed stands for. */
export function plotOf(seed: number): Plot {
  const random = new Random(seed);
  // One that falls silent must never hold the other: at most one does.
  const falls = random.oneIn(3) ? random.pick(["deaf", "mute"] as const) : undefined;
  return {
    roles: [role(random, undefined), role(random, falls)],
    slow: random.oneIn(3),
    empty: random.oneIn(4),
    traits: { expiring: random.oneIn(8), labelled: random.oneIn(3) },
    first: seed,
    choices: Array.from({ length: 16 + random.below(48) }, () => random.next()),
  };
}

function role(random: Random, falls: Role["falls"]): Role {
  const client = random.pick(["envoy", "envoy", "grpc", "erratic"] as const);
  return {
    client,
    mode: random.pick(["sotw", "delta"]),
    rejects: random.oneIn(4),
    breaks: random.oneIn(2),
    pokes: client !== "envoy" || random.oneIn(3),
    moves: random.oneIn(3),
    falls,
  };
}
