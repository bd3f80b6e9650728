/**
 * What happens in the hub, in the words of the HTTP API.
 *
 * @module
 */
import type * as v from "valibot";
import type { HubEvent } from "../hub/status.ts";
import { issueJson, nodeJson, timeJson } from "./json.ts";
import type { EVENTS } from "./schemas/event.ts";

type EventJson = { [K in keyof typeof EVENTS]: v.InferOutput<(typeof EVENTS)[K]> }[keyof typeof EVENTS];

/** More than these are for `GET /v1/groups`. */
const MOST_ISSUES = 100;

/** The data of an event. `at` in milliseconds since the epoch. */
export function eventJson(event: HubEvent, at: number): EventJson {
  const when = { at: timeJson(at) };
  switch (event.kind) {
    case "connected": {
      const { stream, mode, service = null, node, group, address } = event;
      return { ...when, stream, mode, service, node: nodeJson(node), group, address };
    }
    case "disconnected": {
      const { stream, mode, service = null, node, group = null } = event;
      return { ...when, stream, mode, service, node: node === undefined ? null : nodeJson(node), group };
    }
    case "acknowledged": {
      const { stream, group, type, version, propagationMs } = event;
      const propagation_seconds = propagationMs === undefined ? null : propagationMs / 1_000;
      return { ...when, stream, group, type, version, propagation_seconds };
    }
    case "rejected": {
      const { stream, node, group, type, version, message } = event;
      return { ...when, stream, node: nodeJson(node), group, type, version, message };
    }
    case "reloaded": {
      const { ok, changed, held, gone, issues } = event;
      return { ...when, ok, changed, held, gone, issues: issues.slice(0, MOST_ISSUES).map(issueJson) };
    }
  }
}

/** The groups that an event is about. */
export function groupsOf(event: HubEvent): readonly string[] {
  if (event.kind === "reloaded") return [...event.changed, ...event.held, ...event.gone];
  return event.group === undefined ? [] : [event.group];
}

/** The id of the node that an event names. */
export function nodeOf(event: HubEvent): string | undefined {
  return "node" in event ? event.node?.id : undefined;
}
