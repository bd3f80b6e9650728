/**
 * The playground: the policy that is wished for, what became of it, the policies that Envoy took, and the backends.
 *
 * @module
 */
import type { Outcome } from "./announce.ts";
import type { Backend, Mode } from "./backends.ts";
import type { Health } from "./health.ts";
import { expectedShares, firstPolicy, type Policy, randomWeights } from "./policy.ts";
import { FLAW_SENTENCES, SENTENCES, titleOf } from "./words.ts";

export interface PlaygroundOptions {
  readonly backends: readonly Backend[];
  /** Tells xcp that the policy changed. Never rejects. */
  readonly announce: () => Promise<Outcome>;
  /** What Envoy thinks of each backend. Never rejects. */
  readonly health: () => Promise<readonly Health[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Acts every so many milliseconds, until what it returns is called; tests have another clock. */
  readonly every?: (ms: number, act: () => void) => () => void;
  /** What became of a policy, for whoever watches the terminal. */
  readonly onOutcome?: (policy: Policy, outcome: Outcome, ms: number) => void;
}

/** What the page shows. */
export interface View {
  readonly policy: Policy;
  /** What one sees. */
  readonly sentence: string;
  /** xcp and Envoy have not answered yet. */
  readonly applying: boolean;
  readonly outcome: (Outcome & { readonly title: string; readonly ms: number }) | undefined;
  /** What Envoy took, the newest first; times in milliseconds since the epoch. */
  readonly history: readonly {
    readonly id: number;
    readonly title: string;
    readonly at: number;
    readonly current: boolean;
  }[];
  readonly backends: readonly {
    readonly number: number;
    readonly name: string;
    readonly mode: Mode;
    readonly health: Health;
    /** Part of the answers, 0 to 1; null where the policy promises none. */
    readonly expected: number | null;
  }[];
}

interface Accepted {
  readonly id: number;
  readonly policy: Policy;
  readonly at: number;
}

const MOST_HISTORY = 8;
/** Milliseconds between two changes of weights that are one for people. */
const FINGER_MS = 3_000;
/** Milliseconds between two random sets of weights. */
const SHUFFLE_MS = 10_000;
/** Milliseconds for which an answer of Envoy's admin page is good, however many pages look. */
const HEALTH_MS = 500;

function every(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
}

export class Playground {
  readonly #options: PlaygroundOptions;
  /** What the adapter is told. */
  #policy: Policy;
  /** What was wished for last; what comes between is never announced. */
  #wanted: Policy;
  #turn: Promise<void> = Promise.resolve();
  #applying = 0;
  #outcome: View["outcome"];
  #history: Accepted[] = [];
  #ids = 0;
  #health: { readonly at: number; readonly answer: Promise<readonly Health[]> } | undefined;
  readonly #stopShuffling: () => void;

  constructor(options: PlaygroundOptions) {
    this.#options = options;
    this.#wanted = this.#policy = firstPolicy(options.backends.length);
    this.#stopShuffling = (options.every ?? every)(SHUFFLE_MS, () => void this.#shuffleWeights());
  }

  /** The policy that the configuration is to follow from. */
  get policy(): Policy {
    return this.#policy;
  }

  get backends(): readonly Backend[] {
    return this.#options.backends;
  }

  /** Makes xcp and Envoy follow a policy. Resolves when they answered, or another policy overtook it. */
  apply(policy: Policy): Promise<void> {
    this.#wanted = policy;
    this.#applying++;
    return this.#turn = this.#turn.then(async () => {
      try {
        if (this.#wanted === policy) await this.#announce(policy);
      } finally {
        this.#applying--;
      }
    });
  }

  /** Back to a policy that Envoy took: the one with this id, else the last one before what is wished for now. */
  async rollback(id?: number): Promise<boolean> {
    // The newest entry is what Envoy has, unless what is wished for now was refused.
    const back = this.#outcome?.kind === "accepted" ? 1 : 0;
    const entry = id === undefined ? this.#history[back] : this.#history.find((each) => each.id === id);
    if (entry !== undefined) await this.apply(entry.policy);
    return entry !== undefined;
  }

  async view(): Promise<View> {
    const healths = await this.#askHealth();
    const policy = this.#wanted;
    const takesPart = healths.map((health) => health !== "unreachable" && health !== "ejected");
    const shares = expectedShares(policy, takesPart);
    const newest = this.#history[0]?.id;
    return {
      policy,
      sentence: policy.flaw === undefined ? SENTENCES[policy.kind] : FLAW_SENTENCES[policy.flaw],
      applying: this.#applying > 0,
      outcome: this.#outcome,
      history: this.#history.map(({ id, policy, at }) => ({
        id,
        title: titleOf(policy),
        at,
        current: id === newest && this.#outcome?.kind === "accepted",
      })),
      backends: this.backends.map(({ number, colour, mode }, index) => ({
        number,
        name: colour.name,
        mode,
        health: healths[index] ?? "unknown",
        expected: shares[index] ?? null,
      })),
    };
  }

  /** Ends its timer and its backends. */
  async close(): Promise<void> {
    this.#stopShuffling();
    await Promise.all(this.backends.map((backend) => backend.close()));
  }

  async #announce(policy: Policy): Promise<void> {
    const { announce, now, onOutcome } = this.#options;
    this.#policy = policy;
    const start = now();
    const outcome = await announce();
    const ms = now() - start;
    this.#outcome = { ...outcome, title: titleOf(policy), ms };
    if (outcome.kind === "accepted") this.#accepted(policy);
    onOutcome?.(policy, outcome, ms);
  }

  #accepted(policy: Policy): void {
    const at = this.#options.now();
    const [last] = this.#history;
    // A policy that comes back is one entry, and so are weights that change by themselves or under a finger.
    const same = (entry: Accepted) =>
      entry.policy.kind === policy.kind && entry.policy.shuffle === policy.shuffle &&
      (policy.shuffle || policy.kind !== "weights" || String(entry.policy.weights) === String(policy.weights) ||
        (entry === last && at - entry.at < FINGER_MS));
    const rest = this.#history.filter((entry) => !same(entry));
    this.#history = [{ id: ++this.#ids, policy, at }, ...rest].slice(0, MOST_HISTORY);
  }

  async #shuffleWeights(): Promise<void> {
    const { kind, shuffle, flaw } = this.#wanted;
    if (kind !== "weights" || !shuffle || flaw !== undefined || this.#applying > 0) return;
    await this.apply({ ...this.#wanted, weights: randomWeights(this.backends.length, this.#options.random) });
  }

  #askHealth(): Promise<readonly Health[]> {
    const { now, health } = this.#options;
    if (this.#health === undefined || now() - this.#health.at > HEALTH_MS) {
      this.#health = { at: now(), answer: health() };
    }
    return this.#health.answer;
  }
}
