/**
 * Waits until the clients of a group have said what they think of what it has now.
 *
 * @module
 */
import type { HubStream } from "./hub_stream.ts";
import type { Outcome } from "./status.ts";

/** Calls back for each stream that something happened to, its end included. Returns how to stop. */
export type Watch = (callback: (stream: HubStream) => void) => () => void;

/**
 * Resolves at the first rejection, when all have taken it, or after `ms` milliseconds. `streams` gives the streams of the
 * group as they are now; each is looked at once, and again when something happened to it.
 */
export function settle(streams: () => ReadonlySet<HubStream>, ms: number, watch: Watch): Promise<Outcome> {
  const open = new Set<HubStream>();
  const refused = new Set<HubStream>();
  const note = (stream: HubStream) => {
    const { standing } = stream;
    for (const [set, state] of [[open, "open"], [refused, "refused"]] as const) {
      if (standing === state) set.add(stream);
      else set.delete(stream);
    }
  };
  for (const stream of streams()) note(stream);
  const outcome = (): Outcome | undefined => {
    if (refused.size > 0) return { kind: "rejected", rejections: [...refused].flatMap((one) => one.rejections()) };
    return open.size === 0 ? { kind: "accepted" } : undefined;
  };
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(outcome() ?? { kind: "pending", clients: open.size }), ms);
    const stop = watch((stream) => {
      if (!open.has(stream)) return;
      // One that left the group, or is gone, is nobody to wait for.
      if (streams().has(stream)) note(stream);
      else open.delete(stream);
      const result = outcome();
      if (result !== undefined) finish(result);
    });
    function finish(result: Outcome): void {
      clearTimeout(timer);
      stop();
      resolve(result);
    }
    const first = outcome();
    if (first !== undefined) finish(first);
  });
}
