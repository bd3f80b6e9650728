/**
 * Runs unit tests on Bun, the runtime that ships, after `deno test` ran them on Deno:
 *
 *     deno run -A test/on_bun.ts lib/transport
 *
 * Each test file is bundled, as the product is, and run with a `Deno.test` that is just enough for it. Tests that use
 * more of `Deno` do not run here.
 *
 * @module
 */
import { basename, join } from "node:path";
import { bunPath, hostTarget } from "../scripts/bun.ts";

/** What stands in for `Deno.test`: runs one test after the other, and fails the process when one fails. */
const HARNESS = `
const tests = [];
globalThis.Deno = { test: (name, run) => tests.push({ name, run }) };
await import(process.argv[2]);
const only = process.argv[3];
let failed = 0;
for (const { name, run } of tests.filter((t) => !only || t.name.includes(only))) {
  const start = performance.now();
  let timer;
  const limit = new Promise((_, reject) => timer = setTimeout(() => reject(new Error("takes longer than a minute")), 60_000));
  try {
    await Promise.race([run(), limit]);
    console.log(\`\${name} ... ok (\${Math.round(performance.now() - start)}ms)\`);
  } catch (error) {
    failed++;
    console.log(\`\${name} ... FAILED\`);
    console.log(error);
  }
  clearTimeout(timer);
}
console.log(\`\${tests.length} tests, \${failed} failed, on Bun \${Bun.version}\`);
process.exit(failed === 0 ? 0 : 1);
`;

async function testFiles(path: string): Promise<string[]> {
  if (!(await Deno.stat(path)).isDirectory) return [path];
  const files: string[] = [];
  for await (const { name, isFile } of Deno.readDir(path)) {
    if (isFile && name.endsWith("_test.ts")) files.push(join(path, name));
  }
  return files.sort();
}

async function run(command: string, args: string[]): Promise<boolean> {
  const { success } = await new Deno.Command(command, { args, stdout: "inherit", stderr: "inherit" }).output();
  return success;
}

if (import.meta.main) {
  const [path = "lib/transport", only = ""] = Deno.args;
  const bun = await bunPath(hostTarget());
  const folder = await Deno.makeTempDir({ prefix: "xcp-on-bun-" });
  const failed: string[] = [];
  try {
    const harness = join(folder, "harness.mjs");
    await Deno.writeTextFile(harness, HARNESS);
    for (const file of await testFiles(path)) {
      const bundle = join(folder, `${basename(file, ".ts")}.mjs`);
      const bundled = await run(Deno.execPath(), ["bundle", "--quiet", "--platform=deno", "-o", bundle, file]);
      if (!bundled || !await run(bun, [harness, bundle, only])) failed.push(file);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  if (failed.length > 0) {
    console.error(`failed on Bun: ${failed.join(", ")}`);
    Deno.exit(1);
  }
}
