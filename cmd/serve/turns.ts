/**
 * Acts that take turns: one at a time, and those that wait for it are one.
 *
 * @module
 */

/**
 * Makes a function that starts the act, or sees to it that it is done once more after the one that is under way. A
 * thousand calls meanwhile are one more act, for that one sees everything that they were about. `act` must not reject.
 */
export function takeTurns(act: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await act();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
