/**
 * One call of a store: it has an end, also where the disk has none.
 *
 * @module
 */
import { StoreError } from "../blobs.ts";
import { leavesDoubt, storeError } from "./fault.ts";

/** A call while it runs. */
export class Call {
  #ended: StoreError | undefined;
  /** What the disk was asked last may have happened although it was not answered. */
  #doubt = false;

  get doubt(): boolean {
    return this.#doubt;
  }

  /** Throws when nobody waits for the answer any more: before each step that others would see. */
  check(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  end(error: StoreError): void {
    this.#ended ??= error;
  }

  /** The step that others see. Whatever fails after it, it may have happened. */
  async commit(step: () => Promise<unknown>): Promise<void> {
    this.check();
    try {
      await step();
    } catch (error) {
      this.#doubt = leavesDoubt(error);
      throw error;
    }
    this.#doubt = true;
  }
}

export interface CallOptions {
  /** The words before the colon of an error. */
  readonly action: string;
  readonly subject: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** The calls of a store that are under way. */
export class Calls {
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /** Rejects with nothing but a {@link StoreError}. A disk that does not answer is left alone with it. */
  run<T>({ action, subject, signal, timeoutMs }: CallOptions, work: (call: Call) => Promise<T>): Promise<T> {
    const failed = (why: unknown, doubt = false) => storeError(action, subject, why, doubt);
    if (this.#closed) return Promise.reject(failed(new Error("the store is closed")));
    const aborted = () =>
      new StoreError("aborted", `Cannot ${action} "${subject}": aborted`, { cause: signal?.reason });
    if (signal?.aborted) return Promise.reject(aborted());
    return new Promise((resolve, reject) => {
      const call = new Call();
      const end = (error: StoreError) => {
        call.end(error);
        reject(error);
      };
      const abort = () => end(aborted());
      signal?.addEventListener("abort", abort, { once: true });
      const late = `Cannot ${action} "${subject}": no answer in ${timeoutMs / 1000} s`;
      const timer = setTimeout(() => end(new StoreError("unreachable", late)), timeoutMs);
      const running: Promise<void> = work(call).then(resolve, (error) => reject(failed(error, call.doubt))).finally(
        () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
          this.#running.delete(running);
        },
      );
      this.#running.add(running);
    });
  }

  /** Resolves when nothing is under way, or at the end of the time; nothing begins any more. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => timer = setTimeout(resolve, timeoutMs));
    await Promise.race([Promise.all(this.#running), late]);
    clearTimeout(timer);
  }
}
