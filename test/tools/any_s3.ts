/**
 * An S3 server for tests to which it is the same which: versitygw, which starts at once, where there is Go; else
 * SeaweedFS.
 *
 * @module
 */
import type { S3Server } from "./s3_server.ts";
import { findSeaweedfs, startSeaweedfs } from "./seaweedfs.ts";
import { findVersitygw, startVersitygw } from "./versitygw.ts";

/** How one is started, or the reason why none can be had here: its tests are skipped by name. */
export async function findS3(): Promise<
  { readonly start: () => Promise<S3Server> } | { readonly start?: undefined; readonly reason: string }
> {
  const gateway = await findVersitygw();
  if (gateway.path !== undefined) return { start: () => startVersitygw(gateway.path) };
  const seaweedfs = await findSeaweedfs();
  if (seaweedfs.path !== undefined) return { start: () => startSeaweedfs(seaweedfs.path) };
  return { reason: seaweedfs.reason };
}
