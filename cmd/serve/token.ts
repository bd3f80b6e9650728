/**
 * The bearer token of the admin address.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { CommandError, reason } from "../exit.ts";

/**
 * Reads a token file: one line, white space around it does not count.
 *
 * @throws {CommandError} `unreadable`, `invalid`
 */
export async function readToken(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    throw new CommandError("unreadable", `Cannot read the token in "${path}": ${reason(error)}`, { cause: error });
  }
  if (/^\S+$/.test(text)) return text;
  throw new CommandError(
    "invalid",
    `Cannot use the token in "${path}": ${text === "" ? "it is empty" : "it is not one word"}`,
  );
}
