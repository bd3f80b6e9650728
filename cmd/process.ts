/**
 * The real world of a command. The only room, beside `main.ts`, that touches the process' own streams.
 *
 * @module
 */
import process from "node:process";
import type { Context, Sink } from "./command.ts";

/** The context of a command that somebody typed. */
export function processContext(): Context {
  return {
    env: process.env,
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    stdout: sink(process.stdout),
    stderr: sink(process.stderr),
    now: Date.now,
  };
}

function sink(stream: NodeJS.WriteStream): Sink {
  // `xcp status | head` closes the pipe early: that is no failure, and nobody is left to tell.
  const gone = new AbortController();
  stream.on("error", () => gone.abort());
  return { write: (text) => void stream.write(text), isTerminal: stream.isTTY === true, gone: gone.signal };
}
