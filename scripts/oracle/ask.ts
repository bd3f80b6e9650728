/**
 * Asks a real Envoy whether it would start with a bootstrap.
 *
 * @module
 */
import { join } from "node:path";

/** Envoy's verdict: `none` when it crashed or took too long, which says nothing. */
export type Verdict =
  | { readonly says: "ok" }
  | { readonly says: "bad"; readonly words: string }
  | { readonly says: "none"; readonly words: string };

const LONGEST_MS = 15_000;
/** Envoy ends with 1 for a configuration that it refuses; a signal or anything else is an accident. */
const REFUSED = 1;

/** Asks as many Envoys at once as `atOnce` says, in a folder of its own for the files. */
export class Envoy {
  readonly #path: string;
  readonly #folder: string;
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #count = 0;

  constructor(path: string, folder: string, atOnce = 2) {
    this.#path = path;
    this.#folder = folder;
    this.#free = atOnce;
  }

  /** The verdict on a bootstrap; `extension` is `.yaml` or `.json`. */
  async ask(bootstrap: string, extension = ".yaml"): Promise<Verdict> {
    await this.#enter();
    const file = join(this.#folder, `${this.#count++}${extension}`);
    try {
      await Deno.writeTextFile(file, bootstrap);
      return await this.#run(file);
    } finally {
      await Deno.remove(file).catch(() => {});
      this.#free++;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free--;
  }

  async #run(file: string): Promise<Verdict> {
    const args = ["--mode", "validate", "-c", file, "--service-node", "n", "--service-cluster", "c"];
    const child = new Deno.Command(this.#path, {
      args: [...args, "--disable-hot-restart", "-l", "error", "--concurrency", "1"],
      cwd: this.#folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
    const { success, code, stderr } = await child.output();
    clearTimeout(timer);
    if (success) return { says: "ok" };
    const words = clean(new TextDecoder().decode(stderr), file);
    // The rest of the text is a trace of the stack.
    return code === REFUSED ? { says: "bad", words } : { says: "none", words: words.slice(0, 300) };
  }
}

/** The words without time stamps, the name of the file and the configuration itself. */
function clean(words: string, file: string): string {
  return words.split("\n").filter((line) => !line.includes("cgroup"))
    .map((line) => line.replace(/^\[\d{4}-[^\]]*\]\[\d+\]\[\w+\]\[[\w.]+\] (?:\[[^\]]*\] )?/, ""))
    .join(" ").replaceAll(`'${file}'`, "").replace(/error initializing config\w* *:?/, "").replace(/\s+/g, " ").trim()
    .slice(0, 4000);
}
