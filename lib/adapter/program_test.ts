import { assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../../test/e2e/harness/eventually.ts";
import { startAdapter, startCommand, startShell } from "./testing.ts";

const MIB = 1024 * 1024;
const GENERATE = { call: "generate", group: "g", changes: "all" } as const;
/** A good adapter, as the rest of an object. */
const GOOD = "init() { return 1; }, *list() {}, generate: () => []";
/** A program that answers `init` and then does something. */
const after = (rest: string) => `read line; echo '{"id":1,"result":{}}'; ${rest}`;

/** Whether a process runs; one that has ended and that nobody waited for does not. */
async function runs(pid: number): Promise<boolean> {
  const ps = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`], stdout: "piped" });
  const state = new TextDecoder().decode((await ps.output()).stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

async function eventuallyGone(pid: number): Promise<void> {
  await eventually(async () => !await runs(pid), { describe: `process ${pid} to be gone` });
}

Deno.test("an adapter is called, answers, announces, logs, and is closed", async () => {
  await using adapter = await startAdapter(`export default {
    async init(context) { context.changed("g", ["a"]); context.log.warn("up"); return { context }; },
    async *list() { yield { group: "g", id: "a" }; },
    async generate({ context }, group, changes) { context.changed(group); return [{ group, changes }]; },
    async close() { console.log("closed"); },
  };`);
  assertEquals(await adapter.init(), { ping: true });
  assertEquals(await adapter.list(), [{ group: "g", id: "a" }]);
  assertEquals(await adapter.ask({ ...GENERATE, changes: { ids: ["a"] } }), [{ group: "g", changes: { ids: ["a"] } }]);
  assertEquals(adapter.changed, [{ group: "g", ids: ["a"] }, { group: "g", ids: undefined }]);
  await adapter.program.stop(30_000);
  assertEquals(await adapter.ended(), "it exited with 0");
  assertEquals(adapter.logged, ["warn up", "info closed"]);
  assertEquals(await adapter.ask(GENERATE), "ended: it exited with 0");
});

Deno.test("what init, list and generate throw is the error of that call, and the adapter lives on", async () => {
  await using init = await startAdapter(`export default { ${GOOD}, init() { throw new Error("no database"); } };`);
  assertEquals(await init.init(), "failed: no database (./adapter.ts:1:87)");
  await using adapter = await startAdapter(`export default {
    init() {},
    async *list() { yield { group: "g", id: "a" }; throw new Error("no list"); },
    generate(_, group) { if (group === "g") throw new Error("no group"); return []; },
  };`);
  await adapter.init();
  assertEquals(await adapter.list(), "no list (./adapter.ts:3:58)");
  assertEquals(await adapter.ask(GENERATE), "failed: no group (./adapter.ts:4:51)");
  assertEquals(await adapter.ask({ ...GENERATE, group: "other" }), []);
});

Deno.test("a call that never comes to its end is late, and others go on", async () => {
  await using adapter = await startAdapter(`export default {
    init() {}, *list() {}, generate: (_, group) => group === "g" ? new Promise(() => {}) : [],
  };`);
  await adapter.init();
  assertEquals(await adapter.ask(GENERATE, 200), "late: it did not answer within 0.2 s");
  assertEquals(await adapter.ask({ ...GENERATE, group: "other" }), []);
});

Deno.test("an adapter that spins does not answer its ping, and is killed", async () => {
  await using adapter = await startAdapter(`export default { ${GOOD}, generate() { while (true); } };`, {
    pingMs: 1500,
  });
  await adapter.init();
  assertEquals(await adapter.ask(GENERATE), "ended: it did not answer for 1.5 s");
  assertEquals(await adapter.ended(), "it did not answer for 1.5 s");
});

Deno.test("an adapter that answers its pings is not killed, however long a call takes", async () => {
  await using adapter = await startAdapter(
    `export default { ${GOOD}, generate: () => new Promise((resolve) => setTimeout(() => resolve([1]), 3000)) };`,
    { pingMs: 1500 },
  );
  await adapter.init();
  assertEquals(await adapter.ask(GENERATE), [1]);
});

Deno.test("an adapter that leaks is killed at its limit of memory, and so is one whose child does", async () => {
  const leak = `const held = []; setInterval(() => held.push(new Uint8Array(16 * ${MIB}).fill(1)), 20);`;
  await using adapter = await startAdapter(`${leak} export default { ${GOOD} };`, { memoryBytes: 384 * MIB });
  await adapter.init();
  assertEquals(await adapter.ended(), "it used more than 384 MiB");
  const child = `x=$(head -c ${192 * MIB} /dev/zero | tr '\\0' x); sleep 300; :`;
  await using shell = await startShell(`(${child}) & wait`, { memoryBytes: 96 * MIB });
  assertEquals(await shell.ended(), "it used more than 96 MiB");
});

Deno.test("an end says how: a code, a signal, or that it never began", async () => {
  await using code = await startShell("exit 3");
  assertEquals(await code.ended(), "it exited with 3");
  await using signal = await startShell("kill -9 $$");
  assertEquals(await signal.init(), "ended: it was killed by SIGKILL");
  await using fault = await startShell("kill -SEGV $$");
  assertEquals(await fault.ended(), "it was killed by SIGSEGV");
  await using missing = await startCommand("/nowhere/program", []);
  assertEquals(await missing.init(), "ended: it cannot be run: no such file or directory");
  await using file = await startCommand(new URL("../../deno.json", import.meta.url).pathname, []);
  assertEquals(await file.ended(), "it cannot be run: permission denied");
});

Deno.test("what was said before the end is heard", async () => {
  await using last = await startShell(
    `${after('read line; echo \'{"id":2,"result":[]}\'; printf "last words" >&2; exit 1')}`,
  );
  await last.init();
  assertEquals(await last.ask(GENERATE), []);
  assertEquals(await last.ended(), "it exited with 1");
  assertEquals(last.logged, ["info last words"]);
});

Deno.test("a line that is no message is told and passed over; one after the other is the end", async () => {
  await using some = await startShell(
    `echo "up!"; ${after('read line; echo \'{"id":77,"result":1}\'; echo \'{"id":2,"result":[]}\'; read line')}`,
  );
  await some.init();
  assertEquals(await some.ask(GENERATE), []);
  assertEquals(some.logged, [
    'warn Cannot understand what "exec:./program" wrote: it is no JSON: "up!"',
    'warn Cannot understand what "exec:./program" wrote: there is no call 77',
  ]);
  await using many = await startShell("while :; do echo junk; done");
  assertEquals(await many.ended(), "it writes what is no message of the protocol: it is no JSON");
  assertEquals(many.logged.length, 11);
});

Deno.test("a line without an end is the end", async () => {
  await using adapter = await startShell("tr '\\0' x < /dev/zero");
  assertEquals(await adapter.ended(), "it wrote a line of more than 128 MiB");
});

Deno.test("standard error goes to the log, in lines that are cut, and not all of a flood", async () => {
  await using adapter = await startShell(
    `echo one >&2; echo >&2; (head -c 5000 /dev/zero | tr '\\0' x; echo) >&2; i=0; ` +
      `while [ $i -lt 2000 ]; do echo $i >&2; i=$((i+1)); done; exit 1`,
  );
  await adapter.ended();
  assertEquals(adapter.logged.slice(0, 2), ["info one", `info ${"x".repeat(4096)}…`]);
  assertEquals(adapter.logged.length < 1000, true, `${adapter.logged.length}`);
});

Deno.test("whatever an adapter started ends with it, also when it ends by itself", async () => {
  const child = 'sleep 300 & echo "{\\"log\\":{\\"level\\":\\"info\\",\\"message\\":\\"$!\\"}}";';
  for (const [script, why] of [[`${child} exit 0`, "it exited with 0"], [`${child} wait`, undefined]] as const) {
    await using adapter = await startShell(script);
    const pid = Number((await eventually(() => adapter.logged[0])).split(" ")[1]);
    if (why === undefined) await adapter.program.stop(100);
    else assertEquals(await adapter.ended(), why);
    await eventuallyGone(pid);
  }
});

Deno.test("a program that does not close is terminated, and one that ignores that is killed", async () => {
  const polite = await startShell("trap 'exit 4' TERM; while :; do sleep 0.05; done");
  await polite[Symbol.asyncDispose]();
  assertEquals(await polite.ended(), "it exited with 4");
  const deaf = await startShell('trap \'\' TERM; echo \'{"changed":{"group":"g"}}\'; while :; do sleep 0.05; done');
  await eventually(() => deaf.changed.length > 0);
  await deaf.program.stop(200);
  assertEquals(await deaf.ended(), "it was killed by SIGKILL");
  await deaf[Symbol.asyncDispose]();
});

Deno.test("an adapter ends when xcp is killed", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(
    `${folder}/adapter.ts`,
    `import process from "node:process"; console.log(process.pid); setInterval(() => {}, 1000); export default { ${GOOD} };`,
  );
  const code = `
    import { startProgram } from ${JSON.stringify(import.meta.resolve("./program.ts"))};
    import { hostCommand } from ${JSON.stringify(import.meta.resolve("./self.ts"))};
    const log = (_, message) => console.log(message);
    const program = startProgram({
      ...hostCommand(${JSON.stringify(`${folder}/adapter.ts`)}, "a"), env: Deno.env.toObject(), name: "a",
      heard: { log, changed() {} }, pingMs: 10_000, clock: () => 0, log: { debug() {} },
    });
    await program.call({ call: "init", protocol: 1 }, { timeoutMs: 60_000 });`;
  const xcp = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdout: "piped" }).spawn();
  try {
    const reader = xcp.stdout.getReader();
    const pid = Number(new TextDecoder().decode((await reader.read()).value));
    assertEquals(await runs(pid), true);
    xcp.kill("SIGKILL");
    await eventuallyGone(pid);
    await reader.cancel();
  } finally {
    await xcp.status;
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a program that does not read is not written to for ever", async () => {
  await using adapter = await startShell("exec sleep 300");
  const ids = ["x".repeat(100 * MIB)];
  const call = { ...GENERATE, changes: { ids } };
  const answers = [adapter.ask(call, 60_000), adapter.ask(call, 60_000), adapter.ask(call, 60_000)];
  assertEquals(await answers[2], "late: it does not read what it is asked");
  await adapter.program.stop(100);
  assertMatch(String(await answers[0]), /^ended: it was killed by SIGTERM/);
  await answers[1];
});
