/**
 * The way back to xcp: standard output, which the host takes for itself.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import type { Definition } from "../protocol.ts";
import { LINE_BYTES } from "../said.ts";

export type Level = "debug" | "info" | "warn" | "error";

/** What the host says; `Said` in the form it is written. */
export type Message =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly items: readonly Definition[] }
  | { readonly id: number; readonly error: { readonly message: string } }
  | { readonly changed: { readonly group: string; readonly ids?: readonly string[] | undefined } }
  | { readonly log: { readonly level: Level; readonly message: string } };

/** Milliseconds that the last words may take. */
const LAST_MS = 1000;

export class Wire {
  readonly #write: NodeJS.WriteStream["write"];

  /** Takes standard output: what anybody else writes there from now on, a package perhaps, goes to the log. */
  constructor() {
    const { stdout } = process;
    this.#write = stdout.write.bind(stdout);
    let part = "";
    stdout.write = (chunk: string | Uint8Array, ...rest: unknown[]) => {
      const lines = (part + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"))).split("\n");
      part = lines.pop() ?? "";
      for (const line of lines) this.log("info", line);
      const done = rest.findLast((one) => typeof one === "function");
      if (done !== undefined) queueMicrotask(() => done());
      return true;
    };
  }

  /** @throws {Error} If the message cannot be JSON, or is too long */
  send(message: Message): void {
    const line = JSON.stringify(message);
    const bytes = Buffer.byteLength(line);
    if (bytes > LINE_BYTES) {
      const mib = (value: number) => Math.ceil(value / 1024 / 1024);
      throw new Error(`the answer has ${mib(bytes)} MiB, and ${mib(LINE_BYTES)} MiB is the most`);
    }
    this.#write(`${line}\n`);
  }

  log(level: Level, message: string): void {
    this.send({ log: { level, message } });
  }

  /** Ends the process once everything is written. Never resolves. */
  exit(code: number): Promise<never> {
    setTimeout(() => process.exit(code), LAST_MS);
    this.#write("", () => process.exit(code));
    return new Promise(() => {});
  }
}
