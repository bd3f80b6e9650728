/**
 * What happens in the hub, as log lines. An issue is said when it appears and when it is gone, not at every reload.
 *
 * @module
 */
import type { HubEvent } from "../../lib/hub/status.ts";
import type { Log } from "../../lib/log.ts";
import { formatIssue, type Issue, type Severity } from "../../lib/model/issue.ts";
import { typeByUrl } from "../../lib/model/types.ts";

const LEVEL = { error: "error", warning: "warn", info: "info" } as const satisfies Record<Severity, keyof Log>;

const DANGLING = "dangling-reference";

/** A listener for `Hub.on` that logs. */
export function eventLog(log: Log): (event: HubEvent) => void {
  let known: ReadonlyMap<string, Issue> = new Map();
  let held: ReadonlySet<string> = new Set();
  /** Groups that have a snapshot. */
  const served = new Set<string>();

  function reloaded(event: Extract<HubEvent, { kind: "reloaded" }>): void {
    const issues = new Map(event.issues.map((issue) => [formatIssue(issue), issue]));
    for (const [text, { severity }] of issues) if (!known.has(text)) log[LEVEL[severity]](text);
    // References are not checked while something else is wrong: what was said of them then still stands.
    const unchecked = event.issues.some(({ rule, severity }) => severity === "error" && rule !== DANGLING);
    for (const [text, issue] of known) {
      if (issues.has(text)) continue;
      if (unchecked && issue.rule === DANGLING) issues.set(text, issue);
      else log.info(`Fixed: ${text}`);
    }
    const nowHeld = new Set(event.held);
    for (const group of nowHeld) {
      if (held.has(group)) continue;
      const state = served.has(group) ? "keeps what it has" : "has nothing to serve";
      log.error(`A group ${state} until its sources are valid again`, { group });
    }
    for (const group of held) {
      if (!nowHeld.has(group) && !event.gone.includes(group)) log.info("A group follows its sources again", { group });
    }
    for (const group of event.changed) {
      served.add(group);
      log.info("A group has a new snapshot", { group });
    }
    for (const group of event.gone) {
      served.delete(group);
      log.info("A group is gone: its nodes belong to another one now", { group });
    }
    [known, held] = [issues, nowHeld];
  }

  return (event) => {
    switch (event.kind) {
      case "connected": {
        const { node, group, address, stream, mode } = event;
        const agent = node.userAgent === "" ? undefined : node.userAgent;
        return log.debug("A client connected", { node: node.id, group, address, stream, mode, agent });
      }
      case "disconnected":
        return log.debug("A client left", { node: event.node?.id, group: event.group, stream: event.stream });
      case "acknowledged": {
        const { stream, group, type, version, propagationMs } = event;
        return log.debug("A client acknowledged", { group, stream, type: typeName(type), version, ms: propagationMs });
      }
      case "rejected": {
        const { node, group, stream, type, version, message } = event;
        return log.warn(`A client rejected its configuration: ${message}`, {
          node: node.id,
          group,
          type: typeName(type),
          version,
          stream,
        });
      }
      case "reloaded":
        return reloaded(event);
    }
  };
}

function typeName(url: string): string {
  return typeByUrl(url)?.plural ?? url;
}
