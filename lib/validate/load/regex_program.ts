/**
 * How long a program RE2 makes of a regular expression: Envoy refuses one of more than 100 instructions.
 *
 * Envoy's regular expressions are over bytes (the `Latin1` option of RE2): a class costs one instruction for each of its
 * ranges. The finished program is flattened, so that branches cost nothing and only what is entered from several sides
 * costs a jump. Counted here on the program of re2js for the bytes of the pattern.
 *
 * @module
 */
import type { RE2JS } from "re2js";
import { type FlatNode, flatSize } from "./regex_flat.ts";

/** Operations of re2js' program (`Inst` there). */
const OP = { alt: 1, altMatch: 2, capture: 3, emptyWidth: 4, fail: 5, match: 6, nop: 7, rune: 8, rune1: 9 } as const;
const ANY = 10;
const ANY_BUT_NEWLINE = 11;

const FOLD_CASE = 1;
const BEGIN_TEXT = 4;
const END_TEXT = 8;
const LAST_BYTE = 0xff;

/** What is certainly too long is not counted to its end. */
const ENOUGH = 400;

interface Inst {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
}

/**
 * Instructions of the flattened program. Where RE2 merges what stands side by side (`a*a` becomes `a+`), which re2js does
 * not, the answer is the smaller one that is possible.
 */
export function programSize(compiled: RE2JS): number {
  const { inst: insts, start } = compiled.re2Input.prog as { inst: readonly Inst[]; start: number };
  if (insts.length > 4 * ENOUGH) return ENOUGH;
  const anchored = anchors(insts, start);
  const prefix = anchored.has(-1) ? withoutPrefix(insts, start) : undefined;
  const nodes: FlatNode[] = [{ op: "stop", out: 0 }];
  /** Where an instruction begins in the program of bytes; instruction 0 is the failure in both. */
  const first: number[] = [0];
  const add = (node: FlatNode): number => nodes.push(node) - 1;
  insts.forEach((inst, i) => {
    if (i === 0) return;
    const ranges = inst.op >= OP.rune ? bytes(inst) : [];
    // Ends refer to instructions of re2js here, and to nodes below.
    if (inst.op === OP.fail || inst.op >= OP.rune && ranges.length === 0) first[i] = 0;
    else if (inst.op === OP.match) first[i] = add({ op: "stop", out: 0 });
    else if (inst.op === OP.alt || inst.op === OP.altMatch) {
      first[i] = add({ op: "alt", out: inst.out, out1: inst.arg });
    } else if (inst.op < OP.rune) {
      first[i] = add({ op: anchored.has(i) || inst.op === OP.nop ? "nop" : "step", out: inst.out });
    } else first[i] = add({ op: "class", out: inst.out, width: ranges.length });
  });
  for (const node of nodes) {
    node.out = first[node.out] ?? 0;
    if (node.out1 !== undefined) node.out1 = first[node.out1] ?? 0;
  }
  const begin = first[prefix ?? start] ?? 0;
  if (begin === 0) return 1;
  let unanchored = begin;
  if (!anchored.has(-1) || prefix !== undefined) {
    unanchored = add({ op: "alt", out: begin, out1: nodes.length + 1 });
    add({ op: "class", out: unanchored, width: 1 });
  }
  return flatSize(nodes, begin, unanchored) - mergeable(insts);
}

/** The ranges of bytes that an instruction of re2js takes: pairs of the first and the last. */
function bytes(inst: Inst): [lo: number, hi: number][] {
  if (inst.op === ANY) return [[0, LAST_BYTE]];
  if (inst.op === ANY_BUT_NEWLINE) return [[0, 9], [11, LAST_BYTE]];
  if (inst.runes.length === 1) {
    const rune = inst.runes[0] ?? 0;
    const cases = (inst.arg & FOLD_CASE) === 0 ? [rune] : foldings(rune);
    return withoutCapitals(cases.map((each) => [each, each]));
  }
  const ranges: [number, number][] = [];
  for (let i = 0; i + 1 < inst.runes.length; i += 2) {
    const [lo = 0, hi = 0] = [inst.runes[i], inst.runes[i + 1]];
    if (lo <= LAST_BYTE) ranges.push([lo, Math.min(hi, LAST_BYTE)]);
  }
  return withoutCapitals(ranges);
}

/** A class that has the same capitals as small letters does without ranges of capitals. */
function withoutCapitals(ranges: [number, number][]): [number, number][] {
  const has = (letter: number) => ranges.some(([lo, hi]) => lo <= letter && letter <= hi);
  for (let i = 0; i < 26; i++) if (has(0x41 + i) !== has(0x61 + i)) return ranges;
  return ranges.filter(([lo, hi]) => !(lo >= 0x41 && hi <= 0x5a));
}

/** The bytes that are equal without regard to case, in order: only letters of ASCII have such. */
function foldings(rune: number): number[] {
  const letter = rune & ~0x20;
  return letter >= 0x41 && letter <= 0x5a ? [letter, letter | 0x20] : [rune];
}

/** RE2 matches `^` and the literal behind it by itself: where the rest begins. Undefined if there is no such beginning. */
function withoutPrefix(insts: readonly Inst[], start: number): number | undefined {
  const entries = insts.map(() => 0);
  const enter = (i: number): void => void (entries[i] = (entries[i] ?? 0) + 1);
  for (const inst of insts) {
    if (inst.op === OP.match || inst.op === OP.fail) continue;
    enter(inst.out);
    if (inst.op === OP.alt || inst.op === OP.altMatch) enter(inst.arg);
  }
  let at = start;
  for (let inst = insts[at]; inst?.op === OP.emptyWidth && inst.arg === BEGIN_TEXT; inst = insts[at]) at = inst.out;
  const after = at;
  for (let inst = insts[at]; inst !== undefined; inst = insts[at]) {
    if (inst.op < OP.rune || inst.runes.length !== 1 || (entries[at] ?? 0) > 1) break;
    at = inst.out;
  }
  return at === after || after === start ? undefined : at;
}

/** `^` at the very beginning and `$` at the very end cost nothing. -1 is in the answer if there is such a `^`. */
function anchors(insts: readonly Inst[], start: number): Set<number> {
  const found = new Set<number>();
  const isFree = (inst: Inst | undefined): inst is Inst => inst?.op === OP.capture || inst?.op === OP.nop;
  let at = start;
  for (let inst = insts[at]; isFree(inst); inst = insts[at]) at = inst.out;
  const first = insts[at];
  if (first?.op === OP.emptyWidth && first.arg === BEGIN_TEXT) found.add(at).add(-1);
  const before: number[][] = insts.map(() => []);
  insts.forEach((inst, i) => {
    if (inst.op === OP.match || inst.op === OP.fail) return;
    before[inst.out]?.push(i);
    if (inst.op === OP.alt || inst.op === OP.altMatch) before[inst.arg]?.push(i);
  });
  let end = insts.findIndex((inst) => inst.op === OP.match);
  for (;;) {
    const [only, ...others] = before[end] ?? [];
    const inst = only === undefined ? undefined : insts[only];
    if (only === undefined || others.length > 0 || inst === undefined) return found;
    if (inst.op === OP.emptyWidth && inst.arg === END_TEXT) return found.add(only);
    if (!isFree(inst)) return found;
    end = only;
  }
}

/** At most so many instructions are saved where a loop over a class is followed by the same class. */
function mergeable(insts: readonly Inst[]): number {
  let saved = 0;
  insts.forEach((inst, i) => {
    if (inst.op !== OP.alt) return;
    for (const [at, exit] of [[inst.out, inst.arg], [inst.arg, inst.out]] as const) {
      const body = insts[at];
      if (body === undefined || body.op < OP.rune || body.out !== i) continue;
      const seen = new Set([at]);
      for (let next: number | undefined = exit; next !== undefined;) {
        const same: number | undefined = firstOf(insts, next).find((each) =>
          !seen.has(each) && isSame(insts[each], body)
        );
        if (same !== undefined) saved += bytes(body).length + 1;
        if (same !== undefined) seen.add(same);
        next = same === undefined ? undefined : insts[same]?.out;
      }
    }
  });
  return saved;
}

/** The instruction, or the two that a branch leads to. */
function firstOf(insts: readonly Inst[], at: number): number[] {
  let inst = insts[at];
  while (inst?.op === OP.nop) inst = insts[at = inst.out];
  return inst?.op === OP.alt ? [inst.out, inst.arg] : [at];
}

function isSame(a: Inst | undefined, b: Inst): boolean {
  return a !== undefined && a.op === b.op && a.arg === b.arg && a.runes.length === b.runes.length &&
    Array.from(a.runes).every((rune, i) => rune === b.runes[i]);
}
