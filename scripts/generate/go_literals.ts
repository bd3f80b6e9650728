/**
 * Reads serialized descriptors out of `.pb.go` files. protoc-gen-go writes each `FileDescriptorProto` into its output,
 * as a string or a byte slice, so the API can be had without compiling Go.
 *
 * @module
 */

const DESCRIPTOR = /^(?:const|var) (file_\w+_rawDesc) = (""|\[\]byte\{)/gm;
const ESCAPES: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "\\": 92,
};

/** All descriptors of one Go source file: usually one, none in files that hold only methods. */
export function descriptorLiterals(source: string): Uint8Array<ArrayBuffer>[] {
  const found: Uint8Array<ArrayBuffer>[] = [];
  for (const match of source.matchAll(DESCRIPTOR)) {
    const start = match.index + match[0].length;
    found.push(match[2] === '""' ? concatenatedStrings(source, start) : byteSlice(source, start));
  }
  return found;
}

/** `+ "…" + "…"`, from behind the first, empty string. */
function concatenatedStrings(source: string, start: number): Uint8Array<ArrayBuffer> {
  const piece = /\s*\+\s*"((?:[^"\\\n]|\\.)*)"/y;
  piece.lastIndex = start;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let match = piece.exec(source); match !== null; match = piece.exec(source)) {
    for (const [part] of (match[1] ?? "").matchAll(/[^\\]+|\\(?:x..|u.{4}|U.{8}|[0-7]{3}|.)/g)) {
      if (part.startsWith("\\")) bytes.push(...escaped(part, encoder));
      else for (const byte of encoder.encode(part)) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}

/** @see https://go.dev/ref/spec#Rune_literals */
function escaped(escape: string, encoder: TextEncoder): Iterable<number> {
  const kind = escape.charAt(1);
  if (kind === "x") return [Number.parseInt(escape.slice(2), 16)];
  if (kind === "u" || kind === "U") {
    return encoder.encode(String.fromCodePoint(Number.parseInt(escape.slice(2), 16)));
  }
  if (/[0-7]/.test(kind)) return [Number.parseInt(escape.slice(1), 8)];
  const byte = ESCAPES[kind];
  if (byte === undefined) throw new Error(`Cannot read the Go escape "${escape}": it is not one that Go knows`);
  return [byte];
}

/** `0x0a, 0x1f, … }`, from behind the opening brace. */
function byteSlice(source: string, start: number): Uint8Array<ArrayBuffer> {
  const end = source.indexOf("}", start);
  const numbers = source.slice(start, end).match(/0x[0-9a-f]+/g) ?? [];
  return Uint8Array.from(numbers, Number);
}
