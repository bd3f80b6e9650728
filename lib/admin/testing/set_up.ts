/**
 * The admin app over fakes.
 *
 * @module
 */
import { SILENT } from "../../log.ts";
import { adminApp, type AdminOptions, metricsApp } from "../app.ts";
import { createMetrics } from "../metrics.ts";
import { fakeHub } from "./fake_hub.ts";
import { FAKE_READER, fakeWrites } from "./fake_writes.ts";

const BUILD = { version: "0", envoy_api: "1", runtime: "r", platform: "p" };

/** `ask` asks from this machine; `stop` ends what would go on for ever. */
export function setUp(more: Partial<AdminOptions> = {}) {
  const hub = fakeHub();
  const writes = fakeWrites(hub);
  const stop = new AbortController();
  const now = () => 3_500;
  const options: AdminOptions = {
    hub,
    metrics: createMetrics({ hub, now, build: BUILD }),
    guard: { reach: "loopback", token: () => undefined },
    writes,
    reader: FAKE_READER,
    loads: { list: () => [] },
    print: ({ type, name }) => ({ "@type": type, name }),
    printWritten: ({ type, name }) => ({ "@type": type, name }),
    now,
    log: SILENT,
    signal: stop.signal,
    title: "xcp 0",
    ...more,
  };
  const app = adminApp(options);
  const ask = (path: string, init: RequestInit = {}) =>
    Promise.resolve(app.request(path, { ...init, headers: { host: "127.0.0.1:18001", ...init.headers } }));
  return { hub, writes, ask, app, options, metrics: metricsApp(options), stop: () => stop.abort() };
}
