/**
 * A look at plain regular expressions without compiling them, which takes most of the time otherwise.
 *
 * @module
 */

/** Classes and escapes of the plainest kind, groups, repetitions, and characters that stand for themselves. */
const TOKEN =
  /\[\^?(?:a-z|A-Z|0-9|a-f|A-F|[\w/.:,=@~%])+-?\]|\\[dDwWsS.?+*()|[\]{}^$/-]|\((?:\?:)?|[*+?]\??|[\w/:=,@~%&;!"'<># -]|[.)|^$]/y;

/** Instructions of a class that has a letter. */
const CLASSES: Readonly<Record<string, number>> = {
  "\\d": 1,
  "\\D": 2,
  "\\w": 4,
  "\\W": 5,
  "\\s": 3,
  "\\S": 4,
  ".": 2,
};

/**
 * At most so many instructions has the program of a pattern that RE2 takes for certain; undefined where only compiling
 * it can tell.
 */
export function simpleSize(pattern: string): number | undefined {
  // The failure, the match, and the loop in front.
  let size = 6;
  let open = 0;
  let canRepeat = false;
  for (let at = 0; at < pattern.length;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(pattern)?.[0];
    if (token === undefined) return undefined;
    at += token.length;
    const [first = ""] = token;
    if ("*+?".includes(first)) {
      if (!canRepeat) return undefined;
      canRepeat = false;
      size += 2;
    } else if (first === "(") {
      open++;
      canRepeat = false;
      size += 3;
    } else if (first === ")") {
      if (--open < 0) return undefined;
      canRepeat = true;
      size++;
    } else {
      canRepeat = !"|^$".includes(first);
      size += first === "|" ? 2 : first === "[" ? token.length : CLASSES[token] ?? 1;
    }
  }
  return open === 0 ? size : undefined;
}
