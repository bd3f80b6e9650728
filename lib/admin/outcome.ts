/**
 * What a writer is told: what became of the write, and, if it waits, of the clients.
 *
 * @module
 */
import type { HubView } from "../hub/status.ts";
import { json } from "./answer.ts";
import { tagHeader } from "./conditions.ts";
import { rejectionJson } from "./json.ts";
import { problem } from "./problem.ts";
import { invalid } from "./read_write.ts";
import type { WriteResult } from "../model/written.ts";

export interface Told {
  readonly hub: HubView;
  readonly group: string;
  readonly result: WriteResult;
  /** The entity tag of the group after the write. */
  readonly tag: string | undefined;
  /** Milliseconds to wait for the clients; undefined: not at all. */
  readonly wait: number | undefined;
}

/** The answer to a write. */
export async function outcome({ hub, group, result, tag, wait }: Told): Promise<Response> {
  switch (result.kind) {
    case "done":
      return await settled({ hub, group, tag, wait, made: "written to" });
    case "conflict":
      return problem(412, `Cannot write to group "${group}": ${mismatch(tag)}`, tagHeader(tag));
    case "invalid":
      return invalid(group, result.issues);
    case "unavailable":
      return problem(503, result.message);
    case "absent":
      return problem(404, result.message);
  }
}

/** What became of a group that has something new, made as `made` says: the answer to whoever waits for its clients. */
export async function settled(
  { hub, group, tag, wait, made }: Omit<Told, "result"> & { readonly made: "written to" | "generated for" },
): Promise<Response> {
  const status = hub.group(group);
  const what = { group, revision: status?.revision ?? null, versions: status?.versions ?? {} };
  const headers = tagHeader(tag);
  if (wait === undefined) return json(what, 200, headers);
  const end = await hub.settled(group, wait);
  switch (end.kind) {
    case "accepted":
      return json({ ...what, outcome: "accepted" }, 200, headers);
    case "pending":
      return json({ ...what, outcome: "pending", clients: end.clients }, 202, headers);
    case "rejected": {
      const [first] = end.rejections;
      const why = first?.message ?? "without a word";
      const next = made === "written to" ? "write" : "change";
      const detail = `Clients refuse what was ${made} group "${group}", and it stays until the next ${next}: ${why}`;
      return problem(422, detail, headers, {
        type: "urn:xcp:problem:rejected-by-clients",
        ...what,
        outcome: "rejected-by-clients",
        rejections: end.rejections.slice(0, MOST_REJECTIONS).map(rejectionJson),
      });
    }
  }
}

function mismatch(tag: string | undefined): string {
  return tag === undefined
    ? "there is no such group, and the condition asks for one"
    : `its ETag is ${tag}, and the condition does not allow that`;
}

/** Thousands of clients refuse the same thing in the same words. */
const MOST_REJECTIONS = 100;
