/**
 * `parseArgs` of `@std/cli` with its types: the npm package that carries the standard library has none.
 *
 * @module
 */
// @ts-types="./parse_args.d.ts"
export { parseArgs } from "@std/cli";
