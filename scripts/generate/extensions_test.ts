import { assertEquals, assertStringIncludes } from "@std/assert";
import { extensionsModule, tableOf } from "./extensions.ts";

const NOWHERE = { filter: false, upstream: false, route: false };

Deno.test("types of HTTP filters stand where they were found to, and all others where Envoy lists them", () => {
  const table = tableOf(
    [
      { name: "tls", category: "envoy.transport_sockets.upstream", type_urls: ["a.Tls", "a.Quic"] },
      { name: "envoy.tls", category: "envoy.transport_sockets.upstream", type_urls: [] },
      { name: "buffer", category: "envoy.filters.http", type_urls: ["a.Buffer", "a.BufferPerRoute"] },
      { name: "buffer", category: "envoy.filters.http.upstream", type_urls: ["a.Buffer", "a.BufferPerRoute"] },
      { name: "router", category: "envoy.filters.http", type_urls: ["a.Router"] },
    ],
    new Map([
      ["a.Buffer", { ...NOWHERE, filter: true, upstream: true }],
      ["a.BufferPerRoute", { ...NOWHERE, route: true }],
      ["a.Router", { ...NOWHERE, filter: true }],
    ]),
  );
  assertEquals([...table], [
    ["envoy.filters.http", ["buffer a.Buffer", "router a.Router"]],
    ["envoy.filters.http.route", ["buffer a.BufferPerRoute"]],
    ["envoy.filters.http.upstream", ["buffer a.Buffer"]],
    ["envoy.transport_sockets.upstream", ["envoy.tls", "tls a.Quic a.Tls"]],
  ]);
});

Deno.test("the module holds a line for each name", () => {
  const text = extensionsModule("1.2.3", new Map([["envoy.a", ["x a.X", "y"]]]));
  assertStringIncludes(text, '\n  "envoy.a": `\nx a.X\ny\n`,\n');
  assertStringIncludes(text, "Envoy 1.2.3");
});
