/**
 * Certificates for tests, made on the spot: no openssl, no file that expires in the repository. An authority signs
 * certificates for servers and clients; keys are P-256.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface IssueOptions {
  readonly commonName: string;
  readonly dns?: readonly string[];
  /** IPv4 addresses. */
  readonly ip?: readonly string[];
  readonly uri?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in ten years. */
  readonly notAfter?: Date;
}

export interface Authority extends Pair {
  /** A certificate for servers and clients alike. */
  issue(options: IssueOptions): Pair;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/** A new self-signed authority. */
export function createAuthority(commonName = "xcp test authority"): Authority {
  const { publicKey, privateKey } = newKey();
  const issuer = name(commonName);
  const self = { subject: issuer, subjectKey: publicKey, issuer, issuerKey: privateKey };
  const own = certificate({
    ...self,
    extensions: [extension(OID.basicConstraints, sequence(boolean(true))), extension(OID.keyUsage, bits(0x06, 1))],
  });
  return {
    ...pair(own, privateKey),
    issue({ commonName, dns = [], ip = [], uri = [], notBefore, notAfter }) {
      const key = newKey();
      const names = [
        ...dns.map((value) => tlv(0x82, Buffer.from(value))),
        ...uri.map((value) => tlv(0x86, Buffer.from(value))),
        ...ip.map((value) => tlv(0x87, address(value))),
      ];
      const der = certificate({
        ...self,
        subject: name(commonName),
        subjectKey: key.publicKey,
        notBefore,
        notAfter,
        extensions: [
          extension(OID.basicConstraints, sequence()),
          extension(OID.keyUsage, bits(0x80, 7)),
          extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
          ...(names.length === 0 ? [] : [extension(OID.subjectAltName, sequence(...names))]),
        ],
      });
      return pair(der, key.privateKey);
    },
  };
}

/** Object identifiers, as the bytes of their DER values. */
const OID = {
  commonName: "550403",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  extendedKeyUsage: "551d25",
  serverAuth: "2b06010505070301",
  clientAuth: "2b06010505070302",
  ecdsaWithSha256: "2a8648ce3d040302",
} as const;

interface Parts {
  readonly subject: Buffer;
  readonly subjectKey: KeyObject;
  readonly issuer: Buffer;
  readonly issuerKey: KeyObject;
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
  readonly extensions: readonly Buffer[];
}

function certificate({ subject, subjectKey, issuer, issuerKey, notBefore, notAfter, extensions }: Parts): Buffer {
  const now = Date.now();
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    issuer,
    sequence(time(notBefore ?? new Date(now - 3_600_000)), time(notAfter ?? new Date(now + 10 * YEAR_MS))),
    subject,
    subjectKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuerKey);
  return sequence(body, algorithm, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
}

function newKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

function pair(der: Buffer, key: KeyObject): Pair {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`,
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function tlv(tag: number, value: Uint8Array): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function sequence(...items: readonly Uint8Array[]): Buffer {
  return tlv(0x30, Buffer.concat(items));
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

function boolean(value: boolean): Buffer {
  return tlv(0x01, Buffer.from([value ? 0xff : 0]));
}

function bits(value: number, unused: number): Buffer {
  return tlv(0x03, Buffer.from([unused, value]));
}

/** What a certificate may be used for is critical: whoever does not understand it must refuse. */
function extension(id: string, value: Buffer): Buffer {
  const critical = id === OID.basicConstraints || id === OID.keyUsage ? [boolean(true)] : [];
  return sequence(oid(id), ...critical, tlv(0x04, value));
}

/** Names of different authorities differ, or a chain would be looked for in the wrong one. */
function name(commonName: string): Buffer {
  return sequence(tlv(0x31, sequence(oid(OID.commonName), tlv(0x0c, Buffer.from(commonName)))));
}

/** UTCTime: two digits of the year, good until 2049. */
function time(date: Date): Buffer {
  return tlv(0x17, Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

function address(text: string): Buffer {
  if (!isIPv4(text)) throw new Error(`Cannot put "${text}" into a certificate: not an IPv4 address`);
  return Buffer.from(text.split(".").map(Number));
}

/** A digest of a certificate as TLS peers see it, to tell which one a server showed. */
export function fingerprint(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return createHash("sha256").update(der).digest("hex");
}
