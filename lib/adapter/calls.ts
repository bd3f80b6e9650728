/**
 * The calls that wait for an answer.
 *
 * @module
 */
import { CallError, type Definition } from "./protocol.ts";

type Items = (items: readonly Definition[]) => void;

interface Waiting {
  readonly items: Items | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
  resolve(result: unknown): void;
  reject(error: CallError): void;
}

export class Calls {
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();

  /** Gives a call its number, and the promise of its answer, which rejects with a `CallError`. */
  open(timeoutMs: number, items?: Items): { readonly id: number; readonly answer: Promise<unknown> } {
    const id = this.#next++;
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(
      () => this.fail(id, new CallError("late", `it did not answer within ${seconds(timeoutMs)}`)),
      timeoutMs,
    );
    this.#waiting.set(id, { items, timer, resolve, reject });
    return { id, answer };
  }

  /** Whether a call of this number was ever made: the answer to one that nobody waits for any more is no fault. */
  knows(id: number): boolean {
    return id > 0 && id < this.#next;
  }

  items(id: number, items: readonly Definition[]): void {
    this.#waiting.get(id)?.items?.(items);
  }

  settle(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
  }

  fail(id: number, error: CallError): void {
    this.#take(id)?.reject(error);
  }

  /** The process is gone. */
  end(why: string): void {
    for (const id of [...this.#waiting.keys()]) this.fail(id, new CallError("ended", why));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    clearTimeout(waiting?.timer);
    this.#waiting.delete(id);
    return waiting;
  }
}

/** `10 s`, `0.5 s`. */
export function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
