/**
 * One way to break the core.
 *
 * @module
 */

/** `from` stands in the file exactly once. */
export interface Mutant {
  readonly name: string;
  /** In `lib/xds`, or beside it. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export function mutant(name: string, file: string, from: string, to: string): Mutant {
  return { name, file, from, to };
}

/** Breaks a text in the mutant's place. Throws when the place is not there exactly once: the list is out of date. */
export function mutate(text: string, { name, from, to }: Mutant): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`Cannot make the mutant "${name}": its text stands in the file ${places} times`);
  // As a function: in a text, "$" has a meaning.
  return text.replace(from, () => to);
}
