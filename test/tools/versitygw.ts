/**
 * versitygw, an S3 server on a file system: made by Go, where there is Go.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { freePort, spawn, temporaryFolder } from "../e2e/harness.ts";
import { findGoProgram, type GoProgram } from "./go_program.ts";
import { randomKeys, type S3Server, s3Server } from "./s3_server.ts";

/** No older: what a conditional write promises is recent. */
const VERSITYGW: GoProgram = {
  name: "versitygw",
  path: "github.com/versity/versitygw/cmd/versitygw",
  version: "v1.8.0",
};

/** Its path, or the reason why it cannot be had here. */
export function findVersitygw(): ReturnType<typeof findGoProgram> {
  return findGoProgram(VERSITYGW);
}

/** Starts it on an empty folder, of a file system with extended attributes. */
export async function startVersitygw(path: string): Promise<S3Server> {
  const folder = await temporaryFolder();
  const keys = randomKeys();
  const address = `127.0.0.1:${freePort()}`;
  await mkdir(folder.at("data"));
  await mkdir(folder.at("iam"));
  // Flags would show the keys to everybody on this machine.
  const env = { ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey };
  const args = ["--port", address, "--quiet", "--iam-dir", folder.at("iam"), "posix", folder.at("data")];
  const child = spawn(path, args, { cwd: folder.path, env: { ...env, HOME: folder.path } });
  try {
    const server = await s3Server(child, `http://${address}`, keys, keys);
    return {
      ...server,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await child.stop("SIGKILL");
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}
