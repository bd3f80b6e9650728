import process from "node:process";
import { run } from "./cmd/run.ts";
import { processContext } from "./cmd/process.ts";

process.exitCode = await run(process.argv.slice(2), processContext());
