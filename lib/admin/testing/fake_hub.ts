/**
 * A hub that says what a test tells it to.
 *
 * @module
 */
import type { ClientStatus, GroupStatus, HubEvent, HubView, Outcome, Readiness } from "../../hub/status.ts";
import type { GroupRule } from "../../model/layer.ts";
import { createResource, type Resource } from "../../model/resource.ts";
import { CLUSTER, LISTENER } from "../../model/types.ts";

export interface FakeHub extends HubView {
  state: Readiness;
  list: GroupStatus[];
  connected: ClientStatus[];
  served: Resource[];
  mapping: GroupRule[];
  outcome: Outcome;
  /** Groups and milliseconds that were waited for. */
  readonly waits: (readonly [group: string, ms: number])[];
  on(listener: (event: HubEvent) => void): void;
  tell(event: HubEvent): void;
}

export function fakeHub(): FakeHub {
  const listeners: ((event: HubEvent) => void)[] = [];
  return {
    state: { ready: true, reasons: [] },
    list: [groupStatus()],
    connected: [clientStatus()],
    outcome: { kind: "accepted" },
    waits: [],
    mapping: [],
    served: [resource(CLUSTER.url, "web"), resource(LISTENER.url, "in")],
    readiness() {
      return this.state;
    },
    groups() {
      return this.list;
    },
    group(name) {
      return this.list.find((group) => group.name === name);
    },
    rules() {
      return this.mapping;
    },
    effective(group, type, name) {
      if (this.group(group) === undefined) return undefined;
      return this.served.filter((each) => (type ?? each.type) === each.type && (name ?? each.name) === each.name);
    },
    clients(filter = {}) {
      return this.connected.filter(({ group, node }) =>
        (filter.group ?? group) === group && (filter.node ?? node?.id) === node?.id
      );
    },
    client(stream) {
      return this.connected.find((client) => client.stream === stream);
    },
    node(stream) {
      const node = this.client(stream)?.node;
      if (node === undefined) return undefined;
      const locality = { region: "", zone: "", subZone: "" };
      return { ...node, locality, metadata: new Map(), features: [] };
    },
    resources() {
      return undefined;
    },
    settled(group, ms) {
      this.waits.push([group, ms]);
      return Promise.resolve(this.outcome);
    },
    on(listener) {
      listeners.push(listener);
    },
    tell(event) {
      for (const listener of listeners) listener(event);
    },
  };
}

export function groupStatus(more: Partial<GroupStatus> = {}): GroupStatus {
  return {
    name: "edge",
    revision: "r1",
    versions: { [CLUSTER.url]: "v1" },
    counts: { [CLUSTER.url]: 2 },
    source: ["./config"],
    restored: false,
    stale: false,
    since: 1_000,
    issues: [],
    rollout: { policy: "all-at-once" },
    clients: 1,
    ...more,
  };
}

export function clientStatus(more: Partial<ClientStatus> = {}): ClientStatus {
  return {
    stream: "1",
    mode: "delta",
    service: undefined,
    address: "10.0.0.7:51234",
    identities: [],
    node: { id: "edge-1", cluster: "edge", locality: "", userAgent: "envoy 1.40.0" },
    group: "edge",
    connected: 0,
    subscriptions: [
      {
        type: CLUSTER.url,
        wildcard: true,
        names: 0,
        sent: "v1",
        acknowledged: "v1",
        rejected: undefined,
        pending: false,
      },
    ],
    ...more,
  };
}

/** A client that rejected its listeners. */
export function rejectingClient(more: Partial<ClientStatus> = {}): ClientStatus {
  return clientStatus({
    subscriptions: [{
      type: LISTENER.url,
      wildcard: true,
      names: 0,
      sent: "v2",
      acknowledged: "v1",
      rejected: { version: "v2", message: "no filter <b>here</b>", at: 0 },
      pending: false,
    }],
    ...more,
  });
}

function resource(type: string, name: string): Resource {
  const origin = { layer: "./config", file: "config/a.yaml", line: 3, column: 1 };
  return createResource({ type, name, bytes: new TextEncoder().encode(name), references: [], origin });
}
