/**
 * The hub's status in the words of the HTTP API: snake_case keys, times in ISO 8601, ages in seconds, `null` for what
 * is not there, so that a script always finds the key.
 *
 * @module
 */
import type { ClientStatus, GroupStatus, SubscriptionStatus } from "../hub/status.ts";
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";

/** `GET /v1/groups/{group}`. */
export interface GroupJson {
  readonly name: string;
  readonly revision: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly source: readonly string[];
  readonly stale: boolean;
  /** Seconds since the current snapshot was taken. */
  readonly age: number | null;
  readonly issues: readonly IssueJson[];
  readonly rollout: { readonly policy: string };
  /** Connected streams. */
  readonly clients: number;
}

export interface IssueJson {
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly path: string;
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
}

/** `GET /v1/clients/{stream}`. */
export interface ClientJson {
  readonly stream: string;
  readonly mode: string;
  readonly address: string;
  readonly identities: readonly string[];
  readonly node: {
    readonly id: string;
    readonly cluster: string;
    readonly locality: string;
    readonly user_agent: string;
  } | null;
  readonly group: string | null;
  readonly connected: string;
  readonly subscriptions: readonly SubscriptionJson[];
}

export interface SubscriptionJson {
  readonly type: string;
  readonly wildcard: boolean;
  readonly names: number;
  readonly sent: string | null;
  readonly acknowledged: string | null;
  readonly rejected: { readonly version: string; readonly message: string; readonly at: string } | null;
  readonly pending: boolean;
}

/** `now` in milliseconds since the epoch. */
export function groupJson(group: GroupStatus, now: number): GroupJson {
  return {
    name: group.name,
    revision: group.revision ?? null,
    versions: group.versions,
    counts: group.counts,
    source: group.source,
    stale: group.stale,
    age: group.since === undefined ? null : ageSeconds(group.since, now),
    issues: group.issues.map(issueJson),
    rollout: group.rollout,
    clients: group.clients,
  };
}

/** Seconds since a moment; 0 when a clock went backwards. */
export function ageSeconds(since: number, now: number): number {
  return Math.max(0, Math.round(now - since) / 1000);
}

function issueJson({ at, path, rule, severity, message }: Issue): IssueJson {
  return {
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    path,
    rule,
    severity,
    message,
  };
}

export function clientJson(client: ClientStatus): ClientJson {
  const { node } = client;
  return {
    stream: client.stream,
    mode: client.mode,
    address: client.address,
    identities: client.identities,
    node: node === undefined
      ? null
      : { id: node.id, cluster: node.cluster, locality: node.locality, user_agent: node.userAgent },
    group: client.group ?? null,
    connected: new Date(client.connected).toISOString(),
    subscriptions: client.subscriptions.map(subscriptionJson),
  };
}

function subscriptionJson(subscription: SubscriptionStatus): SubscriptionJson {
  const { type, wildcard, names, sent, acknowledged, rejected, pending } = subscription;
  return {
    type,
    wildcard,
    names,
    sent: sent ?? null,
    acknowledged: acknowledged ?? null,
    rejected: rejected === undefined
      ? null
      : { version: rejected.version, message: rejected.message, at: new Date(rejected.at).toISOString() },
    pending,
  };
}

/** One entry of `GET /v1/groups/{group}/effective`. `content` is the resource itself, with `@type`. */
export function resourceJson({ type, name, version, origin }: Resource, content: unknown): unknown {
  return {
    type,
    name,
    version,
    origin: origin === undefined
      ? null
      : { layer: origin.layer, file: origin.file, line: origin.line, column: origin.column },
    resource: content,
  };
}
