/**
 * The conformance tables against the compiled binary: the same rows that the pure core is held to, over real streams of
 * both modes, all at the same time on one server. A row that cannot be run that way says why (`core`).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { loadApi } from "../../lib/model/api.ts";
import { Mismatch, run } from "../conformance/runner.ts";
import type { Mode, Row } from "../conformance/script.ts";
import { TABLES } from "../conformance/tables.ts";
import { groupRules, type Place, WireServer } from "../conformance/wire/wire_server.ts";
import { startXcp, temporaryFolder } from "./harness.ts";

/** Rows at the same time: most of a row's time is spent on the way. */
const ABREAST = 24;
/** A row whose steps took so long that the server's clock overtook them is tried again, in the end with nobody beside it. */
const ATTEMPTS = 4;
/** The server's, in milliseconds. */
const ORDER_TIMEOUT = 2_000;

interface Job {
  readonly table: string;
  readonly row: Row;
  readonly mode: Mode;
  readonly number: number;
}

const JOBS: readonly Job[] = Object.entries(TABLES).flatMap(([table, rows]) =>
  rows.filter(({ core }) => core === undefined).flatMap((row) =>
    (row.mode === "both" ? ["sotw", "delta"] as const : [row.mode]).map((mode) => ({ table, row, mode }))
  )
).map((job, number) => ({ ...job, number }));

const id = ({ number, mode }: Job, attempt: number) => `row${number}-${mode}-${attempt}`;

Deno.test("the rows of the conformance tables hold over the wire", async (t) => {
  const attempts = JOBS.flatMap((job) => Array.from({ length: ATTEMPTS }, (_, i) => ({ ...job, id: id(job, i + 1) })));
  await using config = await temporaryFolder();
  await config.write("groups.yaml", groupRules(attempts));
  await using xcp = await startXcp({
    args: [config.path, "--accept-writes", "--validate", "off", "--order-timeout", `${ORDER_TIMEOUT}ms`],
  });
  const place: Place = { address: xcp.xds, admin: xcp.admin, api: loadApi(), orderTimeout: ORDER_TIMEOUT };

  /** Those that take long begin first. */
  const jobs = [...JOBS].sort((a, b) => waits(b.row) - waits(a.row));
  const again: Job[] = [];
  const line = async (attempt: number, late: Job[]) => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      if (await attemptAt(t, job, attempt, place) === "late") late.push(job);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, () => line(1, again)));
  for (let attempt = 2; again.length > 0 && attempt <= ATTEMPTS; attempt++) {
    jobs.push(...again.splice(0));
    await Promise.all(Array.from({ length: attempt === ATTEMPTS ? 1 : 8 }, () => line(attempt, again)));
  }
  assertEquals(again.map(({ row }) => row.name), [], "rows for which the machine is too slow");
});

/** Plays a row as a step of the test. A row that fails because time ran away is not a failure yet. */
async function attemptAt(t: Deno.TestContext, job: Job, attempt: number, place: Place): Promise<"done" | "late"> {
  const server = new WireServer(id(job, attempt), job.row, job.mode, place);
  let failure: unknown;
  try {
    await run(job.row, job.mode, server);
  } catch (error) {
    if (server.late) return "late";
    failure = error;
  }
  await t.step({
    name: `${job.table}, rule ${[job.row.rule].flat().join(", ")}, ${job.mode}: ${job.row.name}`,
    fn() {
      if (failure instanceof Mismatch) throw new Error(failure.message);
      if (failure !== undefined) throw failure;
    },
    sanitizeOps: false,
    sanitizeResources: false,
    sanitizeExit: false,
  });
  return "done";
}

/** How long a row waits, in a table's milliseconds. */
function waits({ script }: Row): number {
  return script.reduce((sum, step) => sum + (step.do === "wake" ? step.ms : 0), 0);
}
