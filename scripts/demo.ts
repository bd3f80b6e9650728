/**
 * `deno task demo`: three coloured backends, xcp on `examples/rainbow`, and a real Envoy that follows it, until Ctrl-C.
 *
 * @module
 */
import { cp, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, runToEnd, spawn } from "../test/e2e/harness/child.ts";
import { eventually } from "../test/e2e/harness/eventually.ts";
import { type Folder, temporaryFolder } from "../test/e2e/harness/files.ts";
import { freePort, isFree } from "../test/e2e/harness/ports.ts";
import { startXcp, type Xcp } from "../test/e2e/harness/xcp.ts";
import { findEnvoy } from "../test/tools/envoy.ts";
import { build } from "./build.ts";
import { COLOURS, startColour } from "./demo/backends.ts";
import { script } from "./parts.ts";

/** As people name it from where they are: it stands in the log. */
const EXAMPLE = relative(Deno.cwd(), fileURLToPath(new URL("../examples/rainbow", import.meta.url)));
const LISTENER = 10000;

/** What is served and where; all fixed, unless somebody else has one of the ports. */
interface Place {
  readonly folder: string;
  readonly listener: number;
  readonly colours: Readonly<Record<string, number>>;
}

/**
 * The example itself, so that it can be edited where it is; or, when one of its ports is taken, a copy with free ones.
 */
async function choosePlace(scratch: Folder): Promise<Place> {
  const fixed = [LISTENER, ...Object.values(COLOURS)];
  const taken = fixed.filter((port) => !isFree(port));
  if (taken.length === 0) return { folder: EXAMPLE, listener: LISTENER, colours: COLOURS };
  const ports = new Map(fixed.map((port) => [String(port), freePort()]));
  const folder = scratch.at("rainbow");
  await cp(EXAMPLE, folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), "utf8");
    await scratch.write(
      `rainbow/${name}`,
      text.replaceAll(/(?<=port_value: )\d+/g, (port) => String(ports.get(port) ?? port)),
    );
  }
  console.error(`Taken by somebody else: port ${taken.join(", ")}; serving a copy of the example with others`);
  const moved = (port: number) => ports.get(String(port)) ?? port;
  return {
    folder,
    listener: moved(LISTENER),
    colours: Object.fromEntries(Object.entries(COLOURS).map(([colour, port]) => [colour, moved(port)])),
  };
}

/** Starts Envoy with the bootstrap that xcp prints, and waits until the first page comes through it. */
async function startProxy(envoy: string, binary: string, xcp: Xcp, scratch: Folder, listener: number): Promise<Child> {
  const admin = isFree(9901) ? 9901 : freePort();
  const args = ["--node-id", "demo", "--cluster", "rainbow", "--xds", xcp.xds, "--admin-port", String(admin)];
  const { code, stdout, stderr } = await runToEnd(binary, ["bootstrap", ...args]);
  if (code !== 0) throw new Error(`Cannot make a bootstrap: exit ${code}: ${stderr}`);
  const file = await scratch.write("bootstrap.yaml", stdout);
  const flags = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "error"];
  const child = spawn(envoy, ["--config-path", file, ...flags], { grace: 5_000 });
  try {
    await eventually(async () => {
      if (!child.running()) return "ended";
      const response = await fetch(`http://127.0.0.1:${listener}/`);
      await response.body?.cancel();
      return response.ok;
    }, { timeout: 30_000, describe: () => `Envoy to answer; it wrote:\n${child.stderr()}\nxcp wrote:\n${xcp.log()}` });
    if (!child.running()) throw new Error(`Envoy ended with ${(await child.exit).code}:\n${child.stderr()}`);
    return child;
  } catch (error) {
    await child.stop();
    throw error;
  }
}

function explain(place: Place, xcp: Xcp, missing: string | undefined): string {
  const look = missing === undefined
    ? `Look:  http://127.0.0.1:${place.listener}/  (or: curl http://127.0.0.1:${place.listener}/colour)`
    : `xcp serves, but there is no Envoy here. ${missing}\nLook:  ${xcp.admin}/readyz`;
  return `
${look}
Edit:  ${join(place.folder, "routes.yaml")}  - change the weights, save, and the colours follow
Ask:   dist/xcp status --admin-url ${xcp.admin}
Stop:  Ctrl-C
`;
}

/** Resolves at the first Ctrl-C or SIGTERM; those after it are left to the children, who end anyway. */
function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  });
}

async function main(): Promise<number> {
  const stopped = untilStopped();
  const binary = await build();
  const envoy = await findEnvoy();
  await using scratch = await temporaryFolder();
  const place = await choosePlace(scratch);
  await using all = new AsyncDisposableStack();
  for (const [colour, port] of Object.entries(place.colours)) all.use(await startColour(colour, port));
  const listen = ["--listen", `127.0.0.1:${isFree(18000) ? 18000 : 0}`];
  const admin = ["--admin", `127.0.0.1:${isFree(18001) ? 18001 : 0}`];
  const xcp = all.use(await startXcp({ args: [place.folder, ...listen, ...admin], grace: 5_000 }));
  const children = new Map([["xcp", xcp.child]]);
  if (envoy.path !== undefined) {
    children.set("Envoy", all.use(await startProxy(envoy.path, binary, xcp, scratch, place.listener)));
  }
  console.log(explain(place, xcp, envoy.path === undefined ? envoy.reason : undefined));
  // What xcp has to say is part of the show: a broken edit names its line.
  xcp.child.follow((text) => Deno.stderr.writeSync(new TextEncoder().encode(text)));
  const ended = [...children].map(([name, child]) => child.exit.then(({ code }) => `${name} ended with ${code}`));
  const first = await Promise.race([stopped, ...ended]);
  // Ctrl-C goes to the children as well, and one of them may be faster than the signal is here.
  const surprise = first && await Promise.race([stopped, new Promise<string>((r) => setTimeout(r, 500, first))]);
  if (surprise) console.error(`${surprise}:\n${[...children.values()].map((child) => child.stderr()).join("")}`);
  return surprise ? 1 : 0;
}

if (import.meta.main) await script(main);
