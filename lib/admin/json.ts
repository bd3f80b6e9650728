/**
 * The hub's status in the words of the HTTP API: snake_case keys, times in ISO 8601, ages in seconds, `null` for what
 * is not there, so that a script always finds the key.
 *
 * @module
 */
import type * as v from "valibot";
import type { ClientRejection, ClientStatus, GroupStatus, NodeSummary, SubscriptionStatus } from "../hub/status.ts";
import type { Issue } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { CLIENT, NODE, SUBSCRIPTION } from "./schemas/client.ts";
import type { CLIENT_REJECTION, ISSUE } from "./schemas/common.ts";
import type { CONTENT, EFFECTIVE, GROUP, RULE } from "./schemas/group.ts";
import type { STORE } from "./schemas/store.ts";
import type { StoreStatus } from "./stores.ts";

/** `GET /v1/groups/{group}`. */
export type GroupJson = v.InferOutput<typeof GROUP>;
/** One thing that is wrong. */
export type IssueJson = v.InferOutput<typeof ISSUE>;
/** `GET /v1/clients/{stream}`. */
export type ClientJson = v.InferOutput<typeof CLIENT>;
export type SubscriptionJson = v.InferOutput<typeof SUBSCRIPTION>;
export type NodeJson = v.InferOutput<typeof NODE>;
/** One entry of `GET /v1/rules`. */
export type RuleJson = v.InferOutput<typeof RULE>;
/** One entry of `GET /v1/stores`. */
export type StoreJson = v.InferOutput<typeof STORE>;
/** One entry of `GET /v1/groups/{group}/effective`. */
export type EffectiveJson = v.InferOutput<typeof EFFECTIVE>["resources"][number];
/** A resource with its `@type`. */
export type ContentJson = v.InferOutput<typeof CONTENT>;

/** `now` in milliseconds since the epoch. */
export function groupJson(group: GroupStatus, now: number): GroupJson {
  return {
    name: group.name,
    revision: group.revision ?? null,
    versions: group.versions,
    counts: group.counts,
    source: group.source,
    restored: group.restored,
    stale: group.stale,
    age: group.since === undefined ? null : ageSeconds(group.since, now),
    issues: group.issues.map(issueJson),
    rollout: group.rollout,
    clients: group.clients,
  };
}

/** Where the rule was read is no part of it. */
export function ruleJson({ group, id, cluster, locality, metadata }: GroupRule): RuleJson {
  return {
    group,
    ...(id === undefined ? {} : { id }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(locality === undefined ? {} : { locality: localityJson(locality) }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function localityJson({ region, zone, subZone }: NonNullable<GroupRule["locality"]>): RuleJson["locality"] {
  return {
    ...(region === undefined ? {} : { region }),
    ...(zone === undefined ? {} : { zone }),
    ...(subZone === undefined ? {} : { sub_zone: subZone }),
  };
}

export function storeJson({ url, role, failure, succeeded, snapshot }: StoreStatus): StoreJson {
  return {
    url,
    role,
    failure: failure ?? null,
    succeeded: succeeded === undefined ? null : timeJson(succeeded),
    snapshot: snapshot ?? null,
  };
}

/** A moment in ISO 8601, from milliseconds since the epoch. */
export function timeJson(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Seconds since a moment; 0 when a clock went backwards. */
export function ageSeconds(since: number, now: number): number {
  return Math.max(0, Math.round(now - since) / 1000);
}

export function issueJson({ at, path, rule, severity, message }: Issue): IssueJson {
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
    service: client.service ?? null,
    address: client.address,
    identities: client.identities,
    node: node === undefined ? null : nodeJson(node),
    group: client.group ?? null,
    connected: timeJson(client.connected),
    subscriptions: client.subscriptions.map(subscriptionJson),
  };
}

export function nodeJson({ id, cluster, locality, userAgent }: NodeSummary): NodeJson {
  return { id, cluster, locality, user_agent: userAgent };
}

/** Who refused a write, in its own words. */
export function rejectionJson(
  { stream, node, type, version, message, at }: ClientRejection,
): v.InferOutput<typeof CLIENT_REJECTION> {
  return { stream, node: node?.id ?? null, type, version, message, at: timeJson(at) };
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
      : { version: rejected.version, message: rejected.message, at: timeJson(rejected.at) },
    pending,
  };
}

/** One entry of `GET /v1/groups/{group}/effective`. `content` is the resource itself, with `@type`. */
export function resourceJson({ type, name, version, origin }: Resource, content: unknown): EffectiveJson {
  return {
    type,
    name,
    version,
    origin: origin === undefined
      ? null
      : { layer: origin.layer, file: origin.file, line: origin.line, column: origin.column },
    resource: content as ContentJson,
  };
}
