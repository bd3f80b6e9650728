/**
 * The life of a server: start, ready, signals, end.
 *
 * @module
 */
import process from "node:process";
import { createLog, type Log } from "../../lib/log.ts";
import { type Context, wantsColor } from "../command.ts";
import { EXIT } from "../exit.ts";
import { createNotify, type Notify, RELOADING } from "./notify.ts";
import { type Server, startServer } from "./server.ts";
import type { ServeSettings } from "./settings.ts";
import { takeTurns } from "./turns.ts";
import { trace } from "../../lib/system_error.ts";

/** How often systemd is told that a start takes its time, and how much longer it is asked to wait. */
const EXTEND_MS = 30_000;

/** Serves until a signal ends it. Returns the exit code. */
export async function runServer(settings: ServeSettings, { env, stderr, now }: Context): Promise<number> {
  const log = createLog({
    level: settings.logLevel,
    format: settings.logFormat,
    write: (line) => stderr.write(line),
    now,
    color: settings.logFormat === "text" && wantsColor(stderr, env),
  });
  const notify = createNotify(env["NOTIFY_SOCKET"]);
  for (const kind of ["uncaughtException", "unhandledRejection"]) {
    process.on(kind, (error: unknown) => {
      log.error(`xcp has a bug and ends: ${trace(error)}`);
      process.exit(EXIT.software);
    });
  }
  const signals = listenToSignals();
  const server = await startServer(settings, { log, now, env });
  const extend = setInterval(() => notify(...waiting(server)), EXTEND_MS);
  void server.ready.then(() => {
    clearInterval(extend);
    log.info(readyLine(server));
    notify("READY=1", `STATUS=Serving xDS on ${server.addresses.join(", ")}`);
  });
  const unready = server.unready();
  if (unready !== undefined) {
    log.warn(`xcp listens for ${places(server)}, and is not ready: ${unready}`);
    notify(...waiting(server));
  }
  signals.onReload(async () => {
    log.info("Reading sources and certificates again");
    // Before the first READY there is no reload that systemd could wait for the end of.
    if (server.unready() === undefined) notify(RELOADING);
    await server.reload();
    log.info("Sources and certificates have been read");
    if (server.unready() === undefined) notify("READY=1");
  });
  const signal = await signals.ended;
  clearInterval(extend);
  await stop(server, signal, log, notify);
  signals.close();
  return EXIT.ok;
}

/** `xcp is serving xDS on 127.0.0.1:18000, admin on http://127.0.0.1:18001`. */
export function readyLine(server: Pick<Server, "addresses" | "adminUrl">): string {
  return `xcp is serving ${places(server)}`;
}

function places({ addresses, adminUrl }: Pick<Server, "addresses" | "adminUrl">): string {
  return `xDS on ${addresses.join(", ")}, admin ${adminUrl === undefined ? "off" : `on ${adminUrl}`}`;
}

function waiting(server: Server): string[] {
  return [
    `EXTEND_TIMEOUT_USEC=${EXTEND_MS * 2_000}`,
    `STATUS=Not ready: ${server.unready() ?? ""}`.replaceAll("\n", " "),
  ];
}

async function stop(server: Server, signal: string, log: Log, notify: Notify): Promise<void> {
  log.info(`${signal}: ending the streams`);
  notify("STOPPING=1", "STATUS=Ending the streams");
  await server.stop();
  log.info("xcp has ended");
}

interface Signals {
  /** The first signal to end. */
  readonly ended: Promise<string>;
  onReload(reload: () => Promise<void>): void;
  close(): void;
}

/** The first signal ends in order, the second at once. */
function listenToSignals(): Signals {
  const ended = Promise.withResolvers<string>();
  let reload: (() => void) | undefined;
  let ending = false;
  const end = (signal: string) => {
    if (ending) process.exit(128 + (signal === "SIGINT" ? 2 : 15));
    ending = true;
    ended.resolve(signal);
  };
  const onTerm = () => end("SIGTERM");
  const onInt = () => end("SIGINT");
  const onHup = () => {
    reload?.();
  };
  process.on("SIGTERM", onTerm);
  process.on("SIGINT", onInt);
  process.on("SIGHUP", onHup);
  return {
    ended: ended.promise,
    onReload: (callback) => reload = takeTurns(callback),
    close() {
      process.off("SIGTERM", onTerm);
      process.off("SIGINT", onInt);
      process.off("SIGHUP", onHup);
    },
  };
}
