/**
 * What tests need of a real S3 server, whichever it is.
 *
 * @module
 */
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { type Child, eventually } from "../e2e/harness.ts";

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:20001`. */
  readonly endpoint: string;
  /** Of one who may read, write, list and remove, and whom tests use. */
  readonly credentials: Keys;
  readonly child: Child;
  /** A new bucket, as the URL of a store with the prefix `store`. */
  bucket(): Promise<{ readonly name: string; readonly url: string }>;
  /** The SDK without anything of ours around it, of the one who may do everything. */
  readonly client: S3Client;
}

/** An access key that nobody else has: who takes it is the server that was told of it. */
export function randomKeys(): Keys {
  return { accessKeyId: `test${hex(8)}`, secretAccessKey: hex(20) };
}

/** Waits until a server that was just started answers to keys that only it can know. */
export async function s3Server(child: Child, endpoint: string, admin: Keys, credentials: Keys): Promise<S3Server> {
  const client = new S3Client({
    endpoint,
    credentials: admin,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  try {
    await eventually(async () => {
      if (!child.running()) return "ended";
      await client.send(new ListBucketsCommand({}));
      return true;
    }, { timeout: 60_000, interval: 50, describe: () => `an S3 server that answers; it wrote:\n${child.stderr()}` });
    if (!child.running()) throw new Error(`The S3 server ended: ${child.stderr()}`);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    endpoint,
    credentials,
    child,
    client,
    async bucket() {
      const name = `xcp-${hex(6)}`;
      await client.send(new CreateBucketCommand({ Bucket: name }));
      return { name, url: storeUrl(name, endpoint) };
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      // Nobody wants what it holds, and SeaweedFS takes more than half a minute to end in order.
      await child.stop("SIGKILL");
    },
  };
}

/** The URL of a store in a bucket. */
export function storeUrl(bucket: string, endpoint: string): string {
  return `s3://${bucket}/store?endpoint=${endpoint}&region=us-east-1`;
}

function hex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
