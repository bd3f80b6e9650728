/**
 * What every part of the server is handed.
 *
 * @module
 */
import type { Log } from "../../lib/log.ts";

export interface ServerDeps {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}
