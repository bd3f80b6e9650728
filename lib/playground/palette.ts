/**
 * The colours of the backends: a rainbow of as many as are wanted.
 *
 * @module
 */

/** A colour and what people call it. */
export interface Colour {
  readonly name: string;
  /** `#rrggbb`, light enough for {@link INK} on it. */
  readonly hex: string;
}

/** What is written on a colour. */
export const INK = "#101114";

const RAINBOW: readonly Colour[] = [
  { name: "red", hex: "#f0565b" },
  { name: "vermilion", hex: "#f4733f" },
  { name: "orange", hex: "#f59331" },
  { name: "amber", hex: "#f4b32b" },
  { name: "yellow", hex: "#f3d83b" },
  { name: "lime", hex: "#a9d43c" },
  { name: "green", hex: "#4fb85f" },
  { name: "emerald", hex: "#2fbf8b" },
  { name: "teal", hex: "#22b8ac" },
  { name: "cyan", hex: "#35c2de" },
  { name: "blue", hex: "#4aa3f2" },
  { name: "cobalt", hex: "#5c8df6" },
  { name: "indigo", hex: "#8079f7" },
  { name: "violet", hex: "#a871f0" },
  { name: "magenta", hex: "#d062d8" },
  { name: "pink", hex: "#f06aa6" },
];

/** More backends than this would not be told apart. */
export const MOST_BACKENDS: number = RAINBOW.length;

/** As many colours, in the order of the rainbow and as far from each other as can be. */
export function rainbow(count: number): readonly Colour[] {
  return Array.from({ length: count }, (_, index) => {
    const colour = RAINBOW[Math.floor(index * RAINBOW.length / count)];
    if (colour === undefined) throw new Error(`Cannot make a rainbow of ${count} colours`);
    return colour;
  });
}
