/**
 * Constant, bounded load: a request at every tick, whatever became of those before, so that a stall shows as failures
 * and not as a pause.
 *
 * @module
 */
import { Agent, request } from "node:http";

export interface LoadOptions {
  readonly url: string;
  /** Requests a second. */
  readonly rate?: number;
  /** Most requests at a time; one that finds no room for a second counts as failed, for the server did not keep up. */
  readonly concurrency?: number;
  /** Every so many requests one comes over a connection of its own; the others share kept ones. 0: none. */
  readonly freshEvery?: number;
  /** Milliseconds after which a request counts as failed. */
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Failure {
  /** Milliseconds since the load began. */
  readonly at: number;
  /** `503 no healthy upstream`, `ECONNRESET: …`, `no answer in 5000 ms`. */
  readonly reason: string;
}

export interface Report {
  readonly sent: number;
  readonly succeeded: number;
  readonly failures: readonly Failure[];
  /** Milliseconds from the first request to the last. */
  readonly duration: number;
  /** Answers with 200, by body. */
  readonly bodies: Readonly<Record<string, number>>;
}

export interface Load extends AsyncDisposable {
  /** What was seen so far. */
  report(): Report;
  /** Sends no more, waits for what is under way, and reports. */
  stop(): Promise<Report>;
}

/** Milliseconds without room for a request after which the server is to blame. */
const PATIENCE_MS = 1_000;

/** Starts to send requests; every answer but 200 is a failure. Ends at the end of the scope, or with `stop`. */
export function startLoad(options: LoadOptions): Load {
  const { url, rate = 200, concurrency = 64, freshEvery = 0, timeout = 5_000, headers = {} } = options;
  // First in, first out: every kept connection is in use again soon, and hears that it is to be closed.
  const kept = new Agent({ keepAlive: true, maxSockets: concurrency, scheduling: "fifo" });
  const fresh = new Agent({ keepAlive: false });
  const start = performance.now();
  const failures: Failure[] = [];
  const bodies: Record<string, number> = {};
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let succeeded = 0;
  let last = start;

  function fail(at: number, reason: string): void {
    failures.push({ at: Math.round(at - start), reason });
  }

  async function one(index: number): Promise<void> {
    const at = performance.now();
    const agent = freshEvery > 0 && index % freshEvery === 0 ? fresh : kept;
    try {
      const { status, body } = await get(url, agent, headers, timeout);
      if (status !== 200) return fail(at, `${status} ${body.slice(0, 200)}`);
      succeeded++;
      bodies[body] = (bodies[body] ?? 0) + 1;
    } catch (error) {
      fail(at, error instanceof Error ? error.message : String(error));
    }
  }

  let fullSince: number | undefined;

  function tick(): void {
    const now = performance.now();
    fullSince = underWay.size < concurrency ? undefined : fullSince ?? now;
    // A timer that fires late sends what it owes, so the rate is an average that holds.
    const due = Math.floor((now - start) / 1000 * rate) + 1;
    for (; sent < due; sent++) {
      last = now;
      if (underWay.size < concurrency) {
        const task = one(sent).finally(() => underWay.delete(task));
        underWay.add(task);
      } else if (fullSince !== undefined && now - fullSince > PATIENCE_MS) {
        fail(now, `no room: ${concurrency} requests are under way for ${PATIENCE_MS} ms`);
      } else {
        // It may have been this process that stood still: what is owed goes when there is room.
        break;
      }
    }
  }

  const timer = setInterval(tick, Math.max(1, 1000 / rate));
  tick();
  const report = (): Report => ({
    sent,
    succeeded,
    failures: [...failures],
    duration: last - start,
    bodies: { ...bodies },
  });
  async function stop(): Promise<Report> {
    clearInterval(timer);
    await Promise.all(underWay);
    kept.destroy();
    fresh.destroy();
    return report();
  }
  return {
    report,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function get(
  url: string,
  agent: Agent,
  headers: Readonly<Record<string, string>>,
  timeout: number,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => body += piece);
      response.on("end", () => settle(() => resolve({ status: response.statusCode ?? 0, body })));
      response.on("error", (error) => settle(() => reject(error)));
    });
    const timer = setTimeout(() => call.destroy(new Error(`no answer in ${timeout} ms`)), timeout);
    function settle(then: () => void): void {
      clearTimeout(timer);
      then();
    }
    call.on("error", (error) => settle(() => reject(error)));
    call.end();
  });
}
