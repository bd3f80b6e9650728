/**
 * The playground's Envoy: a child that ends with the playground.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { reason } from "../../lib/system_error.ts";
import type { Address } from "../../lib/address.ts";
import { envoyBootstrap } from "../bootstrap/envoy.ts";
import { CommandError } from "../exit.ts";
import { toJsonText } from "../output.ts";

export interface EnvoyOptions {
  readonly path: string;
  /** Where xcp serves xDS. */
  readonly xds: Address;
  /** Its group. */
  readonly group: string;
}

/** A running Envoy. */
export interface Envoy {
  /** `http://127.0.0.1:40001`, its admin address. */
  readonly admin: string;
  /** Resolves when it is gone, with why. */
  readonly ended: Promise<string>;
  /** The end of what it wrote. */
  words(): string;
  /** Ends it, and resolves when it is gone and its files are. */
  stop(): Promise<void>;
}

/** Milliseconds from SIGTERM to SIGKILL. */
const GRACE_MS = 3_000;
/** Milliseconds until it tells its admin address. */
const START_MS = 20_000;
const LOOK_MS = 50;
const MOST_WORDS = 4_000;

/**
 * Starts it; it may have nothing to serve yet.
 *
 * @throws {CommandError} `unavailable`
 */
export async function startEnvoy({ path, xds, group }: EnvoyOptions): Promise<Envoy> {
  const folder = await mkdtemp(join(tmpdir(), "xcp-playground-"));
  const file = join(folder, "bootstrap.json");
  const address = join(folder, "admin");
  const options = { nodeId: group, cluster: group, locality: undefined, delta: true, tls: undefined };
  const { bootstrap } = envoyBootstrap({ ...options, xds: [xds], adminPort: 0 });
  await writeFile(file, toJsonText(bootstrap), { mode: 0o600 });
  const files = ["--config-path", file, "--admin-address-path", address];
  // One thread, so that round robin is one round. It has nothing to drain that anybody waits for.
  const flags = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "error", "--drain-time-s", "1"];
  const child = spawn(path, [...files, ...flags], { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => words = (words + text).slice(-MOST_WORDS));
  let over: string | undefined;
  const ended = new Promise<string>((resolve) => {
    const end = (why: string) => resolve(over ??= why);
    child.once("error", (error) => end(reason(error)));
    child.once(
      "close",
      (code, signal) => end(signal === null ? `it ended with exit code ${code}` : `it ended by ${signal}`),
    );
  });
  // A second Ctrl-C ends the playground at once, and Envoy with it.
  const atExit = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", atExit);
  const stop = async () => {
    if (over === undefined) child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    await ended;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
    process.off("exit", atExit);
  };
  for (let waited = 0; waited < START_MS && over === undefined; waited += LOOK_MS) {
    // The file is there before the address is in it.
    const [found] = (await readFile(address, "utf8").catch(() => "")).match(/^\S+:\d+/) ?? [];
    if (found !== undefined) return { admin: `http://${found}`, ended, words: () => words, stop };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const why = over ?? `it did not tell its admin address within ${START_MS / 1000} s`;
  await stop();
  throw new CommandError("unavailable", `Cannot start Envoy "${path}": ${why}`, hintOf(words));
}

/** What a program wrote before it ended, as a hint. */
export function hintOf(words: string): { readonly hint?: string } {
  return words.trim() === "" ? {} : { hint: `It wrote:\n${words.trim()}` };
}
