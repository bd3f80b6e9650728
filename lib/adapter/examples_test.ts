import { assertEquals } from "@std/assert";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { eventually } from "../../test/e2e/harness/eventually.ts";
import { replaceFile } from "../../test/e2e/harness/files.ts";
import { environment } from "./environment.ts";
import { startCommand, type Started } from "./testing.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/adapters/", import.meta.url));

interface Language {
  readonly name: string;
  readonly folder: string;
  /** Whether it can be run on this machine. */
  readonly ignore: boolean;
  /** Makes the program in a folder, and returns how it is run. */
  command(folder: string): Promise<readonly [string, ...string[]]>;
}

const LANGUAGES: readonly Language[] = [
  {
    name: "Python",
    folder: join(EXAMPLES, "python"),
    ignore: !await isThere("python3", "--version"),
    command: () => Promise.resolve(["python3", join(EXAMPLES, "python/adapter.py")]),
  },
  {
    name: "Go",
    folder: join(EXAMPLES, "go"),
    ignore: !await isThere("go", "version"),
    async command(folder) {
      const program = join(folder, "adapter");
      const args = ["build", "-o", program, "."];
      const { success, stderr } = await new Deno.Command("go", { args, cwd: join(EXAMPLES, "go"), stderr: "piped" })
        .output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      return [program];
    },
  },
];

async function isThere(command: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Names of the resources of a group, in order. */
async function names(adapter: Started, group: string): Promise<unknown> {
  const generated = await adapter.ask({ call: "generate", group, changes: "all" });
  if (!Array.isArray(generated)) return generated;
  return generated.map((resource) => `${resource["@type"].split(".").at(-1)} ${resource.name}`);
}

for (const { name, folder, ignore, command } of LANGUAGES) {
  Deno.test({
    name: `${name}: the example lists, generates, tells of changes, fails, and ends`,
    ignore,
    async fn() {
      const work = await Deno.makeTempDir({ prefix: "xcp-adapter-" });
      try {
        const services = join(work, "services.json");
        await copyFile(join(folder, "services.json"), services);
        const [program, ...args] = await command(work);
        const env = { ...environment([], process.env), SERVICES: services };
        await using adapter = await startCommand(program, args, { env });
        assertEquals(await adapter.init(), { ping: true });
        assertEquals(await adapter.list(), [{ group: "edge", id: "orders" }, { group: "edge", id: "site" }]);
        assertEquals(await names(adapter, "edge"), [
          "Listener http",
          "RouteConfiguration services",
          "Cluster orders",
          "Cluster site",
        ]);
        assertEquals(await names(adapter, "other"), null);
        assertEquals(await adapter.ask({ call: "ping" }), null);

        const other = { name: "new", group: "other", prefix: "/", address: "127.0.0.1", port: 1 };
        await replaceFile(services, JSON.stringify([other]));
        await eventually(() => adapter.changed.length >= 2, { describe: () => adapter.logged.join("\n") });
        assertEquals(adapter.changed.map(({ group }) => group).sort(), ["edge", "other"]);
        assertEquals(await names(adapter, "edge"), null);
        assertEquals(await names(adapter, "other"), ["Listener http", "RouteConfiguration services", "Cluster new"]);

        await replaceFile(services, "nonsense");
        assertEquals(`${await names(adapter, "other")}`.startsWith("failed: "), true);

        await adapter.program.stop(30_000);
        assertEquals(await adapter.program.ended, "it exited with 0");
        assertEquals(adapter.logged, []);
      } finally {
        await Deno.remove(work, { recursive: true });
      }
    },
  });
}
