/**
 * The compiled xcp as a child.
 *
 * @module
 */
import { BINARY } from "../../../scripts/build.ts";
import { type Child, type ChildOptions, runToEnd, spawn } from "./child.ts";
import { type Folder, temporaryFolder } from "./files.ts";

export interface XcpOptions extends ChildOptions {
  /** Arguments of `xcp serve`: sources and flags. Addresses that are not named are on port 0. */
  readonly args: readonly string[];
  /** `false`: return as soon as it listens, with its sources still missing. */
  readonly ready?: boolean;
  /** Instead of {@link xcpBinary}. */
  readonly binary?: string;
  /** A program and its arguments that start xcp instead of us, in another world (`unshare …`). */
  readonly within?: readonly string[];
  /** Milliseconds to the ready line. */
  readonly timeout?: number;
}

export interface Xcp extends AsyncDisposable {
  readonly child: Child;
  /** The first xDS address: `127.0.0.1:40001`. */
  readonly xds: string;
  /** `http://127.0.0.1:40002`; "" with `--admin none`. */
  readonly admin: string;
  /** Everything it logged so far. */
  log(): string;
  /** Asks the admin API. */
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Asks the admin API for JSON; throws unless the answer is 2xx. */
  json<T>(path: string): Promise<T>;
}

/** Path of the binary under test: `$XCP`, else what `deno task build` made. */
export function xcpBinary(): string {
  return Deno.env.get("XCP") || BINARY;
}

const ADDRESSES = "xDS on (?<xds>[^\\s,]+)(?:, [^\\s,]+)*, admin (?:on (?<admin>http[^\\s,]+)|off)";

/** `xcp is serving xDS on 127.0.0.1:18000, admin on http://127.0.0.1:18001`, the line that says ready. */
const READY = new RegExp(`xcp is serving ${ADDRESSES}`);

/** The same, or the line that says that it listens and is not ready. */
const LISTENS = new RegExp(`xcp (?:is serving|listens for) ${ADDRESSES}`);

/** Starts `xcp serve` and waits for its ready line. */
export async function startXcp(options: XcpOptions): Promise<Xcp> {
  const { args, binary = xcpBinary(), within = [], timeout } = options;
  const home = await temporaryFolder();
  const defaults = [
    ...(args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"]),
    ...(args.includes("--admin") ? [] : ["--admin", "127.0.0.1:0"]),
  ];
  const [program = "", ...rest] = [...within, binary, "serve", ...args, ...defaults];
  const child = spawn(program, rest, { ...options, env: isolated(home, options.env) });
  try {
    const { groups = {} } = await child.waitFor(options.ready === false ? LISTENS : READY, timeout);
    const admin = groups.admin ?? "";
    const get = async (path: string) => {
      const response = await fetch(admin + path);
      return { status: response.status, text: await response.text() };
    };
    return {
      child,
      xds: groups.xds ?? "",
      admin,
      log: child.stderr,
      get,
      async json<T>(path: string): Promise<T> {
        const { status, text } = await get(path);
        if (status < 200 || status > 299) throw new Error(`GET ${path} answered ${status}: ${text}`);
        return JSON.parse(text);
      },
      [Symbol.asyncDispose]: () => end(child, home),
    };
  } catch (error) {
    await end(child, home);
    throw error;
  }
}

/** Runs any xcp command to its end. */
export async function runXcp(
  args: readonly string[],
  options: ChildOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using home = await temporaryFolder();
  return await runToEnd(xcpBinary(), args, { ...options, env: isolated(home, options.env) });
}

/** A home of its own, so that no state of this machine or of another test has a say. */
function isolated(home: Folder, env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { HOME: home.path, XDG_STATE_HOME: home.at("state"), NO_COLOR: "1", ...env };
}

async function end(child: Child, home: Folder): Promise<void> {
  try {
    await child.stop();
  } finally {
    await home[Symbol.asyncDispose]();
  }
}
