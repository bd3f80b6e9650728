/**
 * The Envoy API with what people add to it. Loads the descriptor set: import it when a command runs.
 *
 * @module
 */
import { type Api, loadApi } from "../lib/model/api.ts";
import { reason } from "../lib/system_error.ts";
import { CommandError } from "./exit.ts";
import { readNamedBytes } from "./values.ts";

/**
 * The API, and the types of the descriptor sets in the named files.
 *
 * @throws {CommandError} `unreadable`, `invalid`
 */
export async function loadApiWith(descriptors: readonly string[]): Promise<Api> {
  const files = await Promise.all(descriptors.map(async (name) => ({ name, bytes: await readNamedBytes(name) })));
  try {
    return loadApi(files);
  } catch (error) {
    throw new CommandError("invalid", reason(error), { cause: error });
  }
}
