/**
 * Long work in slices, so that everything else gets its turn.
 *
 * @module
 */

/** Milliseconds of work after which others get their turn: to print 10,000 resources takes most of a second. */
const SLICE_MS = 10;

/** Calls back for each item, with pauses. */
export async function eachInSlices<T>(items: Iterable<T>, visit: (item: T) => void): Promise<void> {
  let began = performance.now();
  for (const item of items) {
    visit(item);
    if (performance.now() - began <= SLICE_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    began = performance.now();
  }
}
