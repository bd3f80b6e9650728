/**
 * Certificates from files: read, and checked as a whole before anything uses them.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { reason } from "../system_error.ts";
import { TransportError } from "./error.ts";

/** Paths of PEM files. */
export interface TlsFiles {
  /** The server's certificate, followed by its intermediates. */
  readonly cert: string;
  readonly key: string;
  /** Whoever signs the clients' certificates. With it, a client without a certificate is refused. */
  readonly clientCa?: string;
}

/** What the files hold. */
export interface TlsMaterial {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca: Buffer | undefined;
  /** SHA-256 over all of it: equal content, equal digest. */
  readonly digest: string;
}

/** Checked material. */
export interface Credentials extends TlsMaterial {
  /** Subject alternative names of the server's certificate, for the log. */
  readonly names: string;
  /** End of validity of the server's certificate, milliseconds since the epoch. */
  readonly expires: number;
  /** What is allowed and most likely not meant: an expired certificate. One sentence each. */
  readonly warnings: readonly string[];
}

/** What TLS servers are made with, and changed to. `h2` and TLS 1.2 are the least that gRPC asks for. */
export function secureContextOptions({ cert, key, ca }: TlsMaterial) {
  return { cert, key, ...(ca === undefined ? {} : { ca }), minVersion: "TLSv1.2" as const };
}

/** Reads the files. Throws a {@link TransportError} of kind `unreadable`. */
export async function readTlsFiles(files: TlsFiles): Promise<TlsMaterial> {
  const [cert, key, ca] = await Promise.all([
    read("certificate", files.cert),
    read("key", files.key),
    files.clientCa === undefined ? undefined : read("client CA", files.clientCa),
  ]);
  const hash = createHash("sha256");
  // The lengths keep bytes from moving between files unseen.
  for (const part of [cert, key, ca]) hash.update(`${part?.length ?? -1}:`).update(part ?? "");
  return { cert, key, ca, digest: hash.digest("hex") };
}

async function read(what: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TransportError("unreadable", `Cannot read ${what} "${path}": ${reason(error)}`, { cause: error });
  }
}

/**
 * Looks whether a server could be run with the material: every certificate parses, the key is the certificate's, the
 * TLS library takes it. Throws a {@link TransportError} of kind `invalid`. `now` is in milliseconds since the epoch.
 */
export function checkTls(material: TlsMaterial, files: TlsFiles, now: number): Credentials {
  const [leaf] = certificates(material.cert, "certificate", files.cert);
  const key = privateKey(material.key, files.key);
  if (leaf === undefined || !leaf.checkPrivateKey(key)) {
    throw invalid("certificate", files.cert, `the key in "${files.key}" belongs to another certificate`);
  }
  if (material.ca !== undefined && files.clientCa !== undefined) {
    certificates(material.ca, "client CA", files.clientCa);
  }
  try {
    createSecureContext(secureContextOptions(material));
  } catch (error) {
    throw invalid("certificate", files.cert, reason(error), error);
  }
  const starts = Date.parse(leaf.validFrom);
  const expires = Date.parse(leaf.validTo);
  const warnings: string[] = [];
  if (expires < now) warnings.push(`The certificate in "${files.cert}" expired at ${new Date(expires).toISOString()}`);
  if (starts > now) {
    warnings.push(`The certificate in "${files.cert}" is not valid before ${new Date(starts).toISOString()}`);
  }
  return { ...material, names: leaf.subjectAltName ?? "", expires, warnings };
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** All certificates of a PEM file, in order; at least one. */
function certificates(pem: Buffer, what: string, path: string): X509Certificate[] {
  const blocks = pem.toString("latin1").match(PEM) ?? [];
  if (blocks.length === 0) throw invalid(what, path, "no PEM certificate in it");
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw invalid(what, path, `certificate ${index + 1} of ${blocks.length} does not parse`, error);
    }
  });
}

function privateKey(pem: Buffer, path: string): KeyObject {
  if (/ENCRYPTED/.test(pem.toString("latin1"))) throw invalid("key", path, "it is encrypted, and nobody can be asked");
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw invalid("key", path, "no PEM private key in it", error);
  }
}

function invalid(what: string, path: string, state: string, cause?: unknown): TransportError {
  return new TransportError("invalid", `Cannot use ${what} "${path}": ${state}`, { cause });
}
