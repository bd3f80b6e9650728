/**
 * `THIRD_PARTY_NOTICES.txt`: the licences of everything that a binary carries beside xcp. A text that cannot be found
 * fails the release: most licences allow redistribution only together with their words.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MODULES } from "./generate/modules.ts";
import { BUN_VERSION } from "./bun.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** An npm package of which the bundle holds at least one module. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** Path below Deno's own cache: `npm/<registry>/hono/4.13.19`. */
  readonly path: string;
}

/** Something that is carried, and its words. */
export interface Notice {
  /** `hono 4.13.19 (MIT)`. */
  readonly title: string;
  readonly text: string;
}

/** Files of this repository with the words that a part does not bring along. `LICENSE` is the Apache License 2.0. */
const OUR_COPIES: Readonly<Record<string, readonly string[]>> = {
  // Parts of the AWS SDK whose packages leave out the licence file of their repository.
  "@aws-sdk/credential-provider-http": ["LICENSE"],
  "@aws-sdk/credential-provider-login": ["LICENSE"],
  "@aws-sdk/nested-clients": ["LICENSE"],
  // The parts that read numbers are Google's, and say so at the top of their source.
  "@bufbuild/protobuf": ["LICENSE", "scripts/notices/google_protobuf.txt"],
  // The package has no licence file; its modules name the authors and the licence.
  "deno-std": ["scripts/notices/deno_std.txt"],
  // Parts of hono-openapi: neither the packages nor their repositories have a licence file.
  "@hono/standard-validator": ["scripts/notices/hono_openapi.txt"],
  "@standard-community/standard-json": ["scripts/notices/hono_openapi.txt"],
  "@standard-community/standard-openapi": ["scripts/notices/hono_openapi.txt"],
};

/** The packages that a bundle is made of, in order of name: esbuild writes the path of each module above it. */
export function bundledPackages(bundle: string): Bundled[] {
  const found = new Map<string, Bundled>();
  for (const [, path = "", name = "", version = ""] of bundle.matchAll(MODULE_PATH)) {
    found.set(path, { name, version, path });
  }
  return [...found.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

const MODULE_PATH = /\/(npm\/[^/\s"]+\/((?:@[^/\s"]+\/)?[^/\s"@]+)\/(\d[^/\s"]*))\//g;

/** Everything that a binary made of `bundle` carries. `cache` is Deno's cache folder. Throws when words are missing. */
export async function notices(bundle: string, cache: string): Promise<string> {
  const packages = bundledPackages(bundle);
  if (packages.length === 0) throw new Error("Cannot collect notices: the bundle names no package");
  const carried = await Promise.all(packages.map((bundled) => packageNotice(bundled, join(cache, bundled.path))));
  const api = MODULES.map(({ path, version }) => `${path} ${version}`).join("\n  ");
  carried.push({
    title: `The Envoy API (Apache-2.0, BSD-3-Clause), as descriptors made from\n  ${api}`,
    text: await ours(["LICENSE", "scripts/notices/google_protobuf.txt", "scripts/notices/client_model.txt"]),
  });
  carried.push({ title: `Bun ${BUN_VERSION}, the runtime`, text: await ours(["scripts/notices/bun.txt"]) });
  return formatNotices(carried);
}

/** One section for each text, under the names of all that it belongs to. */
export function formatNotices(carried: readonly Notice[]): string {
  const titles = new Map<string, string[]>();
  for (const { title, text } of carried) {
    const sharing = titles.get(text);
    if (sharing === undefined) titles.set(text, [title]);
    else sharing.push(title);
  }
  const sections = [...titles].map(([text, names]) => `${LINE}\n${names.join("\n")}\n${LINE}\n\n${text}\n`);
  return `The xcp binaries carry the following, under the licences below.\n\n${sections.join("\n")}`;
}

const LINE = "=".repeat(80);

/** The words of one package: its own licence and notice files, else {@link OUR_COPIES}. */
export async function packageNotice({ name, version }: Bundled, folder: string): Promise<Notice> {
  const { license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const own = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const text = own.length > 0 ? own.map(trimmed).join("\n\n") : await ours(OUR_COPIES[name] ?? []);
  if (text === "") {
    throw new Error(`Cannot release: "${name}" ${version} has no licence text; put one into OUR_COPIES`);
  }
  return { title: `${name} ${version} (${license.replaceAll(/^\(|\)$/g, "")})`, text };
}

async function ours(paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => readFile(join(ROOT, path), "utf8")));
  return texts.map(trimmed).join("\n\n");
}

function trimmed(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/^\n+|\s+$/g, "");
}
