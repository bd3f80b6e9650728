/**
 * Follows certificate files: what is new on disk is taken for new connections if it is sound, and refused, with a word
 * in the log, if it is not. Contents are compared, not times or file names, so every way of replacing a file works: a
 * rename, a symbolic link that turns, the `..data` folder of Kubernetes.
 *
 * @module
 */
import type { Log } from "../log.ts";
import { checkTls, type Credentials, readTlsFiles, type TlsFiles, type TlsMaterial } from "./tls.ts";

/** What a look at the files came to. */
export type TlsReload = "unchanged" | "taken" | "refused";

export interface TlsReloader {
  /** What new connections are to use. */
  readonly current: Credentials;
  /** What the timer does: looks at the files, and is patient with what it sees for the first time. Never rejects. */
  poll(): Promise<TlsReload>;
  /** Looks at the files now, and says at once when they are refused (SIGHUP). Never rejects. */
  reload(): Promise<TlsReload>;
  /** Stops looking. */
  stop(): void;
}

export interface TlsReloadOptions {
  readonly files: TlsFiles;
  readonly log: Log;
  readonly now: () => number;
  /** Milliseconds between two looks at the files. */
  readonly poll: number;
  /** Called with every new, sound pair. */
  readonly apply: (credentials: Credentials) => void;
}

/** Reads the files for the first time and begins to follow them. Throws a {@link TransportError} when they are bad. */
export async function followTls({ files, log, now, poll, apply }: TlsReloadOptions): Promise<TlsReloader> {
  let current = checkTls(await readTlsFiles(files), files, now());
  for (const warning of current.warnings) log.warn(warning);
  /** What was seen and found bad: digest, or the words of a failed reading. Said once. */
  let suspect: string | undefined;
  let said: string | undefined;
  let looking: Promise<TlsReload> | undefined;

  async function look(patient: boolean): Promise<TlsReload> {
    let material: TlsMaterial | undefined;
    try {
      material = await readTlsFiles(files);
      if (material.digest === current.digest) {
        suspect = said = undefined;
        return "unchanged";
      }
      const next = checkTls(material, files, now());
      apply(next);
      current = next;
      suspect = said = undefined;
      log.info("New connections use a new certificate", {
        certificate: files.cert,
        names: next.names,
        expires: new Date(next.expires).toISOString(),
      });
      for (const warning of next.warnings) log.warn(warning);
      return "taken";
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const seen = material?.digest ?? message;
      // Certificate and key are two files, so there is a moment with one of each: bad is what stays bad.
      if ((!patient || suspect === seen) && said !== seen) {
        log.error(`${message}; the certificate from before stays in use`);
        said = seen;
      }
      suspect = seen;
      return "refused";
    }
  }

  /** One look at a time: the results of two that overlap could be taken in the wrong order. */
  async function turn(patient: boolean): Promise<TlsReload> {
    while (looking !== undefined) await looking;
    looking = look(patient).finally(() => looking = undefined);
    return await looking;
  }

  const timer = setInterval(() => void turn(true), poll);
  return {
    get current() {
      return current;
    },
    poll: () => turn(true),
    reload: () => {
      said = undefined;
      return turn(false);
    },
    stop: () => clearInterval(timer),
  };
}
