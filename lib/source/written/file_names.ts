/**
 * The file of a group: any name of a group as a name that every file system takes and keeps apart from others, also one
 * that does not tell `Edge` from `edge`. Reversible, so that a file whose content is damaged still says whose it is.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const SUFFIX = ".layer";

/** A file that is being made. One that a crash left behind means nothing. */
export const UNFINISHED = ".tmp";

/** File systems take 255 bytes; what is put aside gets a longer name. */
const MOST_BYTES = 200;

const PLAIN = /^[a-z0-9_.-]$/;

/** The name of a group's file; undefined for a group whose name is empty, too long, or not Unicode. */
export function fileOf(group: string): string | undefined {
  let name = "";
  for (const byte of Buffer.from(group, "utf8")) {
    const character = String.fromCharCode(byte);
    const plain = PLAIN.test(character) && !(name === "" && character === ".");
    name += plain ? character : `%${byte.toString(16).padStart(2, "0")}`;
  }
  const fits = name !== "" && name.length <= MOST_BYTES && decoded(name) === group;
  return fits ? name + SUFFIX : undefined;
}

/** The group of a file; undefined for a file that is none of these. */
export function groupOf(file: string): string | undefined {
  if (!file.endsWith(SUFFIX)) return undefined;
  const group = decoded(file.slice(0, -SUFFIX.length));
  return group !== undefined && fileOf(group) === file ? group : undefined;
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
}
