import { assertEquals } from "@std/assert";
import { createNotify, socketAddress } from "./notify.ts";

Deno.test("the address of a socket is its family and its path", () => {
  assertEquals([...socketAddress("/run/n")], [1, 0, ...new TextEncoder().encode("/run/n")]);
});

Deno.test("an abstract name begins with a zero byte", () => {
  assertEquals([...socketAddress("@n")], [1, 0, 0, 0x6e]);
});

Deno.test("without systemd, or without a way to tell it, nothing is said and nothing fails", () => {
  createNotify(undefined)("READY=1");
  createNotify("/nonexistent/notify")("READY=1");
});
