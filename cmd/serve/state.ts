/**
 * The state directory of a server: who has it, and what becomes of a server that cannot.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import type { Log } from "../../lib/log.ts";
import { openStateDir } from "../../lib/state_dir.ts";
import { CommandError } from "../exit.ts";
import type { Closing } from "./closing.ts";
import type { ServeSettings } from "./settings.ts";

/** The state directory, as far as it is to be had. */
export interface State {
  /** Absolute when it can be written to; as it was named when it cannot; undefined when nobody knows where it is. */
  readonly path: string | undefined;
  /** Why nothing can be kept there; undefined when it can. */
  readonly unwritable: string | undefined;
}

/**
 * Takes the state directory for this process, until it closes. One that nobody named may be another's: then there is none
 * for this one.
 *
 * @throws {CommandError} `conflict`: another process has it, and this one was told to use it, or cannot do without
 */
export async function openState(
  { stateDir, ownState, acceptWrites }: Pick<ServeSettings, "stateDir" | "ownState" | "acceptWrites">,
  closing: Closing,
  log: Log,
): Promise<State> {
  if (stateDir === undefined) {
    return { path: undefined, unwritable: "it is not known where; give a directory with --state-dir" };
  }
  const state = await openStateDir(stateDir);
  if (state.kind === "taken" && !ownState && !acceptWrites) {
    return { path: stateDir, unwritable: `another xcp has "${stateDir}"; give each its own with --state-dir` };
  }
  if (state.kind === "taken") {
    throw new CommandError("conflict", `Cannot use the state directory "${stateDir}": another xcp has it`, {
      hint: "Give each its own with --state-dir",
    });
  }
  if (state.kind === "unusable") {
    return { path: stateDir, unwritable: `cannot use the state directory "${stateDir}": ${state.why}` };
  }
  closing.add(() => state.close());
  // A volume that a container was given is often so: it is said, and no reason not to run.
  if (((await stat(state.path)).mode & 0o022) !== 0) {
    log.warn(`Others can write to the state directory "${stateDir}", and what is there may be served: chmod go-w it`);
  }
  return { path: state.path, unwritable: undefined };
}
