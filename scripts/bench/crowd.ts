/**
 * The crowd of clients (`test/load/client.ts`) as a child.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Said } from "../../test/load/client.ts";
import type { Mode } from "../../test/load/messages.ts";
import { bunPath, hostTarget } from "../bun.ts";

const CLIENT = fileURLToPath(new URL("../../test/load/client.ts", import.meta.url));

/** When the last stream got its message, in milliseconds since the epoch, and the bytes that all got. */
export type Taken = Extract<Said, { kind: "taken" }>;

export interface Crowd extends AsyncDisposable {
  /** The first state of all streams. */
  readonly opened: Promise<Taken>;
  /** Resolves when the crowd waits for the next message, to what will be when everyone has it. */
  arm(): Promise<{ readonly taken: Promise<Taken> }>;
}

/** Starts the clients; Bun runs them in half of the memory that Deno takes for a thousand connections. */
export async function startCrowd(address: string, mode: Mode, streams: number): Promise<Crowd> {
  const child = new Deno.Command(await bunPath(hostTarget()), {
    args: [CLIENT, address, mode, String(streams)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const said = lines(child.stdout);
  const stdin = child.stdin.getWriter();

  async function next<K extends Said["kind"]>(kind: K): Promise<Extract<Said, { kind: K }>> {
    const { value } = await said.next();
    if (value === undefined) throw new Error(`The clients ended with ${(await child.status).code}`);
    const line: Said = JSON.parse(value);
    if (is(line, kind)) return line;
    throw new Error(line.kind === "failed" ? `The clients failed: ${line.message}` : `The clients said ${value}`);
  }

  return {
    opened: next("taken"),
    async arm() {
      await stdin.write(new TextEncoder().encode("\n"));
      await next("armed");
      return { taken: next("taken") };
    },
    async [Symbol.asyncDispose]() {
      await stdin.close().catch(() => {}); // it has ended by itself
      await child.status;
    },
  };
}

function is<K extends Said["kind"]>(said: Said, kind: K): said is Extract<Said, { kind: K }> {
  return said.kind === kind;
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) {
    text += decoder.decode(bytes, { stream: true });
    const whole = text.split("\n");
    text = whole.pop() ?? "";
    yield* whole;
  }
}
