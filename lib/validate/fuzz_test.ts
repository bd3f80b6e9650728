/**
 * Whatever is read ends in issues or success: texts that nobody would write, the same for the same seed.
 */
import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { CATALOGUE } from "./catalogue.ts";
import { checksOf } from "./checks.ts";
import { checkConfiguration } from "./configuration.ts";

const api = loadApi();
const checks = checksOf(api, { envoy: "1.36" });

/** Reads and checks; a throw fails the test with the text. */
function issuesOf(content: string | Uint8Array, file = "a.yaml") {
  return checkConfiguration([[{ file, content: readFile(api, content, file, file, checks) }]]);
}

/** Numbers from 0 to below 1 (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Whole files of all kinds: the examples of the rules. */
const TEXTS = [...CATALOGUE.values()].flatMap(({ bad, good }) => [bad, good]).filter((text) => text !== undefined);

/** Values that are seldom where they are put. */
const ODD = [
  "null",
  "~",
  "-1",
  "99999999999999999999",
  "1e400",
  "nan",
  '""',
  '"\\ud800"',
  "[]",
  "{}",
  "[[[]]]",
  "{a: {b: c}}",
  "[null, null]",
  "*a",
  "&a x",
  "!!binary x",
  "| \n x",
  "%",
  "1s",
  "%REQ(",
  "(?<a>(",
  "x".repeat(300),
  '{"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster}',
  '{"@type": type.googleapis.com/google.protobuf.Any, value: {"@type": x}}',
];

/** One to three changes: a value is replaced, a line goes, comes twice or moves, characters change. */
function mutate(text: string, next: () => number): string {
  const below = (limit: number) => Math.floor(next() * limit);
  const lines = text.split("\n");
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const i = below(lines.length);
    const line = lines[i] ?? "";
    const odd = ODD[below(ODD.length)] ?? "";
    switch (below(6)) {
      case 0:
        lines[i] = line.replace(/: .*$/, `: ${odd}`);
        break;
      case 1:
        lines.splice(i, 1);
        break;
      case 2:
        lines.splice(i, 0, line);
        break;
      case 3:
        lines.splice(below(lines.length), 0, ...lines.splice(i, 1));
        break;
      case 4:
        lines[i] = "  ".repeat(below(3)) + line.trimStart();
        break;
      default: {
        const at = below(line.length + 1);
        lines[i] = line.slice(0, at) + String.fromCharCode(below(0x250)) + line.slice(at + below(2));
      }
    }
  }
  return lines.join("\n");
}

Deno.test("a broken copy of any example ends in issues or success, at places that are in the text", () => {
  const next = random(20_261_122);
  for (let i = 0; i < 4_000; i++) {
    const text = mutate(TEXTS[Math.floor(next() * TEXTS.length)] ?? "", next);
    const lines = text.split(/\r\n?|\n/);
    for (const { at, rule, message } of issuesOf(text)) {
      if (at === undefined) continue;
      const line = lines[at.line - 1];
      const inside = line !== undefined && at.column >= 1 && at.column <= line.length + 1;
      assertEquals(inside, true, `${at.line}:${at.column} ${message} [${rule}] in\n${text}`);
      assertEquals(CATALOGUE.has(rule), true, `${rule} has no page`);
    }
  }
});

Deno.test("random bytes end in issues", () => {
  const next = random(7);
  for (let i = 0; i < 500; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(next() * 300) }, () => Math.floor(next() * 256));
    issuesOf(bytes);
    issuesOf(bytes, "a.json");
    issuesOf(new TextDecoder().decode(bytes));
  }
});

Deno.test("what is deep, looped or multiplied is refused", () => {
  const rules = (text: string, file?: string) => issuesOf(text, file).map(({ rule }) => rule);
  for (const deep of ["[".repeat(1e6), "{a: ".repeat(1e5), "- ".repeat(1e5), "? ".repeat(1e5), "&a [".repeat(1e5)]) {
    assertEquals(rules(deep).length, 1, deep.slice(0, 20));
  }
  assertEquals(rules("[".repeat(1e6), "a.json"), ["too-deep"]);
  assertEquals(rules("a: &a { b: *a }"), ["yaml-syntax"]);
  let bomb = `a0: &a0 ["${"x".repeat(100)}"]\n`;
  for (let i = 1; i < 12; i++) bomb += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]\n`;
  assertEquals(rules(`resources:\n- ${bomb.replaceAll("\n", "\n  ")}`), ["alias-expansion"]);
});
