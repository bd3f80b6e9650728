/**
 * All checks of messages together, as the codec takes them.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Api } from "../model/api.ts";
import type { Checks } from "../model/codec/resources.ts";
import type { Watch, Watcher } from "../model/codec/view.ts";
import { watchFields } from "./fields/fields.ts";
import { LOAD_AREAS } from "./load/areas.ts";

/** The checks of an API. Make them once: the codec keeps what it learned of every message for as long as they live. */
export function checksOf(api: Api, severity: Checks["severity"] = "error"): Checks {
  return { watch: join([watchFields(api), watchTables()]), severity };
}

/** Every watcher that has something to look at. */
function join(watches: readonly Watch[]): Watch {
  return (desc) => inOrder(watches.flatMap((watch) => watch(desc) ?? []));
}

function watchTables(): Watch {
  const byMessage = new Map<string, Watcher[]>();
  for (const { checks } of LOAD_AREAS) {
    for (const [typeName, watcher] of checks) {
      const watchers = byMessage.get(typeName);
      if (watchers === undefined) byMessage.set(typeName, [watcher]);
      else watchers.push(watcher);
    }
  }
  return (desc: DescMessage) => inOrder(byMessage.get(desc.typeName) ?? []);
}

function inOrder(watchers: readonly Watcher[]): Watcher | undefined {
  if (watchers.length < 2) return watchers[0];
  return (message, run) => {
    for (const watcher of watchers) watcher(message, run);
  };
}
