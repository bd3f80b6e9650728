/**
 * Ranges: `lt`, `lte`, `gt` and `gte` of anything that has an order. Where the lower limit is not below the upper one,
 * the range is what is outside of the two.
 *
 * @module
 */

/** Compares a value with a limit: below 0, 0 and above 0 as ever; NaN for what has no order. */
export type Compare<T> = (value: T, limit: T) => number;

/** The limits of a range. */
export interface Limits<T> {
  readonly lt?: T | undefined;
  readonly lte?: T | undefined;
  readonly gt?: T | undefined;
  readonly gte?: T | undefined;
}

/** A range that a value may be outside of. */
export interface Range<T> {
  /** As Envoy asks it: NaN is outside of nothing. */
  isOutside(value: T): boolean;
  /** `must be greater than 0 and at most 10`. */
  readonly must: string;
}

/** The range of the limits; undefined when there are none. */
export function rangeOf<T>(
  { lt, lte, gt, gte }: Limits<T>,
  compare: Compare<T>,
  show: (limit: T) => string,
): Range<T> | undefined {
  const upper = lt ?? lte;
  const lower = gt ?? gte;
  const tooHigh = (value: T) =>
    lt !== undefined ? compare(value, lt) >= 0 : lte !== undefined && compare(value, lte) > 0;
  const tooLow = (value: T) =>
    gt !== undefined ? compare(value, gt) <= 0 : gte !== undefined && compare(value, gte) < 0;
  const below = upper === undefined ? "" : `${lt !== undefined ? "less than" : "at most"} ${show(upper)}`;
  const above = lower === undefined ? "" : `${gt !== undefined ? "greater than" : "at least"} ${show(lower)}`;
  if (upper === undefined && lower === undefined) return undefined;
  if (upper === undefined) return { isOutside: tooLow, must: `must be ${above}` };
  if (lower === undefined) return { isOutside: tooHigh, must: `must be ${below}` };
  if (compare(upper, lower) > 0) {
    const inclusive = gt === undefined && lt === undefined;
    const must = inclusive ? `must be from ${show(lower)} to ${show(upper)}` : `must be ${above} and ${below}`;
    return { isOutside: (value) => tooLow(value) || tooHigh(value), must };
  }
  return { isOutside: (value) => tooLow(value) && tooHigh(value), must: `must be ${below} or ${above}` };
}
