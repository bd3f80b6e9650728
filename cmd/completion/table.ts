/**
 * What may follow what on a command line, as all shells need it.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { type Flag, HELP } from "../flags.ts";

/** Behind `xcp NAME`, or behind `xcp NAME PART` for a command of several parts. */
export interface Place {
  readonly command: string;
  readonly part: string | undefined;
  readonly flags: readonly Flag[];
  /** Whether its words may be files. */
  readonly takesFiles: boolean;
}

/** The only words that may stand right behind a command's name. */
export interface FirstWords {
  readonly command: string;
  readonly words: readonly string[];
}

export function placesOf(commands: readonly Command[]): readonly Place[] {
  return commands.flatMap(({ name, flags, parts, words }): Place[] => {
    const takesFiles = words !== undefined && words.known === undefined;
    if (parts === undefined) return [{ command: name, part: undefined, flags: [...flags, HELP], takesFiles }];
    return Object.entries(parts).map(([part, { flags: own }]) => ({
      ...{ command: name, part, takesFiles },
      flags: [...flags.filter(({ name }) => own.includes(name)), HELP],
    }));
  });
}

export function firstWordsOf(commands: readonly Command[]): readonly FirstWords[] {
  return commands.flatMap(({ name, parts, words }) => {
    const known = parts === undefined ? words?.known : Object.keys(parts);
    return known === undefined ? [] : [{ command: name, words: known }];
  });
}

/** Whether a flag's value may be the name of a file. */
export function isPath({ value }: Flag): boolean {
  return ["FILE", "DIR", "PATH", "RECIPIENTS"].includes(value ?? "");
}
