/**
 * Something that is done again and again, never twice at once.
 *
 * @module
 */

/** What became of one time. */
interface Tick {
  /** There is nothing more to do: the next time is when somebody asks for it. */
  readonly rest: boolean;
  /** The pause doubles with each. */
  readonly slow: number;
}

interface TickerOptions {
  /** Milliseconds between the end of one time and the next. */
  readonly pollMs: number;
  /** From 0 to 1: a fifth more or less of the pause is left to chance. */
  readonly random: () => number;
}

/** Doublings of the pause. */
const MOST_SLOW = 5;
/** Timers take no more, and one that is too long goes off at once. */
const LONGEST = 2 ** 31 - 1;

export class Ticker {
  readonly #act: (asked: boolean) => Promise<Tick>;
  readonly #options: TickerOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends with what is under way. */
  #last: Promise<Tick> = Promise.resolve({ rest: false, slow: 0 });
  #started = false;
  #closed = false;

  /** `act` never rejects, and is told whether somebody asked for it. */
  constructor(act: (asked: boolean) => Promise<Tick>, options: TickerOptions) {
    this.#act = act;
    this.#options = options;
  }

  /** Acts as soon as nothing else is under way. */
  async now(): Promise<void> {
    await this.#run(true);
  }

  /** Acts again and again from now on. */
  start(): void {
    this.#started = true;
    void this.#last.then((tick) => this.#schedule(tick));
  }

  /** Resolves when nothing is under way any more. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#last;
  }

  #run(asked: boolean): Promise<Tick> {
    return this.#last = this.#last.then(async (last) => {
      if (this.#closed) return last;
      const tick = await this.#act(asked);
      this.#schedule(tick);
      return tick;
    });
  }

  #schedule({ rest, slow }: Tick): void {
    if (!this.#started || this.#closed || rest || this.#timer !== undefined) return;
    const { pollMs, random } = this.#options;
    const pause = pollMs * 2 ** Math.min(slow, MOST_SLOW) * (0.8 + 0.4 * random());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#run(false);
    }, Math.min(pause, LONGEST));
  }
}
