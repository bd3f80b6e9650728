/**
 * Real gRPC programs that speak xDS themselves: `@grpc/grpc-js-xds` on Node, C-core in Python, and Go where Go is.
 * Their sources are in `test/e2e/proxyless`; what they need is pinned there by the lock file of each language, and
 * fetched once by its ordinary client.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { part, PartError, PLATFORM, run } from "../../scripts/parts.ts";

const SOURCES = fileURLToPath(new URL("../e2e/proxyless/", import.meta.url));

/** A program that calls its first argument, a target, as many times a second as its second argument says. */
export interface GrpcProgram {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a program is had. Throws {@link PartError} when it cannot be had here. */
export interface GrpcClient {
  /** In names of tests. */
  readonly name: string;
  find(): Promise<GrpcProgram>;
}

async function node(): Promise<GrpcProgram> {
  const source = join(SOURCES, "node");
  const files = ["package.json", "package-lock.json"];
  const modules = await part(`grpc-node-${await digest(source, files)}`, async (folder) => {
    for (const file of files) await copyFile(join(source, file), join(folder, file));
    await run("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
  });
  return { program: "node", args: [join(source, "client.mjs")], env: { MODULES: modules } };
}

async function python(): Promise<GrpcProgram> {
  const source = join(SOURCES, "python");
  const requirements = join(source, "requirements.txt");
  const version = (await run("python3", ["-c", "import sys; print(*sys.version_info[:2], sep='.')"])).trim();
  const name = `grpc-python${version}-${PLATFORM}-${await digest(source, ["requirements.txt"])}`;
  const modules = await part(name, async (folder) => {
    const strict = ["--require-hashes", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"];
    await run("python3", ["-m", "pip", "install", ...strict, "--target", folder, "--requirement", requirements]);
  });
  return { program: "python3", args: [join(source, "client.py")], env: { PYTHONPATH: modules } };
}

async function go(): Promise<GrpcProgram> {
  const source = join(SOURCES, "go");
  const name = `grpc-go-${PLATFORM}-${await digest(source, ["go.mod", "go.sum", "main.go"])}`;
  const folder = await part(name, async (folder) => {
    await run("go", ["build", "-mod=readonly", "-o", join(folder, "client"), "."], { cwd: source });
  });
  return { program: join(folder, "client"), args: [], env: {} };
}

/** The languages, for tables. */
export const GRPC_CLIENTS: readonly GrpcClient[] = [
  { name: "grpc-js", find: node },
  { name: "C-core", find: python },
  { name: "Go", find: go },
];

/** The program, or the reason why there is none: its tests are skipped by name. */
export async function findGrpcClient(
  client: GrpcClient,
): Promise<{ readonly found: GrpcProgram } | { readonly found?: undefined; readonly reason: string }> {
  try {
    return { found: await client.find() };
  } catch (error) {
    if (error instanceof PartError) return { reason: `Tests with ${client.name} will be skipped. ${error.message}` };
    throw error;
  }
}

/** Other sources, another folder in the cache. */
async function digest(folder: string, files: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(join(folder, file)));
  return hash.digest("hex").slice(0, 12);
}
