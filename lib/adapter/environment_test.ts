import { assertEquals } from "@std/assert";
import { environment } from "./environment.ts";

const ENV = {
  PATH: "/bin",
  HOME: "/home/x",
  LANG: "C",
  TZ: undefined,
  DATABASE_URL: "postgres://secret",
  DATABASE_URL_2: "postgres://other",
  AWS_REGION: "r",
  AWS_SECRET_ACCESS_KEY: "s",
  BUN_OPTIONS: "--preload evil.ts",
  BUN_BE_BUN: "1",
  BUN_JSC_useJIT: "0",
  NODE_OPTIONS: "--require evil.js",
};
const BASE = { PATH: "/bin", HOME: "/home/x", LANG: "C" };

Deno.test("an adapter has the few variables that every program needs, and those that it is granted by name", () => {
  assertEquals(environment([], ENV), BASE);
  assertEquals(environment(["DATABASE_URL", "NOT_SET"], ENV), { ...BASE, DATABASE_URL: ENV.DATABASE_URL });
  assertEquals(environment(["AWS_*"], ENV), { ...BASE, AWS_REGION: "r", AWS_SECRET_ACCESS_KEY: "s" });
});

Deno.test("variables that make another program of the host are never handed on", () => {
  const names = Object.keys(environment(["*", "BUN_OPTIONS", "BUN_BE_BUN", "NODE_OPTIONS"], ENV));
  assertEquals(names.filter((name) => /^(BUN|NODE)_/.test(name)), []);
  assertEquals(names.length, 7);
});
