import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeFile, encodeFile, encodeRecord, type Entry, type Kept } from "./records.ts";

function kept(name: string, content: number[], more: Partial<Kept> = {}): Kept {
  return { type: "t/a", name, bytes: new Uint8Array(content), ttl: undefined, aliases: [], ...more };
}

const WHOLE: Entry = {
  id: "first",
  label: undefined,
  upsert: [kept("größe", [1, 2, 3], { ttl: 1_500 }), kept("", [], { type: "t/b", aliases: ["x", "ÿ/*"] })],
  remove: [],
};
const CHANGE: Entry = { id: "second", label: "", upsert: [kept("web", [9])], remove: [{ type: "t/c", name: "old" }] };

function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    all.set(part, position);
    position += part.length;
  }
  return all;
}

/** Entries with plain bytes, to be compared. */
function plain(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => ({
    ...entry,
    upsert: entry.upsert.map((item) => ({ ...item, bytes: new Uint8Array(item.bytes) })),
  }));
}

function read(bytes: Uint8Array) {
  const found = decodeFile(bytes);
  if (found.kind === "damaged") return found.why;
  return { ...found, entries: plain(found.entries) };
}

const FILE = encodeFile(WHOLE);
const SECOND = encodeRecord(1, CHANGE);
const THIRD = encodeRecord(2, WHOLE);

Deno.test("what was encoded is decoded", () => {
  assertEquals(read(join(FILE, SECOND)), {
    kind: "entries",
    entries: [WHOLE, CHANGE],
    whole: FILE.length,
    length: FILE.length + SECOND.length,
    torn: 0,
  });
});

Deno.test("a file says its format in the first line", () => {
  assertStringIncludes(new TextDecoder().decode(FILE), "xcp written layer 1\n");
});

Deno.test("a last record that is cut anywhere is dropped, and nothing else is", () => {
  for (let cut = 0; cut < SECOND.length; cut++) {
    const found = decodeFile(join(FILE, SECOND.slice(0, cut)));
    assertEquals(found.kind === "entries" && [found.entries.length, found.length, found.torn], [1, FILE.length, cut]);
  }
});

Deno.test("a last record that is wrong anywhere is dropped", () => {
  for (let at = 0; at < SECOND.length; at++) {
    const bytes = join(FILE, SECOND);
    bytes[FILE.length + at] = ~(bytes[FILE.length + at] ?? 0);
    const found = decodeFile(bytes);
    assertEquals(found.kind === "entries" && [found.entries.length, found.torn], [1, SECOND.length], `byte ${at}`);
  }
});

Deno.test("a record that is wrong anywhere, with others behind it, spoils the file", () => {
  for (let at = 0; at < SECOND.length; at++) {
    const bytes = join(FILE, SECOND, THIRD);
    bytes[FILE.length + at] = ~(bytes[FILE.length + at] ?? 0);
    assertStringIncludes(String(read(bytes)), "is not whole, and others follow it", `byte ${at}`);
  }
});

Deno.test("a first record that is wrong or cut anywhere spoils the file", () => {
  for (let at = 0; at < FILE.length; at++) {
    const bytes = join(FILE, SECOND);
    bytes[at] = ~(bytes[at] ?? 0);
    assertEquals(typeof read(bytes), "string", `byte ${at}`);
    assertEquals(typeof read(FILE.slice(0, at)), "string", `cut at ${at}`);
  }
});

Deno.test("a newer format is named", () => {
  const bytes = new TextEncoder().encode("xcp written layer 12\nanything");
  assertEquals(read(bytes), "it has format 12, and this version reads only 1; a newer xcp wrote it");
  assertEquals(read(new TextEncoder().encode("clusters: []\n")), "it is not a layer that xcp wrote");
});

Deno.test("a record in the wrong place is not taken", () => {
  const found = decodeFile(join(FILE, encodeRecord(5, CHANGE)));
  assertEquals(found.kind === "entries" && found.entries.length, 1);
});
