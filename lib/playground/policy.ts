/**
 * What can be wished for on the page: how Envoy chooses among the backends, and whether the wish is a broken one.
 *
 * @module
 */

/** The ways to choose, in the order in which the page offers them. */
export const KINDS = [
  "round_robin",
  "random",
  "least_request",
  "ring_hash",
  "sticky_cookie",
  "sticky_header",
  "weights",
] as const;

export type Kind = typeof KINDS[number];

/** Ways to break it: `typo` is one that xcp finds, `missing_file` one that only Envoy can find. */
export const FLAWS = ["typo", "missing_file"] as const;

export type Flaw = typeof FLAWS[number];

export interface Policy {
  readonly kind: Kind;
  /** One for each backend, 0 to {@link MOST_WEIGHT}, not all 0. Counts for the kind `weights` only. */
  readonly weights: readonly number[];
  /** New weights every few seconds, with the kind `weights`. */
  readonly shuffle: boolean;
  readonly flaw?: Flaw | undefined;
}

export const MOST_WEIGHT = 100;

/** What a playground begins with. */
export function firstPolicy(backends: number): Policy {
  return { kind: "round_robin", weights: Array.from({ length: backends }, () => 10), shuffle: false };
}

/** Reads what a browser sent; a text says what is wrong with it. */
export function readPolicy(value: unknown, backends: number): Policy | string {
  if (typeof value !== "object" || value === null) return "a policy is an object";
  const { kind: kindGiven, weights, shuffle = false, flaw: flawGiven }: Partial<Record<string, unknown>> = { ...value };
  const kind = KINDS.find((kind) => kind === kindGiven);
  if (kind === undefined) return `"kind" is one of ${KINDS.join(", ")}`;
  if (!Array.isArray(weights) || weights.length !== backends || !weights.every(isWeight)) {
    return `"weights" has ${backends} whole numbers from 0 to ${MOST_WEIGHT}`;
  }
  if (!weights.some((weight) => weight > 0)) return `"weights" has one that is more than 0`;
  if (typeof shuffle !== "boolean") return `"shuffle" is true or false`;
  const flaw = FLAWS.find((flaw) => flaw === flawGiven);
  if (flaw === undefined && flawGiven !== undefined && flawGiven !== null) {
    return `"flaw" is one of ${FLAWS.join(", ")}`;
  }
  return { kind, weights, shuffle, ...(flaw === undefined ? {} : { flaw }) };
}

function isWeight(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_WEIGHT;
}

/** Weights by chance, of which some are nothing and one is much. `random`: from 0 to less than 1. */
export function randomWeights(backends: number, random: () => number): readonly number[] {
  const weights = Array.from({ length: backends }, () => Math.max(0, Math.round(random() * 60 - 15)));
  weights[Math.floor(random() * backends)] = 60 + Math.round(random() * 40);
  return weights;
}

/**
 * The part of the answers that each backend should give, from 0 to 1; undefined where the policy promises none.
 *
 * @param healthy Whether Envoy sends requests to each
 */
export function expectedShares(
  { kind, weights }: Policy,
  healthy: readonly boolean[],
): readonly (number | undefined)[] {
  if (kind === "ring_hash" || kind === "sticky_cookie" || kind === "sticky_header") return healthy.map(() => undefined);
  const wanted = healthy.map((is, index) => !is ? 0 : kind === "weights" ? weights[index] ?? 0 : 1);
  const sum = wanted.reduce((sum, each) => sum + each, 0);
  return wanted.map((each) => sum === 0 ? 0 : each / sum);
}
