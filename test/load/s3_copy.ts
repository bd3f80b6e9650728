/**
 * Copies all objects under a prefix of a bucket to a folder, with the SDK of AWS alone:
 * `s3_copy.js ENDPOINT BUCKET PREFIX FOLDER`. It is what a pull is compared with, and runs on the same runtime.
 *
 * @module
 */
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";

/** As many as a pull reads at once. */
const AT_ONCE = 8;

const [endpoint = "", Bucket = "", Prefix = "", folder = ""] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true });
const keys: string[] = [];
let token: string | undefined;
do {
  const page = { Bucket, Prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
  const { Contents = [], NextContinuationToken } = await client.send(new ListObjectsV2Command(page));
  for (const { Key } of Contents) if (Key !== undefined) keys.push(Key);
  token = NextContinuationToken;
} while (token !== undefined);
const next = keys.values();
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (const Key of next) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
    const file = join(folder, Key);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, await Body?.transformToByteArray() ?? "");
  }
}));
client.destroy();
