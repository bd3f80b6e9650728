/**
 * The environment of an adapter: what every program needs, and what was granted by name. Whoever starts xcp has
 * credentials in the environment that are no business of an adapter.
 *
 * @module
 */

type Environment = Readonly<Record<string, string | undefined>>;

/** What every adapter has: where programs and temporary files are, and how to write for people. */
const ALWAYS: readonly string[] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/** What makes another program of xcp's own binary, or of Node.js: not even granted ones are handed on. */
const NEVER = /^(BUN_OPTIONS|BUN_BE_BUN|BUN_JSC_.*|NODE_OPTIONS)$/;

/**
 * Picks the variables an adapter gets.
 *
 * @param granted Names, or `PREFIX_*` for all that begin with `PREFIX_`
 */
export function environment(granted: readonly string[], env: Environment): Record<string, string> {
  const wanted = [...ALWAYS, ...granted];
  const isWanted = (name: string) =>
    wanted.some((want) => want.endsWith("*") ? name.startsWith(want.slice(0, -1)) : name === want);
  const picked: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && isWanted(name) && !NEVER.test(name)) picked[name] = value;
  }
  return picked;
}
