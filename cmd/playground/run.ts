/**
 * The life of the playground: backends, page, xcp with the adapter, Envoy; until a signal.
 *
 * @module
 */
import process from "node:process";
import { hostPort, parseAddress } from "../../lib/address.ts";
import { type HttpServer, startHttpServer } from "../../lib/http_server.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { GROUP, URL_VARIABLE } from "../../lib/playground/adapter.ts";
import { announce, type Outcome } from "../../lib/playground/announce.ts";
import { playgroundApp } from "../../lib/playground/app.tsx";
import { startBackends } from "../../lib/playground/backends.ts";
import { askClusters, healthOf } from "../../lib/playground/health.ts";
import { rainbow } from "../../lib/playground/palette.ts";
import { Playground } from "../../lib/playground/playground.ts";
import type { Policy } from "../../lib/playground/policy.ts";
import { titleOf } from "../../lib/playground/words.ts";
import { type Context, wantsColor } from "../command.ts";
import { CommandError, EXIT } from "../exit.ts";
import { parseFlags } from "../flags.ts";
import { printable } from "../printable.ts";
import { Closing } from "../serve/closing.ts";
import { TYPED } from "../serve/flags.ts";
import { type Server, startServer } from "../serve/server.ts";
import { serveSettings } from "../serve/settings.ts";
import { versionInfo } from "../version.ts";
import { type Envoy, hintOf, startEnvoy } from "./envoy.ts";
import { isTaken, portFor } from "./ports.ts";
import type { PlaygroundSettings } from "./settings.ts";

/** Milliseconds until the first page comes through Envoy. */
const READY_MS = 30_000;
const LOOK_MS = 50;
/** Milliseconds by which Envoy may be faster than we are, when Ctrl-C goes to both. */
const FASTER_MS = 500;
/** Milliseconds that Envoy's admin page may take. */
const HEALTH_MS = 1_000;

interface Running {
  readonly envoy: Envoy;
  /** Where to look. */
  readonly url: string;
  /** xcp's status page. */
  readonly statusUrl: string;
}

/**
 * Runs until a signal. Returns the exit code.
 *
 * @throws {CommandError} `unavailable`: Envoy does not start, or ends; an address is not to be had
 */
export async function runPlayground(settings: PlaygroundSettings, context: Context): Promise<number> {
  const stopped = untilSignal();
  const closing = new Closing();
  try {
    const running = await start(settings, context, closing, stopped);
    context.stdout.write(told(settings, running));
    const why = await Promise.race([stopped, running.envoy.ended]);
    if (why === undefined || await Promise.race([stopped.then(() => true), after(FASTER_MS)])) return EXIT.ok;
    throw new CommandError("unavailable", `Cannot go on without Envoy: ${why}`, hintOf(running.envoy.words()));
  } catch (error) {
    if (error instanceof Stopped) return EXIT.ok;
    throw error;
  } finally {
    await closing.close();
  }
}

/** A signal came before everything ran. */
class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Starts one after the other; what runs already is in `closing` when something fails. */
async function start(
  settings: PlaygroundSettings,
  context: Context,
  closing: Closing,
  stopped: Promise<undefined>,
): Promise<Running> {
  const { now } = context;
  let isStopped = false;
  void stopped.then(() => isStopped = true);
  const step = async <T>(action: Promise<T>, close: (made: T) => Promise<void>): Promise<T> => {
    const made = await action;
    closing.add(() => close(made));
    if (isStopped) throw new Stopped();
    return made;
  };

  const { host, asked } = settings.listen;
  const port = await portFor(host, settings.listen.port, asked);
  const url = `http://${hostPort(host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host, port)}`;
  const running: { admin?: string; envoy?: Envoy; isTold?: true } = {};
  const backends = await startBackends(rainbow(settings.backends));
  const ports = backends.map((backend) => backend.port);
  const playground = new Playground({
    backends,
    now,
    random: Math.random,
    announce: () => announce(running.admin ?? "", closing.signal),
    health: async () => {
      const admin = running.envoy?.admin;
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(HEALTH_MS)]);
      return healthOf(admin === undefined ? undefined : await askClusters(admin, signal), ports);
    },
    onOutcome: (policy, outcome, ms) => {
      if (running.isTold && !closing.signal.aborted) context.stdout.write(line(new Date(now()), policy, outcome, ms));
    },
  });
  closing.add(() => playground.close());

  const page: HttpServer = await step(
    startHttpServer({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (request) =>
        playgroundApp({
          playground,
          definition: () => ({ page: Number(new URL(page.url).port), listen: { host, port } }),
          title: `xcp ${versionInfo().version}`,
          statusUrl: `${running.admin ?? ""}/`,
        }).fetch(request),
    }),
    (server) => server.close(),
  );

  const server = await step(startXcp(page.url, settings, context), (server) => server.stop());
  running.admin = server.adminUrl ?? "";
  const xds = parseAddress(server.addresses[0] ?? "");
  if (xds.kind === "none") throw new Error(`Cannot tell Envoy where xcp is: ${xds.why}`);
  const envoy = await step(startEnvoy({ path: settings.envoy, xds, group: GROUP }), (envoy) => envoy.stop());
  running.envoy = envoy;
  await untilAnswered(url, envoy, server, () => isStopped);
  await playground.apply(playground.policy);
  if (isStopped) throw new Stopped();
  running.isTold = true;
  return { envoy, url, statusUrl: `${running.admin}/` };
}

/** An xcp in this process, as `xcp serve` starts it. */
async function startXcp(pageUrl: string, { logLevel }: PlaygroundSettings, context: Context): Promise<Server> {
  const { now, stderr, env } = context;
  const listen = `127.0.0.1:${await isTaken("127.0.0.1", 18_000) ? 0 : 18_000}`;
  const admin = `127.0.0.1:${await isTaken("127.0.0.1", 18_001) ? 0 : 18_001}`;
  const words = ["builtin:playground", "--listen", listen, "--admin", admin, "--adapter-env", URL_VARIABLE];
  const log: Log = createLog({
    level: logLevel,
    format: "text",
    write: (line) => stderr.write(line),
    now,
    color: wantsColor(stderr, env),
  });
  return await startServer(await serveSettings(parseFlags(TYPED, words, {}), {}), {
    log,
    now,
    env: { ...env, [URL_VARIABLE]: pageUrl },
  });
}

/** Waits until the page comes through Envoy. */
async function untilAnswered(url: string, envoy: Envoy, server: Server, isStopped: () => boolean): Promise<void> {
  let over: string | undefined;
  void envoy.ended.then((why) => over = why);
  for (let waited = 0; waited < READY_MS; waited += LOOK_MS) {
    if (isStopped()) throw new Stopped();
    if (over !== undefined) break;
    const answer = await fetch(`${url}/`, { signal: AbortSignal.timeout(READY_MS) }).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return;
    await after(LOOK_MS);
  }
  const why = over ?? server.unready() ?? `nothing answers at ${url}`;
  throw new CommandError("unavailable", `Cannot start the playground: ${why}`, hintOf(envoy.words()));
}

function told({ backends, envoy }: PlaygroundSettings, { url, statusUrl }: Running): string {
  return `
Open   ${url}/
       ${backends} coloured backends behind Envoy (${envoy}); xcp brings it what the adapter makes of your policy

Try    Ring hash: each tile keeps its colour. Switch its backend off, and only its tiles move
       Break it: Envoy refuses, and no tile notices. Then roll back
Ask    xcp status${statusUrl.endsWith(":18001/") ? "" : ` --admin-url ${statusUrl.slice(0, -1)}`}, or ${statusUrl}
Stop   Ctrl-C

`;
}

/** `12:03:10  Ring hash: accepted (0.04 s)`. */
function line(at: Date, policy: Policy, { kind, words }: Outcome, ms: number): string {
  const what = words.length === 0 ? "" : `: ${printable(words.join("; ")).slice(0, 300)}`;
  const time = at.toTimeString().slice(0, 8);
  return `${time}  ${titleOf(policy)}: ${kind.replaceAll("-", " ")} (${(ms / 1000).toFixed(2)} s)${what}\n`;
}

/** Resolves at the first signal; a second one ends at once. */
function untilSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const [name, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
      let seen = false;
      process.on(name, () => {
        if (seen) process.exit(128 + number);
        seen = true;
        resolve(undefined);
      });
    }
  });
}

function after(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
