/**
 * What the hub tells about itself: plain data, made when it is asked for, in the shapes that the admin API prints.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";
import type { Mode } from "./port.ts";

/** One group, as `GET /v1/groups` shows it. */
export interface GroupStatus {
  readonly name: string;
  /** Content hash over the whole snapshot; undefined while the group never had one. */
  readonly revision: string | undefined;
  /** Version of each type, by type URL. */
  readonly versions: Readonly<Record<string, string>>;
  /** Number of resources of each type, by type URL. */
  readonly counts: Readonly<Record<string, number>>;
  /** The layers that feed the group, by name. */
  readonly source: readonly string[];
  /** True while the sources say something newer that cannot be served; `issues` say why. */
  readonly stale: boolean;
  /** Milliseconds since the epoch when the current snapshot was taken; undefined without one. */
  readonly since: number | undefined;
  readonly issues: readonly Issue[];
  readonly rollout: { readonly policy: "all-at-once" };
  /** Connected streams of nodes of this group. */
  readonly clients: number;
}

/** What one stream has of one type. */
export interface SubscriptionStatus {
  /** Type URL. */
  readonly type: string;
  readonly wildcard: boolean;
  /** How many names are subscribed beside the wildcard. */
  readonly names: number;
  /** Version of the last response; undefined while there was none. */
  readonly sent: string | undefined;
  /** Version of the last response that was acknowledged. */
  readonly acknowledged: string | undefined;
  /** The last rejection, until a later response is acknowledged or what was rejected is gone. */
  readonly rejected: Rejection | undefined;
  /** A response is on its way or unanswered. */
  readonly pending: boolean;
}

/** A NACK. */
export interface Rejection {
  readonly version: string;
  /** The client's own words, white space collapsed, secrets cut. */
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One stream, as `GET /v1/clients` shows it. */
export interface ClientStatus {
  /** Number of the stream, unique while the process lives. */
  readonly stream: string;
  readonly mode: Mode;
  readonly address: string;
  readonly identities: readonly string[];
  /** From the first request; undefined before it. */
  readonly node: NodeSummary | undefined;
  readonly group: string | undefined;
  /** Milliseconds since the epoch. */
  readonly connected: number;
  readonly subscriptions: readonly SubscriptionStatus[];
}

/** What is kept of a node message (the whole is 61 KB). */
export interface NodeSummary {
  readonly id: string;
  readonly cluster: string;
  /** `region/zone/sub_zone`, empty parts left out. */
  readonly locality: string;
  /** `envoy 1.40.0`, `gRPC C-core …`; "" when the client does not say. */
  readonly userAgent: string;
}

/** Why the server is not ready; empty when it is. */
export interface Readiness {
  readonly ready: boolean;
  /** Reasons for not being ready, and, when it is, what is wrong all the same (stale groups). */
  readonly reasons: readonly string[];
}

/** What the admin API and the metrics read. */
export interface HubView {
  readiness(): Readiness;
  groups(): readonly GroupStatus[];
  group(name: string): GroupStatus | undefined;
  /** The resources that clients of a group get, in order of type and name. */
  effective(group: string, type?: string, name?: string): readonly Resource[] | undefined;
  clients(filter?: { readonly group?: string; readonly node?: string }): readonly ClientStatus[];
  client(stream: string): ClientStatus | undefined;
}

/**
 * Things that happen, for logs, metrics and (later) `GET /v1/events`. Listeners must not throw.
 */
export type HubEvent =
  | {
    readonly kind: "connected";
    readonly stream: string;
    readonly mode: Mode;
    readonly node: NodeSummary;
    readonly group: string;
    readonly address: string;
  }
  | {
    readonly kind: "disconnected";
    readonly stream: string;
    readonly mode: Mode;
    readonly node: NodeSummary | undefined;
    readonly group: string | undefined;
  }
  | {
    readonly kind: "acknowledged";
    readonly stream: string;
    readonly group: string;
    readonly type: string;
    readonly version: string; /** Since the snapshot changed, when this is the first ACK for it. */
    readonly propagationMs: number | undefined;
  }
  | {
    readonly kind: "rejected";
    readonly stream: string;
    readonly node: NodeSummary;
    readonly group: string;
    readonly type: string;
    readonly version: string;
    readonly message: string;
  }
  | {
    readonly kind: "reloaded";
    readonly ok: boolean; /** Groups whose snapshot changed. */
    readonly changed: readonly string[]; /** Groups that are held back. */
    readonly held: readonly string[]; /** Groups that are no more. */
    readonly gone: readonly string[];
    readonly issues: readonly Issue[];
  };
