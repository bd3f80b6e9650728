/**
 * Who may replace and remove in a store: one at a time, of all processes of all machines that share its folder.
 *
 * On one machine it is the lock of the state directory, a listening socket: free in the moment in which its process is
 * gone, however it went and whatever it was in the middle of, also between containers. A socket says nothing about other
 * machines (a network file system), so behind it each machine leaves a file while it holds the lock; one that was left
 * behind by a machine that went down counts for {@link LEASE_MS}, by the clock of the file system. Whoever held the lock
 * for half of that writes nothing any more.
 *
 * Neither file is ever taken over. Each has a name of its own: made first, then the others are looked at, so of two at
 * least one sees the other and steps back; and what is removed is never a file that somebody has made since.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { openStateDir } from "../../state_dir.ts";
import { StoreError } from "../blobs.ts";
import { unless } from "./folders.ts";

export interface Held {
  /** Throws when it was held for so long that another machine may have it. */
  check(): void;
}

export interface Lock {
  /**
   * Acts while nobody else does. `check` throws when the wait is no longer wanted; rejects with what it throws, or with
   * `unable` where no lock can be had.
   */
  hold<T>(check: () => void, act: (held: Held) => Promise<T>): Promise<T>;
}

export interface FolderLockOptions {
  readonly now: () => number;
  /** Another one for each machine that is running; made up by default. */
  readonly machine?: string;
}

/** How long a machine that does not answer counts as holding the lock. */
const LEASE_MS = 15_000;

/** How long whoever did not get the lock waits before the next attempt, at most. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 320;

/** Names of the files of machines: the machine, a dot, chance. */
const MACHINES = "machines";

export class FolderLock implements Lock {
  readonly #folder: () => Promise<string>;
  readonly #options: FolderLockOptions;
  #machine: string | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** `folder` makes a folder that only locks use. */
  constructor(folder: () => Promise<string>, options: FolderLockOptions) {
    this.#folder = folder;
    this.#options = options;
    this.#machine = options.machine;
  }

  hold<T>(check: () => void, act: (held: Held) => Promise<T>): Promise<T> {
    // Those of this process stand in line; only its first talks to other processes.
    const turn = this.#last.then(() => this.#hold(check, act));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #hold<T>(check: () => void, act: (held: Held) => Promise<T>): Promise<T> {
    // Of many that meet all step back: the more often, the longer.
    for (let wait = FIRST_WAIT_MS;; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      check();
      const folder = await this.#folder();
      const local = await openStateDir(folder);
      if (local.kind === "unusable") throw new StoreError("unable", `Cannot lock "${folder}": ${local.why}`);
      if (local.kind === "open") {
        try {
          const since = this.#options.now();
          const lease = await this.#lease(join(folder, MACHINES));
          if (lease !== undefined) {
            try {
              return await act({ check: () => this.#stillHeld(folder, since) });
            } finally {
              // What is left behind goes with the next one of this machine.
              await unlink(lease).catch(() => {});
            }
          }
        } finally {
          await local.close();
        }
      }
      await new Promise((resolve) => setTimeout(resolve, Math.random() * wait));
    }
  }

  /** The file of this machine; undefined when another one has the lock. The lock of this machine is held. */
  async #lease(folder: string): Promise<string | undefined> {
    const machine = this.#machine ??= await thisMachine();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const name = `${machine}.${randomBytes(8).toString("hex")}`;
    const path = join(folder, name);
    await (await open(path, "wx", 0o600)).close();
    try {
      const { mtimeMs: now } = await lstat(path);
      let taken = false;
      for (const other of await readdir(folder)) {
        if (other === name) continue;
        const found = await unless(["ENOENT"], lstat(join(folder, other)));
        if (found === undefined) continue;
        // Of this machine it is what a process left behind that is gone.
        if (other.startsWith(`${machine}.`) || now - found.mtimeMs > LEASE_MS) {
          await unless(["ENOENT"], unlink(join(folder, other)));
        } else taken = true;
      }
      if (!taken) return path;
    } catch (error) {
      await unlink(path).catch(() => {});
      throw error;
    }
    await unlink(path);
    return undefined;
  }

  #stillHeld(folder: string, since: number): void {
    const held = this.#options.now() - since;
    if (held >= 0 && held < LEASE_MS / 2) return;
    throw new StoreError("failed", `Cannot lock "${folder}": its file system is too slow`);
  }
}

/** The same for all containers of a machine, and another one after each start of it. */
async function thisMachine(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const id = /^[0-9a-f-]{36}$/.exec(boot.trim())?.[0] ?? hostname();
  return id.replace(/[^A-Za-z0-9-]/g, "-");
}
