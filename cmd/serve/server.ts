/**
 * The server, put together: sources feed the hub, the transport drives streams with it, the admin API looks at it.
 *
 * @module
 */
import { hostname } from "node:os";
import { adminApp, metricsApp } from "../../lib/admin/app.ts";
import { type Address, isLocal } from "../../lib/admin/address.ts";
import type { Guard } from "../../lib/admin/guard.ts";
import { createMetrics } from "../../lib/admin/metrics.ts";
import { type HttpServer, startHttpServer } from "../../lib/admin/server.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { type Log, SILENT } from "../../lib/log.ts";
import { loadApi } from "../../lib/model/api.ts";
import { toJson } from "../../lib/model/codec/print.ts";
import { readFile } from "../../lib/model/codec/read.ts";
import type { Layer } from "../../lib/model/layer.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { type DirectorySource, directorySource } from "../../lib/source/directory.ts";
import { TransportError } from "../../lib/transport/error.ts";
import { DEFAULT_LIMITS, startTransport, type Transport } from "../../lib/transport/server.ts";
import { followTls, type TlsReloader } from "../../lib/transport/tls_reload.ts";
import { CommandError, reason } from "../exit.ts";
import { versionInfo } from "../version.ts";
import { eventLog } from "./event_log.ts";
import type { ServeSettings } from "./settings.ts";
import { readToken } from "./token.ts";

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

export interface ServerDeps {
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Open streams; an idle one is about 30 KB. */
const MAX_STREAMS = 20_000;
/** How long streams may take to end. */
const DRAIN_MS = 10_000;
/** Streams that are ended in a second while the server drains: their clients come back to another one. */
const ENDS_PER_SECOND = 200;
/** How often certificate files are looked at. */
const TLS_POLL_MS = 2_000;

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

async function start(settings: ServeSettings, { log, now }: ServerDeps, closing: Closing): Promise<Server> {
  const build = versionInfo();
  const hub = new Hub({
    now,
    log,
    identifier: `xcp ${build.version} on ${hostname()}`,
    orderTimeoutMs: settings.orderTimeoutMs,
    maxStreams: MAX_STREAMS,
    validate: settings.validate,
  });
  closing.add(() => hub.close());
  const ready = Promise.withResolvers<void>();
  hub.on(eventLog(log));
  hub.on((event) => {
    if (event.kind === "reloaded" && hub.readiness().ready) ready.resolve();
  });

  const api = loadApi();
  let token = settings.apiTokenFile === undefined ? undefined : await readToken(settings.apiTokenFile);
  const metrics = createMetrics({ hub, now, build });
  hub.on((event) => metrics.observe(event));
  const admin = await startAdmin(settings, { log, now }, closing, (guard) =>
    adminApp({
      hub,
      metrics,
      guard: { ...guard, token: () => token },
      print: (resource: Resource) => toJson(api, resource, { redact: true }),
      now,
      log,
      title: `xcp ${build.version}`,
    }).fetch);
  if (settings.metrics !== undefined) {
    const app = metricsApp({ hub, metrics, log });
    const server = await listenHttp(settings.metrics, app.fetch, undefined);
    closing.add(() => server.close());
    log.info(`Metrics are on ${server.url}`);
  }

  const sources = await openSources(
    settings,
    { log, now },
    closing,
    (layers) => hub.setLayers(layers),
    (text, file, layer) => readFile(api, text, file, layer),
  );
  const transport = await openTransport(settings, { log, now }, hub);
  closing.add(() => transport.close());

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
      await Promise.all([...sources.map((source) => source.reload()), transport.reloadTls(), admin?.tls?.reload()]);
    },
    async stop() {
      hub.drain();
      const jitterMs = Math.min(DRAIN_MS / 2, transport.streams() / ENDS_PER_SECOND * 1_000);
      await transport.drain(DRAIN_MS, jitterMs);
      await closing.close();
    },
  };
}

async function startAdmin(
  { admin, insecureAdmin, tls, apiTokenFile }: ServeSettings,
  { log, now }: ServerDeps,
  closing: Closing,
  app: (guard: Pick<Guard, "reach">) => (request: Request) => Response | Promise<Response>,
): Promise<{ readonly server: HttpServer; readonly tls: TlsReloader | undefined } | undefined> {
  if (admin === undefined) return undefined;
  const reach = admin.kind === "unix" ? "socket" : isLocal(admin) ? "loopback" : "network";
  if (reach !== "network" || tls === undefined) {
    if (reach === "network" && apiTokenFile === undefined && insecureAdmin) {
      log.warn("The admin address is open to the network without a token");
    } else if (reach === "network") log.warn("The admin address is open to the network without TLS");
    const server = await listenHttp(admin, app({ reach }), undefined);
    closing.add(() => server.close());
    return { server, tls: undefined };
  }
  // Beyond loopback the API speaks TLS with the certificate of xDS. The transport's own watch does the talking.
  let server: HttpServer | undefined;
  const reloader = await followTls({
    files: { cert: tls.cert, key: tls.key },
    log: SILENT,
    now,
    poll: TLS_POLL_MS,
    apply: (pair) =>
      void server?.renew(pair).catch((error) => log.error(`Cannot renew the admin certificate: ${reason(error)}`)),
  });
  closing.add(() => reloader.stop());
  const opened = server = await listenHttp(admin, app({ reach }), reloader.current);
  closing.add(() => opened.close());
  return { server: opened, tls: reloader };
}

async function listenHttp(
  address: Address,
  fetch: (request: Request) => Response | Promise<Response>,
  tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined,
): Promise<HttpServer> {
  try {
    return await startHttpServer({ address, fetch, ...(tls === undefined ? {} : { tls }) });
  } catch (error) {
    const text = address.kind === "unix" ? `unix:${address.path}` : `${address.host}:${address.port}`;
    throw new CommandError("unavailable", `Cannot listen on "${text}": ${reason(error)}`, { cause: error });
  }
}

async function openSources(
  { sources: paths, allowEmpty, pollMs }: ServeSettings,
  { log, now }: ServerDeps,
  closing: Closing,
  publish: (layers: readonly Layer[]) => void,
  read: (text: string, file: string, layer: string) => ReturnType<typeof readFile>,
): Promise<readonly DirectorySource[]> {
  const layers: (Layer | undefined)[] = paths.map(() => undefined);
  const signal = closing.signal;
  const offer = (index: number, layer: Layer) => {
    layers[index] = layer;
    const all = layers.filter((layer) => layer !== undefined);
    // Half of the layers is another configuration, not a part of this one.
    if (all.length === layers.length) publish(all);
  };
  const sources = paths.map((path, index) =>
    directorySource({
      path,
      read: (text, file) => read(text, file, path),
      log,
      signal,
      now,
      allowEmpty,
      pollMs,
      onChange: (layer) => offer(index, layer),
    })
  );
  for (const source of sources) closing.add(() => source.close());
  const first = await Promise.all(sources.map((source) => source.load()));
  first.forEach((layer, index) => layers[index] ??= layer);
  publish(layers.filter((layer) => layer !== undefined));
  return sources;
}

async function openTransport(settings: ServeSettings, { log, now }: ServerDeps, hub: Hub): Promise<Transport> {
  const { tls } = settings;
  return await startTransport({
    listen: settings.listen,
    ...(tls === undefined
      ? {}
      : { tls: { cert: tls.cert, key: tls.key, ...(tls.clientCa === undefined ? {} : { clientCa: tls.clientCa }) } }),
    host: hub,
    log,
    now,
    limits: { ...DEFAULT_LIMITS, maxStreams: MAX_STREAMS },
    insecure: settings.insecureXds,
  });
}

/** What has to be closed, in the opposite order of its opening. */
class Closing {
  readonly #abort = new AbortController();
  readonly #steps: (() => void | Promise<void>)[] = [];

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}
