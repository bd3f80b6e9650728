/**
 * Where a snapshot comes from: who, on which host, from which commit.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { dirname, resolve as absolute } from "node:path";
import process from "node:process";
import type { Provenance } from "../../lib/store/snapshot/format.ts";
import { versionInfo } from "../version.ts";

/** `from` is the source as it was named, without credentials. */
export function provenanceOf(from: string): Provenance {
  const { version, envoy_api: envoyApi } = versionInfo();
  return { who: `${user()}@${hostname()}`, from, xcp: version, envoyApi };
}

/** A container may run as a number without a name. */
function user(): string {
  const number = `uid-${process.getuid?.() ?? "unknown"}`;
  try {
    // Bun knows only what the environment says.
    const { username } = userInfo();
    return username === "unknown" ? number : username;
  } catch {
    return number;
  }
}

/**
 * The commit that a directory is at; undefined when git is not there, the directory is in no repository, or anything in it
 * is not as it was committed (also what git ignores: xcp reads it).
 */
export async function commitOf(path: string): Promise<string | undefined> {
  try {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path);
    const status = [
      "status",
      "--porcelain",
      "--ignored",
      "--untracked-files=all",
      "--",
      folder === path ? "." : absolute(path),
    ];
    const changed = await git(folder, status);
    const commit = (await git(folder, ["rev-parse", "HEAD"])).trim();
    return changed === "" && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}

/** A repository on a slow disk is not worth a long wait for a label. */
const TIMEOUT_MS = 5_000;

function git(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, timeout: TIMEOUT_MS, env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" } };
    execFile("git", args, options, (error, stdout) => error ? reject(error) : resolve(stdout));
  });
}
