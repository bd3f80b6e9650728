/**
 * A client of one type on one stream: asks, acknowledges, and hands on what came.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Channel } from "./channel.ts";
import { ClientError, endingError } from "./error.ts";
import { type Applied, Holding } from "./holding.ts";
import { type Answer, decodeAnswer, encodeRequest, methodOf, type Query, type Verdict } from "./messages.ts";

export interface FollowOptions {
  /** Milliseconds for {@link FollowOptions.until} to come true. */
  readonly timeoutMs: number;
  /** `settled`: follow until every name was answered, or the time is over. `aborted`: until `signal`. */
  readonly until: "settled" | "aborted";
  readonly signal?: AbortSignal | undefined;
  /** A resource that a client could not use: why, as it follows a colon. */
  readonly inspect?: (type: string, bytes: Uint8Array) => string | undefined;
  /** Called for each answer, after it was applied. */
  readonly onAnswer?: (applied: Applied, holding: Holding) => void;
  /** Called with a sentence about what the server should not have done. */
  readonly onOddity?: (sentence: string) => void;
}

/** How long the server has to end a stream after its client is through with it. */
const GRACE_MS = 500;
/** A rejection is for people, and goes into logs. */
const MAX_ERROR = 1_000;

/**
 * Follows a type. Resolves with what is held: when every name was answered, when the time is over and the server said
 * something or names were asked for (then some are owed), or when `signal` ends it.
 *
 * @throws {ClientError} The server cannot be reached, ended the stream, or said nothing at all about everything.
 */
export function follow(channel: Channel, query: Query, options: FollowOptions): Promise<Holding> {
  const method = methodOf(query);
  if (method === undefined) throw new Error(`Cannot follow "${query.type}": it has no service of its own in this mode`);
  const { timeoutMs, until, signal, inspect, onAnswer, onOddity } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Holding>();
  const holding = new Holding(query);
  const same = (bytes: Buffer) => bytes;
  const call = channel.client.makeBidiStreamRequest<Buffer, Buffer>(method, same, same);
  let accepted = "";
  let wasConnected = false;
  let over = false;

  const timer = setTimeout(() => {
    if (!channel.connected() && !holding.answered) {
      finish(new ClientError("unreachable", `no connection in ${timeoutMs / 1000} s`));
    } else if (until === "settled") {
      const silent = !holding.answered && query.names.length === 0;
      finish(silent ? new ClientError("silent", `no answer in ${timeoutMs / 1000} s`) : undefined);
    } else if (!holding.answered) {
      onOddity?.(`The server has not answered in ${timeoutMs / 1000} s; still waiting`);
    }
  }, timeoutMs);
  const onAbort = () => finish(undefined);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();

  /** The first end counts. Whatever was written still goes out, then the stream is closed from this side. */
  function finish(error: ClientError | undefined): void {
    if (over) return;
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    call.end();
    const settle = () => {
      clearTimeout(grace);
      call.cancel();
      if (error === undefined) resolve(holding);
      else reject(error);
    };
    const grace = setTimeout(settle, error === undefined && channel.connected() ? GRACE_MS : 0);
    call.once("status", settle);
  }

  function take(answer: Answer): void {
    if (answer.type !== query.type && answer.type !== "") {
      onOddity?.(`The server sent a response of "${answer.type}", which nobody asked for`);
      return;
    }
    const applied = holding.apply({ ...answer, type: query.type });
    const unusable = applied.changes.flatMap((change) => {
      const why = change.kind === "removed" ? undefined : inspect?.(change.now.type, change.now.bytes);
      return why === undefined || change.kind === "removed" ? [] : [`${JSON.stringify(change.now.name)}: ${why}`];
    });
    const problems = [...applied.problems, ...unusable];
    const error = problems.length === 0 ? undefined : problems.join("; ").slice(0, MAX_ERROR);
    if (error === undefined) accepted = answer.version;
    else onOddity?.(`Rejected response "${answer.version}": ${error}`);
    send({ version: accepted, nonce: answer.nonce, error });
    onAnswer?.({ ...applied, problems }, holding);
    if (until === "settled" && holding.owed().length === 0) finish(undefined);
  }

  function send(verdict?: Verdict): void {
    call.write(encodeRequest(query, verdict));
  }

  call.on("metadata", () => wasConnected = true);
  call.on("data", (bytes: Buffer) => {
    if (over) return;
    wasConnected = true;
    let answer;
    try {
      answer = decodeAnswer(query.mode, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (cause) {
      return finish(new ClientError("garbled", "it sends what is no xDS response", { cause }));
    }
    take(answer);
  });
  call.on("error", () => {}); // the status says it too
  call.on(
    "status",
    (ending) => finish(endingError(ending, { method, connected: wasConnected || channel.connected() })),
  );
  send();
  return promise;
}
