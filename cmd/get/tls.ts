/**
 * Certificates of a client: read, and checked before they are used.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ClientTls } from "../../lib/client/channel.ts";
import { reason } from "../../lib/system_error.ts";
import { CommandError, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";

/** Paths as they were typed. */
export interface TlsFiles {
  readonly ca: string | undefined;
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
  readonly serverName: string | undefined;
}

/**
 * The TLS flags; undefined when there are none, which means no TLS.
 *
 * @throws {CommandError} `usage`
 */
export function tlsFiles(parsed: Parsed): TlsFiles | undefined {
  const [ca, cert, key, serverName] = ["tls-ca", "tls-cert", "tls-key", "tls-server-name"].map((n) => parsed.one(n));
  if (ca === undefined && cert === undefined && key === undefined && serverName === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { ca, pair: { cert, key }, serverName };
  if (cert === undefined && key === undefined) return { ca, pair: undefined, serverName };
  throw usageError(`Cannot take ${cert === undefined ? "--tls-key" : "--tls-cert"} alone: a pair has both`);
}

/**
 * @throws {CommandError} `unreadable`, `invalid`
 */
export async function readTls({ ca, pair, serverName }: TlsFiles): Promise<ClientTls> {
  return {
    ca: ca === undefined ? undefined : await readCertificates(ca),
    pair: pair === undefined ? undefined : await readPair(pair),
    serverName,
  };
}

async function readPair({ cert: certPath, key: keyPath }: NonNullable<TlsFiles["pair"]>) {
  const cert = await readCertificates(certPath);
  const key = await read(keyPath);
  let known;
  try {
    known = createPrivateKey(key);
  } catch (error) {
    throw invalid(keyPath, "no PEM private key in it, or an encrypted one", error);
  }
  if (new X509Certificate(cert).checkPrivateKey(known)) return { cert, key };
  throw invalid(certPath, `the key in "${keyPath}" belongs to another certificate`);
}

async function readCertificates(path: string): Promise<Buffer> {
  const pem = await read(path);
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw invalid(path, "no PEM certificate in it", error);
  }
  return pem;
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError("unreadable", `Cannot read "${path}": ${reason(error)}`, { cause: error });
  }
}

function invalid(path: string, state: string, cause?: unknown): CommandError {
  return new CommandError("invalid", `Cannot use "${path}": ${state}`, { cause });
}
