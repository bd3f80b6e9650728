/**
 * What the page calls things, and the sentences that say what one sees.
 *
 * @module
 */
import type { Flaw, Kind, Policy } from "./policy.ts";

/** The names of the ways to choose. */
export const LABELS: Readonly<Record<Kind, string>> = {
  round_robin: "Round robin",
  random: "Random",
  least_request: "Least request",
  ring_hash: "Ring hash",
  sticky_cookie: "Sticky: cookie",
  sticky_header: "Sticky: header",
  weights: "Weights",
};

/** What one sees with each. */
export const SENTENCES: Readonly<Record<Kind, string>> = {
  round_robin:
    "Envoy goes through the backends in turn: every colour is there equally often, and no tile keeps its own.",
  random:
    "Envoy throws dice for each request: in the long run equal shares, at any moment more of one than of another.",
  least_request: "Of two backends Envoy takes the one with fewer requests under way. While all are equally fast that " +
    "looks like chance; make one slow below, and its colour becomes rare.",
  ring_hash:
    "Envoy hashes the header x-tile, and each tile sends its own number: so each tile keeps its colour. Switch that " +
    "backend off, and only its tiles move.",
  sticky_cookie:
    "Envoy puts the backend of the first answer into a cookie. A browser has one cookie for all tiles, so " +
    "all are of one colour; a private window may get another.",
  sticky_header: "Envoy names the backend of the first answer in the header x-session, and each tile sends its own " +
    "back: every tile keeps the colour that it began with.",
  weights:
    "Each backend has its share: a weight of 20 gets twice as many requests as one of 10, and 0 gets none. The " +
    "mark on each bar is what is expected.",
};

/** What one sees while a broken policy is wished for. */
export const FLAW_SENTENCES: Readonly<Record<Flaw, string>> = {
  typo:
    "xcp has read the policy and does not serve it, so no Envoy ever sees it. The tiles go on with the last good one.",
  missing_file:
    "Only Envoy can know that this file is not there: it refuses the change, says why, and goes on with what " +
    "it has. Not one tile notices.",
};

/** How a policy is called in the history. */
export function titleOf({ kind, weights, shuffle, flaw }: Policy): string {
  const name = kind !== "weights" ? LABELS[kind] : shuffle ? "Random weights" : `Weights ${weights.join(":")}`;
  return flaw === undefined ? name : `${name}, broken`;
}
