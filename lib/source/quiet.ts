/**
 * Waits for quiet: many touches in a short time become one act, and a noise that never ends is cut short.
 *
 * @module
 */

export interface QuietOptions {
  /** Milliseconds without a touch before the act. */
  readonly quietMs: number;
  /** Milliseconds after the first touch at which the act comes in any case. */
  readonly maxMs: number;
  /**
   * Never called twice at once. Is told whether time is up; answers false to wait for quiet once more. Must not reject.
   */
  readonly act: (late: boolean) => Promise<boolean>;
}

/** A timer pair around one act. */
export class Quiet {
  readonly #options: QuietOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #late = false;
  #touched = false;
  #closed = false;
  #running: Promise<void> | undefined;

  constructor(options: QuietOptions) {
    this.#options = options;
  }

  /** Nothing is waiting and nothing is under way. */
  get idle(): boolean {
    return this.#timer === undefined && this.#running === undefined;
  }

  /** Something happened. */
  touch(): void {
    if (this.#closed) return;
    if (this.#running !== undefined) this.#touched = true;
    // Once time is up the timer that runs is the last one: further noise must not put it off.
    else if (!(this.#late && this.#timer !== undefined)) this.#arm();
  }

  /** Acts without waiting for quiet, after the act that may be under way. Resolves when it is done. */
  async now(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#closed) return;
    this.#late = true;
    this.#fire();
    await this.#running;
  }

  /** Ends all waiting. Resolves when the act that may be under way is done. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#disarm();
    await this.#running;
  }

  #arm(): void {
    const { quietMs, maxMs } = this.#options;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fire(), quietMs);
    this.#deadline ??= setTimeout(() => {
      this.#late = true;
      this.#fire();
    }, maxMs);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    this.#timer = this.#deadline = undefined;
    this.#late = false;
  }

  #fire(): void {
    if (this.#running !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // Not at once: a touch by the act's first lines must already find it under way.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    this.#touched = false;
    const done = await this.#options.act(this.#late);
    this.#running = undefined;
    if (done) this.#disarm();
    if (!this.#closed && (this.#touched || !done)) this.#arm();
  }
}
