/**
 * Files of Unix sockets: who may open them, whom they belong to, and what is left of them after `kill -9`.
 *
 * @module
 */
import { chmodSync, lstatSync, type Stats, unlinkSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { reason, systemCode } from "./system_error.ts";

/** How long whoever owns a socket file has to answer before it counts as alive all the same. */
const PROBE_MS = 2_000;

/** A socket file that was made; `remove` takes it away if it still is that file, by now it may be another process'. */
export interface SocketFile {
  remove(): void;
}

/**
 * Makes room for a socket file. After `kill -9` the old file stays and stands in the way; it goes if nobody answers at
 * it. Somebody who does is never replaced, whatever the runtime itself would do with an existing file. Resolves with why
 * the path is not to be had; undefined when it is.
 */
export async function clearSocketFile(path: string): Promise<string | undefined> {
  const found = statOf(path);
  if (found === undefined) return undefined;
  if (!found.isSocket()) return "a file that is not a socket is there";
  const probe = await connectTo(path);
  if (probe === "answers") return "another process listens there";
  if (probe !== "ECONNREFUSED" && probe !== "ENOENT") {
    return reason(Object.assign(new Error(probe), { code: probe }));
  }
  removeIfSame(path, found);
  return undefined;
}

/**
 * Runs `listen`, which has to have made the file when it resolves, so that nobody but the owner (and with `group` their
 * group) can open the socket from its first moment: whoever opens it gets private keys. An umask that keeps the group
 * out of everything (077) keeps it out of the socket as well.
 */
export async function makeSocketFile(path: string, group: boolean, listen: () => Promise<void>): Promise<SocketFile> {
  const before = process.umask(0o117);
  const mode = group && (before & 0o070) !== 0o070 ? 0o660 : 0o600;
  process.umask(0o777 & ~mode);
  let listening: Promise<void>;
  try {
    // The file is there when listen() returns; nobody else's files are to be made with this mask.
    listening = listen();
  } finally {
    process.umask(before);
  }
  await listening;
  chmodSync(path, mode);
  const made = lstatSync(path);
  return { remove: () => removeIfSame(path, made) };
}

/** `answers`, or the code of the error. Whoever accepts slowly or has a full queue is alive. */
function connectTo(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (result: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(done, PROBE_MS, "answers");
    socket.on("connect", () => done("answers"));
    socket.on("error", (error) => {
      const code = systemCode(error) ?? error.message;
      done(code === "EAGAIN" ? "answers" : code);
    });
  });
}

function removeIfSame(path: string, seen: Stats): void {
  const now = statOf(path);
  if (now === undefined || now.ino !== seen.ino || now.dev !== seen.dev) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
