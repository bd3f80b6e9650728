import { assertEquals } from "@std/assert";
import { subjectAltNames } from "./peer.ts";

Deno.test("the names of a certificate are told apart, also where one pretends to be two", () => {
  const table: [string, string[]][] = [
    ["", []],
    ["DNS:a.example", ["DNS:a.example"]],
    ["DNS:a, IP Address:127.0.0.1, URI:spiffe://x/y", ["DNS:a", "IP Address:127.0.0.1", "URI:spiffe://x/y"]],
    ["IP Address:0:0:0:0:0:0:0:1", ["IP Address:0:0:0:0:0:0:0:1"]],
    [String.raw`URI:"spiffe://a\u002c URI:spiffe://root", DNS:b`, ["URI:spiffe://a, URI:spiffe://root", "DNS:b"]],
    [String.raw`DNS:"a\"b", DNS:c`, ['DNS:a"b', "DNS:c"]],
    [String.raw`DNS:"bad \escape", DNS:c`, ["DNS:c"]],
    ["DNS:a,DNS:b", []],
  ];
  for (const [text, names] of table) assertEquals(subjectAltNames(text), names, text);
});
