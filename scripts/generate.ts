/**
 * `deno task generate`: makes what is committed in `proto/` and `lib/gen/` from the Go modules that follow Envoy's
 * releases. The same modules give the same bytes. Needs `go` (it downloads, nothing is compiled), a network, and the
 * Envoy of the tests.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { encodeSet, type ProtoFile, readDescriptors, selectFiles } from "./generate/descriptor_set.ts";
import { extensionsModule, readExtensions } from "./generate/extensions.ts";
import { additions, historyModule, type Release } from "./generate/history.ts";
import { downloadModules, EARLIER, ENVOY_MODULE, MODULES } from "./generate/modules.ts";
import { generateTypes } from "./generate/types.ts";
import { envoyPath } from "../test/tools/envoy.ts";

const ROOT = new URL("../", import.meta.url);
const GENERATED = new URL("lib/gen/", ROOT);

const all = new Map<string, ProtoFile[]>();
for (const folder of await downloadModules(MODULES)) await readDescriptors(folder, all);
const files = selectFiles(all);
const set = encodeSet(files);
const sha256 = createHash("sha256").update(set).digest("hex");
const version = MODULES.find((module) => module.path === ENVOY_MODULE)?.version.slice(1) ?? "";
const types = await generateTypes(files.map((file) => file.proto));
const releases = [...await earlierReleases(), { name: minor(version), files: files.map((file) => file.proto) }];
const added = additions(releases);
const extensions = await readExtensions(await envoyPath(), version);

await Deno.writeFile(new URL("proto/envoy.binpb", ROOT), set);
await Deno.writeTextFile(new URL("proto/PROVENANCE.json", ROOT), provenance());
// The old types go file by file at the end: whoever reads one meanwhile finds it whole.
const old = new Set(await Array.fromAsync(generatedFiles(GENERATED)));
const ours = [
  ["version.ts", versionModule()],
  ["history.ts", historyModule(added)],
  ["extensions.ts", extensionsModule(version, extensions)],
] as const;
for (const [path, content] of [...ours, ...types]) {
  const url = new URL(path, GENERATED);
  await Deno.mkdir(new URL("./", url), { recursive: true });
  await Deno.writeTextFile(url, content);
  old.delete(url.href);
}
for (const url of old) await Deno.remove(new URL(url));
console.log(`proto/envoy.binpb: Envoy ${version}, ${files.length} files, ${set.length} bytes, SHA-256 ${sha256}`);
console.log(`lib/gen: types of ${types.size} files`);
for (const [release, lines] of added) console.log(`lib/gen/history.ts: Envoy ${release}, ${lines.length} lines`);

function provenance(): string {
  const record = {
    about: "envoy.binpb: the Envoy v3 API and all that it imports, as one google.protobuf.FileDescriptorSet",
    madeBy: "deno task generate",
    envoy: version,
    modules: MODULES,
    files: files.length,
    bytes: set.length,
    sha256,
  };
  return JSON.stringify(record, null, 2) + "\n";
}

function versionModule(): string {
  return `// Made by \`deno task generate\`; do not edit.
/** The release of Envoy whose API is in \`proto/envoy.binpb\`. Here, so that nobody must read the set to say it. */
export const ENVOY_API_VERSION = "${version}";

/** The releases of which \`history.ts\` says what is newer, the oldest first. */
export const ENVOY_RELEASES: readonly string[] = [${releases.map(({ name }) => `"${name}"`).join(", ")}];
`;
}

/** Each is read alone: what a release imports from elsewhere is not compared. */
async function earlierReleases(): Promise<Release[]> {
  const releases: Release[] = [];
  for (const module of EARLIER) {
    const found = new Map<string, ProtoFile[]>();
    for (const folder of await downloadModules([module])) await readDescriptors(folder, found);
    const files = [...found.values()].flatMap(([file]) => file === undefined ? [] : [file.proto]);
    releases.push({ name: minor(module.version.slice(1)), files });
  }
  return releases;
}

/** `1.38` of `1.38.0`: the API grows with these, not with patches. */
function minor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

async function* generatedFiles(folder: URL): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) yield* generatedFiles(url);
    else if (entry.name.endsWith(".ts")) yield url.href; // the README is ours
  }
}
