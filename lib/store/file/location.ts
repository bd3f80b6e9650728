/**
 * Where a store of files is, as people write it: `file:///path`.
 *
 * @module
 */
import { dirname, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StoreError } from "../blobs.ts";

/**
 * The folder that a URL names, there or not.
 *
 * @throws {StoreError} `url`
 */
export function folderOf(url: string): string {
  const no = (why: string) => new StoreError("url", `Cannot open ${JSON.stringify(url)}: ${why}`);
  let path: string;
  try {
    const { protocol, host, search, hash } = new URL(url);
    if (protocol !== "file:" || host !== "" || search !== "" || hash !== "") throw new Error();
    path = fileURLToPath(url);
  } catch {
    throw no("not of the form file:///path");
  }
  if (path.includes("\0")) throw no("no path has such a character");
  // `join` takes the slash at the end away, which would make a symlink a folder.
  path = join(path, ".");
  if (!isAbsolute(path) || dirname(path) === path) throw no("not of the form file:///path");
  return path;
}
