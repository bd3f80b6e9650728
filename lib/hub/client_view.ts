/**
 * What people are told about one stream, from what the protocol machine knows and what the hub noted beside it.
 *
 * @module
 */
import type { ResourceSet } from "../model/resource_set.ts";
import type { Body } from "../xds/messages.ts";
import { holdingsOf } from "../xds/standing.ts";
import type { StreamState } from "../xds/stream.ts";
import type { Node } from "../xds/wire/node.ts";
import type { NodeSummary, Rejection, ResourceStatus, SubscriptionStatus } from "./status.ts";

/** What is noted of one type of a stream. */
export interface Progress {
  sent: string | undefined;
  acknowledged: string | undefined;
  rejected: Rejection | undefined;
  /** The group's set that this client is done with: what it is sent of it later, it has asked for. */
  settled: ResourceSet | undefined;
}

type ProgressByType = ReadonlyMap<string, Progress>;

export function subscriptionStatuses<B extends Body>(
  { types }: StreamState<B>,
  progressByType: ProgressByType,
): SubscriptionStatus[] {
  return [...types.values()].map(({ type, subscription, flight, holdings, refused, resumedAt }) => {
    const progress = progressByType.get(type);
    // A client that came back with what it should have was sent nothing, and has acknowledged it all the same.
    const resumed = resumedAt !== undefined && holdings.exact ? holdings.base.versionInfo : undefined;
    return {
      type,
      wildcard: subscription.wildcard,
      names: subscription.names.size,
      sent: progress?.sent,
      acknowledged: progress?.acknowledged ?? resumed,
      rejected: refused === undefined ? undefined : progress?.rejected,
      pending: flight !== undefined,
    };
  });
}

export function resourceStatuses<B extends Body>(
  stream: StreamState<B>,
  progressByType: ProgressByType,
): ResourceStatus[] {
  return [...stream.types.values()].flatMap((state) => {
    const { type } = state;
    const rejected = progressByType.get(type)?.rejected;
    return holdingsOf(stream, state).map((held) => ({
      ...held,
      type,
      rejection: held.state === "error" ? rejected : undefined,
    }));
  });
}

/** What is kept for people of a node. */
export function summarize({ id, cluster, locality, userAgent }: Node): NodeSummary {
  const { region, zone, subZone } = locality;
  return { id, cluster, locality: [region, zone, subZone].filter((part) => part !== "").join("/"), userAgent };
}
