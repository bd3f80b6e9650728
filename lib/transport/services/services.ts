/**
 * What the xDS port answers beside discovery: load reports, the status of clients, health, and reflection.
 *
 * @module
 */
import type { Server } from "@grpc/grpc-js";
import type { Address } from "../../address.ts";
import type { Loads } from "../../hub/loads.ts";
import type { HubEvent, HubView } from "../../hub/status.ts";
import type { Log } from "../../log.ts";
import type { Api } from "../../model/api.ts";
import { Redactor } from "../../model/codec/redact_bytes.ts";
import { RESOURCE_TYPES } from "../../model/types.ts";
import type { Node } from "../../xds/wire/node.ts";
import { AGGREGATED } from "../discovery_service.ts";
import { Health, HEALTH_SERVICE } from "./health.ts";
import { LOAD_SERVICE, LoadService } from "./load_service.ts";
import { Reflection, REFLECTION_SERVICES } from "./reflection.ts";
import { STATUS_SERVICE, StatusService } from "./status_service.ts";

/** What these services need of the hub. */
export interface ServedHub extends HubView {
  /** The name of the group that a node belongs to. */
  groupOf(node: Node): string;
  /** Listens to what happens; returns how to stop. */
  on(listener: (event: HubEvent) => void): () => void;
}

export interface ServicesOptions {
  readonly hub: ServedHub;
  readonly loads: Loads;
  readonly api: Api;
  readonly log: Log;
  /** Streams at a time of what every client may have one of: load reports, and watches of health. */
  readonly maxStreams: number;
}

/** What people's tools open, at a time. */
const REFLECTION_STREAMS = 100;
const STATUS_STREAMS = 16;
/** Most tools take no more than 4 MiB at once unless they are told to; who wants more may have this much. */
const STATUS_BYTES = 32 * 1024 * 1024;

/** Services of a transport, over all its addresses. */
export interface Services {
  /** Adds all of them to a server that listens at `address`. */
  add(server: Server, address: Address): void;
  /** Says that the end is near, takes no more calls, and ends each after a delay in milliseconds; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[];
  /** Stops to listen to the hub. */
  close(): void;
}

export function createServices({ hub, loads, api, log, maxStreams }: ServicesOptions): Services {
  const served = [AGGREGATED, ...RESOURCE_TYPES.map(({ discovery }) => discovery)].map(({ service }) => service);
  const names = [...served, LOAD_SERVICE, STATUS_SERVICE];
  const health = new Health({ ready: () => hub.readiness().ready, services: names, log, maxWatches: maxStreams });
  const loadReports = new LoadService({ hub, groupOf: (node) => hub.groupOf(node), loads, log, maxStreams });
  let redactor: Redactor | undefined;
  const clientStatus = new StatusService({
    hub,
    redact: ({ type, bytes }) => (redactor ??= new Redactor(api)).redact(type, bytes),
    log,
    maxStreams: STATUS_STREAMS,
    maxAnswerBytes: STATUS_BYTES,
  });
  const reflection = new Reflection({
    api,
    services: [...names, HEALTH_SERVICE, ...REFLECTION_SERVICES].sort(),
    log,
    maxStreams: REFLECTION_STREAMS,
  });
  const stop = hub.on((event) => {
    health.observe(event);
    loadReports.observe(event);
  });
  return {
    add(server, address) {
      health.add(server);
      loadReports.add(server, address);
      clientStatus.add(server, address);
      reflection.add(server);
    },
    drain: (delay) => [health, loadReports, clientStatus, reflection].flatMap((service) => service.drain(delay)),
    close: stop,
  };
}
