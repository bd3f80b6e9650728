/**
 * The playground's adapter, `builtin:playground`: asks the playground for its policy and turns it into Envoy's
 * configuration. It is an adapter like those that users write, in a process of its own; what changed is told to xcp by
 * the playground, with `POST /v1/groups/playground/events`.
 *
 * @module
 */
import process from "node:process";
import { type Definition, type Resource, resources } from "./resources.ts";

/** The group that it generates. */
export const GROUP = "playground";
/** The one definition in it. */
export const POLICY_ID = "policy";
/** The environment variable, to be granted, with the address of the playground: `http://127.0.0.1:40001`. */
export const URL_VARIABLE = "XCP_PLAYGROUND_URL";
/** What it asks there: a {@link Definition}. */
export const DEFINITION_PATH = "/definition";

const TIMEOUT_MS = 5_000;

interface State {
  readonly url: string;
}

export default {
  init(): State {
    const url = process.env[URL_VARIABLE];
    if (url === undefined || url === "") throw new Error(`Cannot find the playground: ${URL_VARIABLE} is not set`);
    return { url };
  },

  *list(): Iterable<{ readonly group: string; readonly id: string }> {
    yield { group: GROUP, id: POLICY_ID };
  },

  async generate({ url }: State): Promise<Resource[]> {
    const response = await fetch(`${url}${DEFINITION_PATH}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`Cannot ask the playground for its policy: it answers ${response.status}`);
    const definition: Definition = await response.json();
    return resources(definition);
  },
};
