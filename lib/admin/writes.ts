/**
 * What the HTTP API needs of whoever keeps the layer that is written through it.
 *
 * @module
 */
import type { Change, WriteResult, Written } from "../model/written.ts";

/** The layer that is written over HTTP. Writes happen one after another. */
export interface Writes {
  /** Undefined when nothing was ever written to the group, or it was deleted. */
  get(group: string): Written | undefined;
  /** Why what was written to a group cannot be read; undefined when it can. */
  unreadable(group: string): string | undefined;
  /** The entity tag of a group (with its quotes): of what it serves and of what was written. Undefined without a group. */
  etag(group: string): string | undefined;
  /**
   * `condition`: entity tags that allow the write, as in `If-Match` (`*`: any that exists); undefined: always.
   * `absent`: only when the group has no entity tag (`If-None-Match: *`).
   */
  write(group: string, change: Change, condition?: readonly string[], absent?: boolean): Promise<WriteResult>;
}
