/**
 * What every part of the server is handed.
 *
 * @module
 */
import type { Log } from "../../lib/log.ts";
import type { Context } from "../command.ts";

export interface ServerDeps {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly env: Context["env"];
}
