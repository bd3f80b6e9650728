/**
 * What Envoy says of a configuration, and its words without what is not meant for people.
 *
 * @module
 */

/** The answer of one run. */
export type Verdict =
  | { readonly kind: "accepted" }
  /** `words` is one line; it may still hold what is secret, see `secrets.ts`. */
  | { readonly kind: "rejected"; readonly words: string }
  /** It crashed, or took too long: that says nothing about the configuration. */
  | { readonly kind: "none"; readonly why: string };

/** Characters of Envoy's words that are shown. */
const MOST = 300;

/** Before this Envoy says which file it read, which is one that nobody knows. */
const PREAMBLE = /error initializing configuration '[^\n]*?': /;

/** Envoy prints whole messages behind such a mark, over many lines, and goes on behind a line that begins with a colon. */
const DUMP = /goo\.gle\/debug\w*/;

/** The reason in what Envoy wrote to stderr, as one line; undefined when it gives none. */
export function wordsOf(stderr: string): string | undefined {
  const start = PREAMBLE.exec(stderr);
  if (start === null) return undefined;
  let words = stderr.slice(start.index + start[0].length);
  const dump = DUMP.exec(words);
  if (dump !== null) {
    const end = words.lastIndexOf("\n: ");
    const after = end < dump.index ? "" : words.slice(end + 3);
    const before = words.slice(0, dump.index).trim();
    words = after === "" ? before.replace(/:$/, "") : `${before} ${after}`;
  }
  words = words.replace(/\s+/g, " ").trim();
  return words === "" ? "no reason given" : words;
}

/** Words that fit into a message. */
export function clipped(words: string): string {
  return words.length <= MOST ? words : `${words.slice(0, MOST - 1)}…`;
}

const MACHINE =
  /existing path in the system|no such file|unable to (open|read) (the )?file|^invalid path: |unable to add filesystem watch|environment variable|permission denied|not supported on this machine/i;

/** `Failed to load private key from path: certs/key.pem`. */
const NAMED_FILE = /\b(?:from|path:?|file:?) (?:path: )?['"]?([^\s'"<>]*[/.][^\s'"<>]*[^\s'"<>.,;:])/g;

/**
 * Whether it is this machine that Envoy complains of: a file or a variable that is there where the configuration will
 * run, and not here. `exists` says which files are.
 */
export function isAboutThisMachine(words: string, exists: (path: string) => boolean): boolean {
  return MACHINE.test(words) || [...words.matchAll(NAMED_FILE)].some(([, path = ""]) => !exists(path));
}
