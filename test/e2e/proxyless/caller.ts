/**
 * A gRPC program as a child that calls its target without end, and what became of its calls.
 *
 * @module
 */
import type { GrpcProgram } from "../../tools/grpc_clients.ts";
import { type Child, eventually, runXcp, spawn, temporaryFolder } from "../harness.ts";
import { TARGET } from "./site.ts";

/** One call: what was answered, or its status. */
export interface Call {
  readonly answer?: string;
  /** The number of a gRPC status: 14 is UNAVAILABLE. */
  readonly code?: number;
  readonly error?: string;
}

export interface Caller extends AsyncDisposable {
  readonly child: Child;
  /** Every call that has ended, in this order. */
  calls(): readonly Call[];
  failures(): readonly Call[];
  /** Waits until the latest calls were answered with exactly these. */
  hears(...answers: readonly string[]): Promise<void>;
  /** Waits until the latest calls ended with this status; returns the last one. */
  fails(code: number): Promise<Call>;
}

export interface CallerOptions {
  readonly client: GrpcProgram;
  /** Where xcp serves: `127.0.0.1:40001`. */
  readonly xds: string;
  readonly id?: string;
}

const CALLS_PER_SECOND = 50;

/** So many calls in a row are no chance: of two clusters with equal weights one is missed once in 500 million times. */
const LATEST = 30;

/** Starts a program with the bootstrap that `xcp bootstrap --grpc` prints. */
export async function startCaller({ client, xds, id = "colours-1" }: CallerOptions): Promise<Caller> {
  const folder = await temporaryFolder();
  const { code, stdout, stderr } = await runXcp([
    ...["bootstrap", "--grpc", "--node-id", id, "--cluster", "site", "--xds", xds],
  ]);
  if (code !== 0) throw new Error(`xcp bootstrap --grpc ended with ${code}: ${stderr}`);
  const bootstrap = await folder.write("bootstrap.json", stdout);
  const child = spawn(client.program, [...client.args, TARGET, String(CALLS_PER_SECOND)], {
    env: { HOME: folder.path, GRPC_XDS_BOOTSTRAP: bootstrap, ...client.env },
  });

  function calls(): readonly Call[] {
    // The last piece is a line that is being written.
    return child.stdout().split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  function latest(): readonly Call[] | undefined {
    if (!child.running()) throw new Error(`${client.program} ended`);
    const all = calls();
    return all.length < LATEST ? undefined : all.slice(-LATEST);
  }

  const describe = (what: string) => () =>
    `${what}; the latest: ${JSON.stringify(calls().slice(-LATEST))}; it wrote:\n${child.stderr()}`;

  return {
    child,
    calls,
    failures: () => calls().filter(({ answer }) => answer === undefined),
    async hears(...answers) {
      const expected = [...answers].sort().join();
      const heard = () => [...new Set(latest()?.map(({ answer }) => answer ?? "a failure"))].sort().join();
      await eventually(() => heard() === expected, { timeout: 30_000, describe: describe(`answers ${expected}`) });
    },
    async fails(code) {
      const failed = () => latest()?.every((call) => call.code === code);
      await eventually(failed, { timeout: 60_000, describe: describe(`failures with ${code}`) });
      return calls().at(-1) ?? {};
    },
    async [Symbol.asyncDispose]() {
      try {
        await child.stop();
      } finally {
        await folder[Symbol.asyncDispose]();
      }
    },
  };
}
