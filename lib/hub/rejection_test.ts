import { assert, assertEquals } from "@std/assert";
import { cleanRejection } from "./rejection.ts";

const SECRETS = [
  "client_secret=hunter2hunter2",
  'inline_string: "hunter2hunter2"',
  '{"inlineBytes":"hunter2hunter2"}',
  "secretAccessKey: hunter2hunter2",
  'session_token: "a \\"hunter2hunter2"',
  "x-api-key: hunter2hunter2",
  "auth_password: 'hunter2hunter2",
  'value: "Bearer hunter2hunter2"',
  "cannot resolve https://user:hunter2hunter2@example.com/",
  "-----BEGIN PRIVATE KEY-----\nhunter2hunter2",
];

for (const text of SECRETS) {
  Deno.test(`a rejection that quotes ${JSON.stringify(text)} is kept without the secret`, () => {
    const clean = cleanRejection(`Proto constraint validation failed: ${text}`);
    assert(!clean.includes("hunter2"), clean);
    assert(clean.startsWith("Proto constraint validation failed: "), clean);
  });
}

Deno.test("what is no secret stays", () => {
  for (
    const text of [
      "max_tokens: value must be greater than 0",
      "token_bucket { fill_interval { seconds: 1 } }",
      "Error adding/updating cluster(s) c2: Failed to load private key from <inline>",
      "cannot resolve http://example.com:80/@x",
    ]
  ) assertEquals(cleanRejection(text), text);
});
