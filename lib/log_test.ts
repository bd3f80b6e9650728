import { assertEquals } from "@std/assert";
import { createLog, type LogOptions, SILENT } from "./log.ts";

function lines(options: Partial<LogOptions>) {
  const written: string[] = [];
  const log = createLog({
    level: "info",
    format: "text",
    write: (line) => written.push(line),
    now: () => 0,
    color: false,
    ...options,
  });
  return { log, written };
}

Deno.test("a text line has time, level, message and fields", () => {
  const { log, written } = lines({});
  log.warn("A client left", { node: "edge 1", stream: 7, group: undefined });
  assertEquals(written, ['1970-01-01T00:00:00.000Z warn  A client left node="edge 1" stream=7\n']);
});

Deno.test("a JSON line is one object", () => {
  const { log, written } = lines({ format: "json" });
  log.error("bad\nnews", { node: "a" });
  assertEquals(written.map((line) => JSON.parse(line)), [
    { time: "1970-01-01T00:00:00.000Z", level: "error", message: "bad\nnews", node: "a" },
  ]);
});

Deno.test("what is louder than the level is not written", () => {
  const { log, written } = lines({ level: "warn" });
  log.info("no");
  log.debug("no");
  log.warn("yes");
  log.error("yes");
  assertEquals(written.length, 2);
});

Deno.test("what a client says cannot begin a line or steer the terminal", () => {
  const { log, written } = lines({});
  log.info("one\ntwo\x1b[2J", { node: "a\nb\x9b2J" });
  log.info("one\u202eowt\u2028three", { node: "\u2066" });
  assertEquals(written, [
    '1970-01-01T00:00:00.000Z info  one\\x0atwo\\x1b[2J node="a\\nb\\x9b2J"\n',
    '1970-01-01T00:00:00.000Z info  one\\u{202e}owt\\u{2028}three node="\\u{2066}"\n',
  ]);
});

Deno.test("colours stand around the level only", () => {
  const { log, written } = lines({ color: true });
  log.error("x");
  assertEquals(written, ["1970-01-01T00:00:00.000Z \x1b[31merror\x1b[0m x\n"]);
});

Deno.test("a silent log says nothing and has every level", () => {
  for (const level of ["error", "warn", "info", "debug"] as const) assertEquals(SILENT[level]("x"), undefined);
});
