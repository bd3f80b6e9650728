import { assertEquals } from "@std/assert";
import { jwksFault } from "./jwks.ts";

/** As Envoy 1.40 answers them. */
const GOOD = [
  '{"keys":[{"kty":"XX"},{"kty":"oct","k":"YWJj"}]}',
  '{"keys":[{"kty":"oct","k":"YWJj"},]}',
  '\n{"keys":[{"kty":"oct","k":"YWJj"}]}\n',
  '{"keys":[{"kty":"oct","k":"YWJj","kid":5}]}',
];
const BAD = [
  "abc",
  "{}",
  '{"keys":[]}',
  '{"keys":"a"}',
  '{"keys":[{"k":"a"}]}',
  "[]",
  "5",
  "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----",
  '{"keys":[{"kty":"oct","alg":"HS256"}]}',
  '{"keys":[{"kty":"oct","k":5}]}',
  "  \n",
];

Deno.test("a key set has one key at least that Envoy can use", () => {
  for (const set of GOOD) assertEquals(jwksFault(set), undefined, set);
  for (const set of BAD) assertEquals(typeof jwksFault(set), "string", set);
});

Deno.test("what is not JSON for us may be for Envoy, and then nothing is said", () => {
  assertEquals(jwksFault('{"keys": [{"kty": "oct", "k": "YWJj"},]}'), undefined);
});
