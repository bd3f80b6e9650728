/**
 * All checks of messages together, as the codec takes them.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Api } from "../model/api.ts";
import type { Checks } from "../model/codec/resources.ts";
import type { Watch, Watcher } from "../model/codec/view.ts";
import { watchDeprecated } from "./deprecated.ts";
import { watchFields } from "./fields/fields.ts";
import { isOpened } from "./fields/reach.ts";
import { LOAD_AREAS } from "./load/areas.ts";
import { watchNewer } from "./newer.ts";

/** What is checked, beside what always is. */
export interface CheckOptions {
  /** What becomes of what Envoy would refuse; an error if nothing is said. */
  readonly severity?: Checks["severity"];
  /** Warn of what is newer than this release of Envoy: `1.38`, as `parseEnvoyVersion` gives it. */
  readonly envoy?: string | undefined;
}

/** The checks of an API. Make them once: the codec keeps what it learned of every message for as long as they live. */
export function checksOf(api: Api, { severity = "error", envoy }: CheckOptions = {}): Checks {
  const watches = [watchFields(api), watchTables(), watchDeprecated(api)];
  if (envoy !== undefined) watches.push(watchNewer(envoy));
  return { watch: join(watches), severity };
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
  return (desc: DescMessage) => {
    const watcher = inOrder(byMessage.get(desc.typeName) ?? []);
    return watcher && ((message, run) => {
      if (isOpened(run)) watcher(message, run);
    });
  };
}

function inOrder(watchers: readonly Watcher[]): Watcher | undefined {
  if (watchers.length < 2) return watchers[0];
  return (message, run) => {
    for (const watcher of watchers) watcher(message, run);
  };
}
