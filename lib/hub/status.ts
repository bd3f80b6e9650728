/**
 * What the hub tells about itself: plain data, made when it is asked for, in the shapes that the admin API prints.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Node } from "../xds/wire/node.ts";
import type { Mode } from "./port.ts";

/** One group, as `GET /v1/groups` shows it. */
export interface GroupStatus {
  readonly name: string;
  /** Content hash over the whole snapshot; undefined while the group never had one. */
  readonly revision: string | undefined;
  /** Version of each type, by type URL: the label that it was given, else the content version. */
  readonly versions: Readonly<Record<string, string>>;
  /** Number of resources of each type, by type URL. */
  readonly counts: Readonly<Record<string, number>>;
  /** The layers that feed the group, by name; or the store that it was restored from. */
  readonly source: readonly string[];
  /** What it serves came from a store, because the sources failed. */
  readonly restored: boolean;
  /** True while the sources say something newer that cannot be served; `issues` say why. */
  readonly stale: boolean;
  /** Milliseconds since the epoch when the current snapshot was taken, or stored if it is restored; undefined without one. */
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
  /** Type URL of a per-type service; undefined for an aggregated stream. */
  readonly service: string | undefined;
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

/** Where the clients of a group stand with what it serves now. */
export interface Standings {
  /** Undefined while the group never had one. */
  readonly snapshot: Snapshot | undefined;
  /** It came from a store, because the sources failed. */
  readonly restored: boolean;
  /** Streams of its nodes that subscribe to something. */
  readonly clients: number;
  /** Those that have not answered yet. */
  readonly open: number;
  /** Those that rejected some of it. */
  readonly refused: number;
}

/** What is served although the sources never said anything sound: what was stored of an earlier time. */
export interface Restored {
  /** As people name it: `s3://bucket/prefix@7`, `local copy`. */
  readonly source: string;
  readonly groups: ReadonlyMap<string, RestoredGroup>;
  /** Stand as long as those of the sources are not known. */
  readonly rules: readonly GroupRule[];
}

export interface RestoredGroup {
  readonly resources: readonly Resource[];
  /** When it was stored; milliseconds since the epoch. */
  readonly since: number;
  /** What it lacks; none is an error. */
  readonly issues: readonly Issue[];
}

/** What the admin API and the metrics read. */
export interface HubView {
  readiness(): Readiness;
  groups(): readonly GroupStatus[];
  group(name: string): GroupStatus | undefined;
  /** Which node belongs to which group, beside the rule of its cluster. */
  rules(): readonly GroupRule[];
  /** The resources that clients of a group get, in order of type and name. */
  effective(group: string, type?: string, name?: string): readonly Resource[] | undefined;
  clients(filter?: { readonly group?: string; readonly node?: string }): readonly ClientStatus[];
  client(stream: string): ClientStatus | undefined;
  /** What a client says of itself, as far as it is kept; undefined before its first request. */
  node(stream: string): Node | undefined;
  /** Resource by resource, what a stream subscribed has come to; undefined when there is no such stream. */
  resources(stream: string): readonly ResourceStatus[] | undefined;
  /** Resolves when every client of a group took what the group has now, or one refused, or `ms` milliseconds passed. */
  settled(group: string, ms: number): Promise<Outcome>;
}

/** What one client has of one resource. */
export interface ResourceStatus {
  /** Type URL. */
  readonly type: string;
  readonly name: string;
  /**
   * `synced`: acknowledged as it is now; `not-sent`: the group has it and the client was never sent it; `stale`: sent,
   * unanswered; `error`: the client rejected a response with it.
   */
  readonly state: "synced" | "not-sent" | "stale" | "error";
  /** The rejection of an `error`. */
  readonly rejection: Rejection | undefined;
  /** What the group has; undefined for a name that is not there, and for one that is to be removed. */
  readonly resource: Resource | undefined;
}

/** What became of a change. */
export type Outcome =
  /** Also without any client. */
  | { readonly kind: "accepted" }
  /** Some have not answered yet. */
  | { readonly kind: "pending"; readonly clients: number }
  | { readonly kind: "rejected"; readonly rejections: readonly ClientRejection[] };

/** Who rejected what, and why. */
export interface ClientRejection extends Rejection {
  readonly stream: string;
  readonly node: NodeSummary | undefined;
  /** Type URL. */
  readonly type: string;
}

/**
 * Things that happen, for logs, metrics and (later) `GET /v1/events`. Listeners must not throw.
 */
export type HubEvent =
  | {
    readonly kind: "connected";
    readonly stream: string;
    readonly mode: Mode;
    /** As {@link ClientStatus.service}. */
    readonly service: string | undefined;
    readonly node: NodeSummary;
    readonly group: string;
    readonly address: string;
  }
  | {
    readonly kind: "disconnected";
    readonly stream: string;
    readonly mode: Mode;
    readonly service: string | undefined;
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
