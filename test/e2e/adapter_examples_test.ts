import { assertEquals } from "@std/assert";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { copyExample, findModules } from "../tools/adapter_example.ts";
import { runToEnd, runXcp } from "./harness.ts";

/** Examples in TypeScript. The types of Envoy and of packages are not here, so no other check of ours can look at them. */
const EXAMPLES = ["openapi", "postgres"];

for (const example of EXAMPLES) {
  const modules = await findModules(example);
  if (modules.path === undefined) console.error(modules.reason);

  Deno.test({
    name: `examples/adapters/${example} fits the types that xcp writes, is formatted and without a warning`,
    ignore: modules.path === undefined,
    async fn() {
      await using folder = await copyExample(example, modules.path ?? "");
      const { code, stderr } = await runXcp(["types", folder.path]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals(errorsIn(folder.path), []);

      const names = (await readdir(folder.path)).filter((name) => name.endsWith(".ts") && name !== "xcp.d.ts");
      const files = names.map((name) => folder.at(name));
      for (const args of [["fmt", "--check", "--line-width=120"], ["lint", "--quiet"]]) {
        const { code, stderr } = await runToEnd(Deno.execPath(), [...args, "--no-config", ...files]);
        assertEquals(code, 0, stderr);
      }
    },
  });
}

Deno.test("every example of an adapter in TypeScript is looked at", async () => {
  const all = fileURLToPath(new URL("../../examples/adapters/", import.meta.url));
  const found = (await readdir(all, { recursive: true }))
    .filter((path) => path.endsWith("/adapter.ts") && !path.includes("node_modules"));
  assertEquals(found.sort(), EXAMPLES.map((name) => `${name}/adapter.ts`));
});

/** What an editor marks: `adapter.ts:3: message`. */
function errorsIn(folder: string): string[] {
  const file = `${folder}/tsconfig.json`;
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent(config, ts.sys, folder, {}, file);
  const program = ts.createProgram(fileNames, options);
  return [...errors, ...ts.getPreEmitDiagnostics(program)].map(({ file, start = 0, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, "\n");
    if (file === undefined) return message;
    return `${file.fileName.slice(folder.length + 1)}:${
      file.getLineAndCharacterOfPosition(start).line + 1
    }: ${message}`;
  });
}
