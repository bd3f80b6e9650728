/**
 * The state directory: what a server keeps on this machine. One process has it at a time.
 *
 * The lock is a listening socket: it is free again at once when its process is gone, however it went, and it holds
 * between containers that share the folder. Each process listens on a socket of its own and only then looks at those of
 * the others, so of two that start in one moment at least one sees the other.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, open, readdir, rename, rm, symlink, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { reason, systemCode } from "./system_error.ts";

/** How opening it went. */
export type StateDir =
  | {
    readonly kind: "open";
    /** Absolute. */
    readonly path: string;
    /** Lets others have it. */
    close(): Promise<void>;
  }
  /** Another process has it. */
  | { readonly kind: "taken" }
  /** It is not to be had; `why` is the state that follows the colon of a message. */
  | { readonly kind: "unusable"; readonly why: string };

/** The folder of the locks, in the state directory, and how their names end. */
const LOCKS = "lock";
const LOCK = ".lock";
/** Bytes that every kernel takes for the path of a socket. */
const MOST_PATH_BYTES = 103;
/** A name in the folder of the locks, with the slash before it. */
const NAME_BYTES = 1 + 16 + LOCK.length;
/** How long whoever holds a lock has to answer before they count as alive all the same. */
const PROBE_MS = 2_000;

/**
 * Where the state directory is: what was asked for, else the first of systemd's `$STATE_DIRECTORY`, else
 * `$XDG_STATE_HOME/xcp`, else `~/.local/state/xcp`. Undefined when not even a home is known.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#RuntimeDirectory=
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function stateDirPath(
  asked: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (asked !== undefined) return asked;
  const systemd = env["STATE_DIRECTORY"]?.split(":").find((path) => path !== "");
  if (systemd !== undefined) return systemd;
  const { XDG_STATE_HOME: state, HOME: home } = env;
  // "All paths must be absolute. If an implementation encounters a relative path it should ignore it."
  if (state?.startsWith("/")) return join(state, "xcp");
  return home?.startsWith("/") ? join(home, ".local/state/xcp") : undefined;
}

/** Makes the directory if it is not there, for its owner alone, and takes it for this process. */
export async function openStateDir(path: string): Promise<StateDir> {
  const root = resolve(path);
  const locks = join(root, LOCKS);
  let short: ShortPath | undefined;
  let lock: Lock | undefined;
  try {
    await makeDurably(root);
    await mkdir(locks, { recursive: true, mode: 0o700 });
    short = await shortPath(locks);
    const held = lock = await Lock.make(locks, short.path);
    if (!await lock.othersAlive(short.path)) return { kind: "open", path: root, close: () => held.close() };
    await lock.close();
    return { kind: "taken" };
  } catch (error) {
    await lock?.close();
    return { kind: "unusable", why: reason(error) };
  } finally {
    await short?.remove();
  }
}

/** Makes a folder and those above it so that they survive a loss of power. */
async function makeDurably(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    const above = await open(dirname(made), "r");
    await above.sync().finally(() => above.close());
  }
}

/** A socket of this process in the folder of the locks. */
class Lock {
  readonly #server: Server;
  readonly #folder: string;
  readonly #name: string;

  private constructor(server: Server, folder: string, name: string) {
    this.#server = server;
    this.#folder = folder;
    this.#name = name;
  }

  /** `short` is a path to the same folder that has room for the name of a socket. */
  static async make(folder: string, short: string): Promise<Lock> {
    const id = randomBytes(8).toString("hex");
    const [made, name] = [`${id}.new`, id + LOCK];
    const server = createServer((socket) => socket.destroy());
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ path: join(short, made) }, () => resolve());
      });
      // Nobody sees a lock that does not answer yet, and takes it for one that was left behind.
      await rename(join(folder, made), join(folder, name));
    } catch (error) {
      await close(server);
      await unlink(join(folder, made)).catch(() => {});
      throw error;
    }
    server.on("error", () => {});
    server.unref();
    return new Lock(server, folder, name);
  }

  /** Whether anybody else has a lock; those that were left behind are taken away. */
  async othersAlive(short: string): Promise<boolean> {
    const others = (await readdir(this.#folder)).filter((name) => name !== this.#name && name.endsWith(LOCK));
    const alive = await Promise.all(others.map(async (name) => {
      const answers = await connects(join(short, name));
      if (!answers) await unlink(join(this.#folder, name)).catch(() => {});
      return answers;
    }));
    return alive.includes(true);
  }

  async close(): Promise<void> {
    await close(this.#server);
    await unlink(join(this.#folder, this.#name)).catch(() => {});
  }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Whoever accepts slowly or has a full queue is alive; so is whoever cannot be asked. */
function connects(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (answers: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answers);
    };
    const timer = setTimeout(done, PROBE_MS, true);
    socket.on("connect", () => done(true));
    socket.on("error", (error) => done(!["ECONNREFUSED", "ENOENT"].includes(systemCode(error) ?? "")));
  });
}

interface ShortPath {
  readonly path: string;
  remove(): Promise<void>;
}

/** A path to a folder that leaves room for the name of a socket: its own, or a symlink for as long as it is needed. */
async function shortPath(folder: string): Promise<ShortPath> {
  if (Buffer.byteLength(folder) + NAME_BYTES <= MOST_PATH_BYTES) return { path: folder, async remove() {} };
  const holder = await mkdtemp(join(tmpdir(), "xcp-"));
  const path = join(holder, "s");
  await symlink(folder, path);
  return { path, remove: () => rm(holder, { recursive: true, force: true }) };
}
