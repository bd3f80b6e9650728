/**
 * What somebody outside tells the adapters of a server.
 *
 * @module
 */
import type { AdapterChanged, AdapterEvents } from "../../lib/admin/adapter_events.ts";
import type { AdapterSource } from "../../lib/adapter/source.ts";

/** What is worse is what is told of several. */
const ORDER: readonly AdapterChanged["kind"][] = ["unavailable", "failed", "published", "absent"];

/** `adapters` are undefined while the sources are not open yet. */
export function adapterEvents(adapters: () => readonly AdapterSource[] | undefined): AdapterEvents {
  return {
    async changed(group, ids) {
      const all = adapters();
      if (all === undefined) return { kind: "unavailable", message: "The server is starting" };
      const having = all.filter((adapter) => adapter.has(group));
      const ends = await Promise.all((having.length > 0 ? having : all).map((adapter) => adapter.changed(group, ids)));
      return ends.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))[0] ?? { kind: "absent" };
    },
  };
}
