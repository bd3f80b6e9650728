import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { openStateDir, stateDirPath } from "./state_dir.ts";

async function scratch() {
  const root = await Deno.makeTempDir();
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

/** Another process that takes a directory, says how that went, and stays. */
async function other(path: string) {
  const module = new URL("./state_dir.ts", import.meta.url).href;
  const code = `const { openStateDir } = await import(${JSON.stringify(module)});
    const { kind } = await openStateDir(${JSON.stringify(path)});
    console.log(kind);
    setInterval(() => {}, 1000);`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdout: "piped", stderr: "inherit" }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const kind = (await reader.read()).value?.trim();
  return {
    kind,
    async kill() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await child.status;
      await reader.cancel();
    },
    async [Symbol.asyncDispose]() {
      await this.kill();
    },
  };
}

Deno.test("the state directory is what was asked for, else systemd's, else that of the user", () => {
  const env = { STATE_DIRECTORY: "/var/lib/xcp:/var/lib/other", XDG_STATE_HOME: "/state", HOME: "/home/a" };
  assertEquals(stateDirPath("./here", env), "./here");
  assertEquals(stateDirPath(undefined, env), "/var/lib/xcp");
  assertEquals(stateDirPath(undefined, { ...env, STATE_DIRECTORY: "" }), "/state/xcp");
  const { HOME } = env;
  assertEquals(stateDirPath(undefined, { HOME, XDG_STATE_HOME: "relative" }), "/home/a/.local/state/xcp");
  assertEquals(stateDirPath(undefined, {}), undefined);
});

Deno.test("a directory is made for its owner alone, and one that is there keeps its mode", async () => {
  await using world = await scratch();
  const path = join(world.root, "a/b");
  const state = await openStateDir(path);
  assert(state.kind === "open");
  const mode = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assertEquals([state.path, await mode(path), await mode(join(path, "lock"))], [path, 0o700, 0o700]);
  await state.close();
  await Deno.chmod(path, 0o755);
  const again = await openStateDir(path);
  assert(again.kind === "open");
  await again.close();
  assertEquals(await mode(path), 0o755);
  assertEquals([...Deno.readDirSync(join(path, "lock"))], []);
});

Deno.test("one process has it at a time, also by another path, and the next at once after kill -9", async () => {
  await using world = await scratch();
  const path = join(world.root, "state");
  await using first = await other(path);
  assertEquals(first.kind, "open");
  await Deno.symlink(path, join(world.root, "link"));
  assertEquals((await openStateDir(path)).kind, "taken");
  assertEquals((await openStateDir(join(world.root, "link"))).kind, "taken");
  await using second = await other(path);
  assertEquals(second.kind, "taken");
  await first.kill();
  const state = await openStateDir(path);
  assert(state.kind === "open");
  assertEquals([...Deno.readDirSync(join(path, "lock"))].length, 1);
  await using third = await other(path);
  assertEquals(third.kind, "taken");
  await state.close();
});

Deno.test("of many that start in one moment at most one has it", async () => {
  await using world = await scratch();
  for (let round = 0; round < 20; round++) {
    const states = await Promise.all(Array.from({ length: 8 }, () => openStateDir(world.root)));
    assert(states.filter(({ kind }) => kind === "open").length <= 1);
    assert(states.every(({ kind }) => kind === "open" || kind === "taken"));
    for (const state of states) if (state.kind === "open") await state.close();
  }
  const state = await openStateDir(world.root);
  assert(state.kind === "open");
  await state.close();
});

Deno.test("a path that is too long for a socket is no obstacle", async () => {
  await using world = await scratch();
  const path = join(world.root, ...Array.from({ length: 4 }, () => "x".repeat(60)));
  const state = await openStateDir(path);
  assert(state.kind === "open");
  assertEquals((await openStateDir(path)).kind, "taken");
  await using second = await other(path);
  assertEquals(second.kind, "taken");
  await state.close();
  await using third = await other(path);
  assertEquals(third.kind, "open");
});

Deno.test("a directory that is not to be had says why", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(join(world.root, "file"), "");
  const state = await openStateDir(join(world.root, "file/state"));
  assert(state.kind === "unusable");
  assertStringIncludes(state.why, "not a directory");
});
