/**
 * How long ago something was, in words.
 *
 * @module
 */

const UNITS = [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1_000]] as const;

/** `3 minutes ago`, in whole units of the largest that fits. A clock that went backwards makes it `a moment ago`. */
export function ago(milliseconds: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.floor(milliseconds / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return "a moment ago";
}
