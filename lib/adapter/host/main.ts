/**
 * The entry of an adapter's process when xcp runs from source; the compiled binary has a hidden command instead.
 *
 * @module
 */
import process from "node:process";
import { runHost } from "./run.ts";

const [adapter = "", name = adapter] = process.argv.slice(2);
await runHost({ adapter, name, builtIn: {} });
