/**
 * Folders that go away with the test, and files that change as a whole.
 *
 * @module
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Path of something inside. */
  at(...names: string[]): string;
  /** Writes a file as editors and deployments do: beside, then renamed into place. Folders are made. Returns its path. */
  write(name: string, content: string | Uint8Array): Promise<string>;
  /** Removes a file or folder, there or not. */
  remove(name: string): Promise<void>;
}

/** An empty folder in the system's temporary folder, removed at the end of the scope. */
export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "xcp-e2e-"));
  return {
    path,
    at: (...names) => join(path, ...names),
    async write(name, content) {
      const target = join(path, name);
      await replaceFile(target, content);
      return target;
    },
    remove: (name) => rm(join(path, name), { recursive: true, force: true }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Writes a file so that a reader sees the old content or the new, never a part. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const beside = join(dirname(path), `.${crypto.randomUUID()}`);
  await writeFile(beside, content);
  await rename(beside, path);
}
