/**
 * Bun, the runtime inside the binary: pinned here, because no lock file knows it.
 *
 * @module
 */
import { join } from "node:path";
import { npmPackage, part, PLATFORM } from "./parts.ts";

/** The one version that builds and runs xcp. */
export const BUN_VERSION = "1.4.5";

/** What a binary can be made for: its name in a release, and the npm package whose runtime goes into it. */
export interface Target {
  readonly name: string;
  readonly package: string;
  /** Hash of the package's tarball. */
  readonly integrity: string;
  /** Bun's own name of the target. */
  readonly bun: string;
}

/** All targets whose runtime is pinned, by name. */
export const TARGETS: Readonly<Record<string, Target>> = Object.fromEntries([
  target(
    "linux-x64",
    "linux-x64",
    "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
  ),
  target(
    "linux-x64-baseline",
    "linux-x64-baseline",
    "sha512-s8yMwYcFnnrA178gji0gZbkE2WVDej/Ti1x770oPfihxyRxSMNhGhiAQNXV53aDeraZxksdvKV/RAdQBCd0qPA==",
  ),
  target(
    "linux-arm64",
    "linux-aarch64",
    "sha512-4BXmsSKnjOrlGWqZV4x/oWa7AVoR+B6lCXddMzOAXBIm3t50eslg9wb66gmtW1AamEQ1l1CDvmmruysEhqOWMg==",
  ),
  target(
    "linux-x64-musl",
    "linux-x64-musl",
    "sha512-10QoW/YfTgnURaGEaHpJCiXjLI2e5iTtfVDaA5JKcyUzaa1cq6cVUY9/Uq5XkYzvtRjHLRe9Oj/lTDIQcxy8HQ==",
  ),
  target(
    "linux-arm64-musl",
    "linux-aarch64-musl",
    "sha512-XCNc+WvvMAdNNb+OWTogpy+N9wm62fkVeEVLb6how0RZhW5LPi6c7BlkeVCuWps7XjEl2saFpHFa20/1E+PAHg==",
  ),
  target(
    "darwin-arm64",
    "darwin-aarch64",
    "sha512-4MIFXHmctH2EhAxLXm2/qxNtv17dFtLJylvaOCsrgq6KSqHTs6eW5YSrJjRbJxYUJaR901fsN8JfZOa+CsWpWQ==",
  ),
  target(
    "darwin-x64",
    "darwin-x64",
    "sha512-qkLPMGHZM9NI6CeHTWwVezzmlo6cC4Ta7yUAjYIWXS366qQcOlcp75t2uZyiuVRBMPS0h9qE0tCcvCHGaFqjJg==",
  ),
]);

function target(name: string, bunName: string, integrity: string): [string, Target] {
  return [name, {
    name,
    package: `@oven/bun-${bunName}`,
    integrity,
    bun: `bun-${bunName.replace("aarch64", "arm64")}`,
  }];
}

/** The target that runs on this machine; a processor without AVX2 needs the baseline build. */
export function hostTarget(): Target {
  const name = PLATFORM === "linux-x64" && !hasAvx2() ? "linux-x64-baseline" : PLATFORM;
  const found = TARGETS[name];
  if (found === undefined) throw new Error(`Cannot build for "${name}": Bun is not pinned for it`);
  return found;
}

/** Path of a target's Bun, fetched on first use. */
export async function bunPath(target: Target): Promise<string> {
  const folder = await part(
    `bun-${BUN_VERSION}-${target.name}`,
    (folder) => npmPackage(target.package, BUN_VERSION, target.integrity, folder),
  );
  return join(folder, "bin/bun");
}

function hasAvx2(): boolean {
  try {
    return /\bavx2\b/.test(Deno.readTextFileSync("/proc/cpuinfo"));
  } catch {
    return true;
  }
}
