/**
 * The server, put together: sources feed the hub, the transport drives streams with it, the admin API looks at it.
 *
 * @module
 */
import { hostname } from "node:os";
import { adminApp, metricsApp } from "../../lib/admin/app.ts";
import { createMetrics } from "../../lib/admin/metrics.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { Loads } from "../../lib/hub/loads.ts";
import type { StoreHealth } from "../../lib/keep/port.ts";
import type { Api } from "../../lib/model/api.ts";
import { toFileJson } from "../../lib/model/codec/file_form.ts";
import { toJson } from "../../lib/model/codec/print.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import { readWrite } from "../../lib/model/codec/write.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { WRITTEN_LAYER } from "../../lib/source/written/layer.ts";
import { counted } from "../../lib/store/counted.ts";
import { reason } from "../../lib/system_error.ts";
import { TransportError } from "../../lib/transport/error.ts";
import { DEFAULT_LIMITS, startTransport, type Transport } from "../../lib/transport/server.ts";
import { checksOf } from "../../lib/validate/checks.ts";
import { isAdapterWord } from "../adapter_flags.ts";
import { loadApiWith } from "../api.ts";
import { CommandError } from "../exit.ts";
import { readToken } from "../values.ts";
import { versionInfo } from "../version.ts";
import { adapterEvents } from "./adapter_events.ts";
import { listenHttp, startAdmin } from "./admin.ts";
import { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import { collectGarbage, Collector } from "./engine.ts";
import { eventLog } from "./event_log.ts";
import { LayerStack } from "./layer_stack.ts";
import type { ServeSettings } from "./settings.ts";
import { openSources, type Sources } from "./sources.ts";
import { openState } from "./state.ts";
import { keep, type OpenBlobs, startCold } from "./stores.ts";
import { openWritten } from "./written.ts";

/** A running server. */
export interface Server {
  /** Where xDS is really served: `127.0.0.1:18000`. */
  readonly addresses: readonly string[];
  /** `http://127.0.0.1:18001`; undefined when it is off. */
  readonly adminUrl: string | undefined;
  /** Why it is not ready; undefined when it is. */
  unready(): string | undefined;
  /** Resolves when it is ready for the first time; never, when it is stopped before. */
  readonly ready: Promise<void>;
  /** Reads sources, certificates and token again. Never rejects: what is bad is logged, and the old is kept. */
  reload(): Promise<void>;
  /** Ends the streams, spread over a moment, then everything else. Bounded in time. */
  stop(): Promise<void>;
}

/** Open streams; an idle one is about 30 KB. */
const MAX_STREAMS = 20_000;
/** How long streams may take to end. */
const DRAIN_MS = 10_000;
/** Streams that are ended in a second while the server drains: their clients come back to another one. */
const ENDS_PER_SECOND = 200;

/**
 * Starts everything. Sources that cannot be read are no reason to fail: the server stays up, is not ready, and heals.
 *
 * @throws {CommandError} an address is not to be had, a certificate or the token is bad
 */
export async function startServer(settings: ServeSettings, deps: ServerDeps): Promise<Server> {
  const closing = new Closing();
  try {
    return await start(settings, deps, closing);
  } catch (error) {
    await closing.close();
    if (!(error instanceof TransportError)) throw error;
    const { failure, message, hint } = error;
    throw new CommandError(failure, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** What Envoy would refuse holds a group back, or is said and served all the same. */
const SEVERITY = { enforce: "error", warn: "warning" } as const;

async function start(settings: ServeSettings, deps: ServerDeps, closing: Closing): Promise<Server> {
  const { log, now } = deps;
  const build = versionInfo();
  const hub = new Hub({
    now,
    clock: () => performance.now(),
    log,
    identifier: `xcp ${build.version} on ${hostname()}`,
    orderTimeoutMs: settings.orderTimeoutMs,
    maxStreams: MAX_STREAMS,
    validate: settings.validate,
    allowEmpty: settings.allowEmpty,
    acceptsWrites: settings.acceptWrites,
  });
  closing.add(() => hub.close());
  const ready = Promise.withResolvers<void>();
  hub.on(eventLog(log));
  const readyNow = () => {
    if (hub.readiness().ready) ready.resolve();
  };
  hub.on((event) => event.kind === "reloaded" && readyNow());

  const api = await loadApiWith(settings.descriptors);
  // The default directory is taken only by who keeps something there.
  const state = settings.acceptWrites || settings.localCopy ? await openState(settings, closing, log) : undefined;
  if (settings.localCopy && state?.unwritable !== undefined) {
    log.warn(`No local copy is kept: ${state.unwritable}`);
  }
  const checks = settings.validate === "off" ? undefined : checksOf(api, { severity: SEVERITY[settings.validate] });
  const stack = new LayerStack(hub);
  const served = (group: string) => hub.group(group)?.revision;
  const writes = settings.acceptWrites && state !== undefined
    ? await openWritten({ state, deps, closing, stack, api, served })
    : undefined;
  let token = settings.apiTokenFile === undefined ? undefined : await readToken(settings.apiTokenFile);
  const loads = new Loads(now);
  const collector = new Collector();
  closing.add(() => collector.close());
  const health: (() => readonly StoreHealth[])[] = [];
  const stores = () => health.flatMap((ask) => ask());
  const metrics = createMetrics({ hub, loads, stores, now, build });
  hub.on((event) => metrics.observe(event));
  const openBlobs: OpenBlobs = async (url, forWriting = false) => {
    const { openStore } = await import("../../lib/store/open.ts");
    return counted(await openStore(url, { forWriting, create: forWriting }), metrics.observeStore);
  };
  let sources: Sources | undefined;
  const adapter = settings.sources.some(isAdapterWord) ? adapterEvents(() => sources?.adapters) : undefined;
  const admin = await startAdmin(settings, deps, closing, (guard) =>
    adminApp({
      hub,
      metrics,
      guard: { ...guard, token: () => token },
      writes,
      reader: {
        put: (body, form) => {
          const content = readWrite(api, body, form, "put", WRITTEN_LAYER, checks);
          collector.read(body.length);
          return content;
        },
        patch: (body, form) => {
          const content = readWrite(api, body, form, "patch", WRITTEN_LAYER, checks);
          collector.read(body.length);
          return content;
        },
      },
      loads,
      stores,
      ...(adapter === undefined ? {} : { adapter }),
      signal: closing.signal,
      print: (resource: Resource) => toJson(api, resource, { redact: true }),
      printWritten: (resource: Resource) => toFileJson(api, resource, { redact: true }),
      now,
      log,
      title: `xcp ${build.version}`,
    }).fetch);
  if (settings.metrics !== undefined) {
    const app = metricsApp({ hub, metrics, stores, now, log });
    const server = await listenHttp(settings.metrics, app.fetch, undefined);
    closing.add(() => server.close());
    log.info(`Metrics are on ${server.url}`);
  }

  const options = { settings, deps, closing, api, openBlobs };
  const opened = sources = await openSources({
    ...options,
    publish: (layers) => stack.setLower(layers),
    read: (text, file, layer) => readFile(api, text, file, layer, checks),
  });
  health.push(() => opened.health());
  await startCold(
    { ...options, state, hub },
    async ({ source, groups }) => settings.sources.length === 0 && await writes?.adopt(source, groups) === true,
    readyNow,
  );
  const keeping = await keep({ ...options, state, hub });
  health.push(() => keeping.health());
  collectGarbage();
  const transport = await openTransport(settings, deps, { hub, loads, api });
  closing.add(() => transport.close());
  if (transport.restUrl !== undefined) log.info(`xDS over REST is on ${transport.restUrl}`);

  let stopping = false;
  return {
    addresses: transport.addresses,
    adminUrl: admin?.server.url,
    ready: ready.promise,
    unready: () => {
      const { ready, reasons } = hub.readiness();
      return ready ? undefined : reasons.join("; ");
    },
    async reload() {
      if (settings.apiTokenFile !== undefined) {
        try {
          token = await readToken(settings.apiTokenFile);
        } catch (error) {
          log.error(`${reason(error)}; the token from before stays in use`);
        }
      }
      const readings = [...opened.reload(), transport.reloadTls(), admin?.tls?.reload()];
      for (const result of await Promise.allSettled(readings)) {
        // A source that is closed in the middle of a reading says so, and the server that ends meant it.
        if (result.status === "rejected" && !stopping) log.error(reason(result.reason));
      }
    },
    async stop() {
      stopping = true;
      hub.drain();
      const jitterMs = Math.min(DRAIN_MS / 2, transport.streams() / ENDS_PER_SECOND * 1_000);
      // What clients have is known until the first of them is sent away. Whatever becomes of it, the server ends.
      const kept = keeping.flush().catch((error) => log.error(`Cannot store what clients accepted: ${reason(error)}`));
      await transport.drain(DRAIN_MS, jitterMs);
      await kept;
      await closing.close();
    },
  };
}

async function openTransport(
  settings: ServeSettings,
  { log, now }: ServerDeps,
  services: { readonly hub: Hub; readonly loads: Loads; readonly api: Api },
): Promise<Transport> {
  const { tls, rest } = settings;
  const print = (resource: Resource) => toJson(services.api, resource, { redact: false, names: "json" });
  return await startTransport({
    listen: settings.listen,
    ...(rest === undefined ? {} : { rest: { address: rest, print } }),
    ...(tls === undefined
      ? {}
      : { tls: { cert: tls.cert, key: tls.key, ...(tls.clientCa === undefined ? {} : { clientCa: tls.clientCa }) } }),
    host: services.hub,
    services,
    log,
    now,
    limits: { ...DEFAULT_LIMITS, maxStreams: MAX_STREAMS },
    insecure: settings.insecureXds,
  });
}
