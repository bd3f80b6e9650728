/**
 * Overlapping file operations, a bounded number at once.
 *
 * @module
 */

/** Few enough to leave room for others in the pool of threads, enough to keep it busy. */
const SLICE = 64;

/** Maps with at most 64 promises under way; the answers are in the order of the items. */
export async function inSlices<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += SLICE) {
    results.push(...await Promise.all(items.slice(start, start + SLICE).map(map)));
  }
  return results;
}
