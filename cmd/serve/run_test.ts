import { assertEquals, assertMatch } from "@std/assert";
import { readyLine } from "./run.ts";

const CLUSTER = `{"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: web, type: STATIC}\n`;
const READY = /xcp is serving xDS on (127\.0\.0\.1:\d+), admin on (http:\/\/127\.0\.0\.1:\d+)\n/;

/** `xcp serve` as a process of its own, with what it logged so far. */
function child(args: string[]) {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, "serve", ...args, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  let over = false;
  let wake = () => {};
  const reading = (async () => {
    for await (const chunk of process.stderr.pipeThrough(new TextDecoderStream())) {
      log += chunk;
      wake();
    }
    over = true;
    wake();
  })();
  return {
    kill: (signal: Deno.Signal) => process.kill(signal),
    async saw(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const found = pattern.exec(log);
        if (found !== null) return found;
        if (over) throw new Error(`xcp ended without ${pattern}:\n${log}`);
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    async ended(): Promise<{ code: number; log: string }> {
      await reading;
      return { code: (await process.status).code, log };
    },
    async [Symbol.asyncDispose]() {
      try {
        process.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await reading;
      await process.status;
    },
  };
}

async function config() {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.yaml`, CLUSTER);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test("the ready line has every address", () => {
  const addresses = ["127.0.0.1:1", "unix:/x"];
  assertEquals(
    readyLine({ addresses, adminUrl: "http://127.0.0.1:2" }),
    "xcp is serving xDS on 127.0.0.1:1, unix:/x, admin on http://127.0.0.1:2",
  );
  assertEquals(readyLine({ addresses, adminUrl: undefined }), "xcp is serving xDS on 127.0.0.1:1, unix:/x, admin off");
});

Deno.test("serve says that it is ready, reads again on SIGHUP, and ends with 0 on SIGTERM", async () => {
  await using world = await config();
  await using xcp = child([world.folder]);
  const [, , admin] = await xcp.saw(READY);
  assertEquals((await (await fetch(`${admin}/readyz`)).json()).ready, true);
  xcp.kill("SIGHUP");
  await xcp.saw(/Reading sources and certificates again\n[^]*Sources and certificates have been read\n/);
  xcp.kill("SIGTERM");
  const { code, log } = await xcp.ended();
  assertEquals(code, 0);
  assertMatch(log, /SIGTERM: ending the streams\n[^]*xcp has ended\n$/);
});

Deno.test("serve with a source that is not there says where it listens and why it is not ready", async () => {
  await using xcp = child(["/nonexistent/config", "--log-format", "json"]);
  const [line = ""] = await xcp.saw(/^.*is not ready.*$/m);
  const { level, message } = JSON.parse(line);
  assertEquals(level, "warn");
  assertMatch(message, /^xcp listens for xDS on 127\.0\.0\.1:\d+, admin on http:\S+, and is not ready: .*no such file/);
  xcp.kill("SIGINT");
  assertEquals((await xcp.ended()).code, 0);
});
