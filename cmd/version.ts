/**
 * `xcp version`. Reads neither the descriptor set nor anything else that takes time.
 *
 * @module
 */
import process from "node:process";
import manifest from "../deno.json" with { type: "json" };
import { ENVOY_API_VERSION, ENVOY_RELEASES } from "../lib/gen/version.ts";
import type { Command } from "./command.ts";
import { EXIT } from "./exit.ts";
import { formOf, outputFlag, toJsonText } from "./output.ts";

/** What runs, as labels too: `{version: "0.1.0", envoy_api: "1.40.0", runtime: "bun 1.4.5", platform: "linux-x64"}`. */
export interface VersionInfo {
  readonly version: string;
  readonly envoy_api: string;
  readonly runtime: string;
  readonly platform: string;
}

export function versionInfo(): VersionInfo {
  return {
    version: manifest.version,
    envoy_api: ENVOY_API_VERSION,
    runtime: runtime(process.versions),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** The runtime, by the versions it reports; Bun and Deno also report the Node that they imitate. */
export function runtime(versions: Readonly<Record<string, string | undefined>>): string {
  const name = ["bun", "deno"].find((name) => versions[name] !== undefined) ?? "node";
  return `${name} ${versions[name] ?? ""}`.trimEnd();
}

export const version: Command = {
  name: "version",
  summary: "print the version of xcp and of the Envoy API in it",
  usage: "[-o text|json]",
  examples: [
    { does: "for people", line: "xcp version" },
    { does: "for a script", line: "xcp version -o json" },
  ],
  flags: [outputFlag("text", "json")],
  run(parsed, { stdout }) {
    const info = versionInfo();
    const releases = `${ENVOY_RELEASES[0]} to ${ENVOY_RELEASES.at(-1)}`;
    stdout.write(
      formOf(parsed, ["text", "json"]) === "json"
        ? toJsonText({ ...info, envoy_releases: ENVOY_RELEASES })
        : `xcp ${info.version} (Envoy API ${info.envoy_api}, ${info.runtime}, ${info.platform})
Releases that validate can compare with: Envoy ${releases}
`,
    );
    return EXIT.ok;
  },
};
