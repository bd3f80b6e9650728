/**
 * Several calls to a store at once, and not too many.
 *
 * @module
 */

/** Enough to hide the time of a round trip; few enough for any server. */
const AT_ONCE = 16;

/** Acts on each item, some at a time. Rejects with the first error, after those under way have ended. */
export async function eachAtOnce<T>(
  items: Iterable<T>,
  act: (item: T) => Promise<void>,
  atOnce: number = AT_ONCE,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async () => {
    for (let next = iterator.next(); !next.done && failures.length === 0; next = iterator.next()) {
      try {
        await act(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
