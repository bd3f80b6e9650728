/**
 * xcp and an Envoy that follows it, with the configuration in a folder of its own.
 *
 * @module
 */
import type { ClientJson, GroupJson } from "../../../lib/admin/json.ts";
import { findEnvoy } from "../../tools/envoy.ts";
import { type Answer, type AskOptions, eventuallyAnswers } from "./ask.ts";
import { type Envoy, startEnvoy } from "./envoy.ts";
import { type Folder, temporaryFolder } from "./files.ts";
import { freePort } from "./ports.ts";
import { runXcp, startXcp, type Xcp } from "./xcp.ts";

/** The two variants of the protocol, for tables. */
export const MODES = ["sotw", "delta"] as const;
export type Mode = typeof MODES[number];

const envoy = await findEnvoy();

/** For `Deno.test({ ...NEEDS_ENVOY, … })`: where no Envoy is to be had the test is skipped by name. */
export const NEEDS_ENVOY: { readonly ignore: boolean } = { ignore: envoy.path === undefined };

export interface FollowerOptions {
  /** Where xcp serves: `127.0.0.1:40001`. */
  readonly xds: string;
  readonly mode: Mode;
  /** `node.cluster`, so the group. */
  readonly cluster?: string;
  readonly id?: string;
  /** Return when its admin API answers, with the configuration still on its way. */
  readonly ready?: boolean;
  /** Changes the bootstrap that `xcp bootstrap` prints. */
  readonly adapt?: (bootstrap: Bootstrap) => void;
}

/** What tests change in a bootstrap. */
export interface Bootstrap {
  node: Record<string, unknown>;
  dynamic_resources: Record<string, unknown>;
  [field: string]: unknown;
}

/** Starts an Envoy with the bootstrap that `xcp bootstrap` prints. */
export async function startFollower(options: FollowerOptions): Promise<Envoy> {
  const { xds, mode, cluster = "site", id = `${cluster}-1`, ready = true, adapt } = options;
  const args = ["bootstrap", "--node-id", id, "--cluster", cluster, "--xds", xds, `--${mode}`, "-o", "json"];
  const { code, stdout, stderr } = await runXcp(args);
  if (code !== 0) throw new Error(`xcp bootstrap ended with ${code}: ${stderr}`);
  const bootstrap: Bootstrap = JSON.parse(stdout);
  adapt?.(bootstrap);
  const follower = await startEnvoy({ path: envoy.path ?? "", bootstrap });
  if (!ready) return follower;
  try {
    await follower.waitReady();
    return follower;
  } catch (error) {
    await follower[Symbol.asyncDispose]();
    throw error;
  }
}

export interface World extends AsyncDisposable {
  readonly mode: Mode;
  /** The configuration directory. */
  readonly config: Folder;
  readonly xcp: Xcp;
  readonly envoy: Envoy;
  /** Where Envoy's listener is to be: a port that was free. */
  readonly port: number;
  /** `http://127.0.0.1:<port>/`. */
  readonly url: string;
  /** Waits until an answer over a new connection is as said. */
  answers(expected: Partial<Answer>, options?: AskOptions): Promise<Answer>;
  /** Kills xcp as a crash does, and waits for its end. */
  crash(): Promise<void>;
  /** Starts xcp again on the port that it had; `this.xcp` is the new one. */
  restart(): Promise<void>;
}

export interface WorldOptions {
  readonly mode: Mode;
  /** The files of the directory, by name, given the port of the listener. */
  readonly files: (port: number) => Readonly<Record<string, string>>;
  /** Further flags of `xcp serve`. */
  readonly args?: readonly string[];
  /** As in {@link FollowerOptions}. */
  readonly adapt?: (bootstrap: Bootstrap) => void;
}

/** Starts both and waits until Envoy has everything that it asked for at its start. */
export async function startWorld({ mode, files, args = [], adapt }: WorldOptions): Promise<World> {
  const stack = new AsyncDisposableStack();
  try {
    const port = freePort();
    const config = stack.use(await temporaryFolder());
    for (const [name, content] of Object.entries(files(port))) await config.write(name, content);
    const xdsPort = freePort();
    const serve = () => startXcp({ args: [config.path, "--listen", `127.0.0.1:${xdsPort}`, ...args] });
    let xcp = await serve();
    stack.defer(() => xcp[Symbol.asyncDispose]());
    const envoy = stack.use(await startFollower({ xds: xcp.xds, mode, ...(adapt && { adapt }) }));
    const url = `http://127.0.0.1:${port}/`;
    const world: World = {
      mode,
      config,
      envoy,
      port,
      url,
      get xcp() {
        return xcp;
      },
      answers: (expected, options) => eventuallyAnswers(url, expected, options),
      async crash() {
        await xcp.child.stop("SIGKILL");
        await xcp[Symbol.asyncDispose]();
      },
      async restart() {
        xcp = await serve();
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
    return world;
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** `GET /v1/groups/{group}`. */
export function groupOf(xcp: Xcp, name = "default"): Promise<GroupJson> {
  return xcp.json<GroupJson>(`/v1/groups/${name}`);
}

/** `GET /v1/clients`. */
export async function clientsOf(xcp: Xcp): Promise<readonly ClientJson[]> {
  return (await xcp.json<{ clients: ClientJson[] }>("/v1/clients")).clients;
}
