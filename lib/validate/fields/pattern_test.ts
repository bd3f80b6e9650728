import { assertEquals } from "@std/assert";
import { RE2JS } from "re2js";
import { FORMATS } from "./known.ts";
import { fullMatch } from "./pattern.ts";

Deno.test("an expression matches what RE2 matches as a whole, whichever engine it is given to", () => {
  const patterns = [
    "^[^?#]+[^?#/]$",
    "^[0-9a-zA-Z_\\-\\.~:]+$",
    "^[^\\x00-\\x1f\\x7f]*$",
    "^[^/]*$",
    "^[^\\s,]+$",
    '^$|^/[^\\x00-\\x1f\\x7f ",;<>\\\\]*$',
    "^$|^.*\\.mmdb$",
    "a.c",
    "^[a-z]$",
  ];
  const texts = [
    "",
    "/",
    "/a",
    "/a/",
    "/a?b",
    "a b",
    "a\nb",
    "a\n",
    "\n",
    "a\u2028c",
    "a\rc",
    "é",
    "𝄞",
    "x.mmdb",
    ".mmdb\n",
    "a,b",
    "\u007f",
    "a",
  ];
  for (const pattern of patterns) {
    const [ours, theirs] = [fullMatch(pattern), RE2JS.compile(pattern)];
    for (const text of texts) assertEquals(ours(text), theirs.matches(text), `${pattern} ${JSON.stringify(text)}`);
  }
});

Deno.test("addresses and host names are told from what only looks like them", () => {
  const table: [string, string[], string[]][] = [
    ["ipv4", ["0.0.0.0", "255.255.255.255"], [
      "256.1.1.1",
      "1.1.1",
      "1.1.1.1.1",
      "01.1.1.1",
      "1.1.1.1 ",
      "",
      "a.b.c.d",
    ]],
    [
      "ipv6",
      ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "ABCD::ef"],
      [
        "",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "12345::",
        "1.2.3.4::",
        "::1.2.3",
        "[::1]",
        "g::",
      ],
    ],
    ["hostname", ["a", "a.b", "A-1.b.", "1"], ["", ".", "a..b", "-a", "a-", "a_b", "é", `${"a".repeat(64)}.b`]],
  ];
  for (const [name, good, bad] of table) {
    const format = FORMATS[name];
    for (const text of good) assertEquals(format?.matches(text), true, `${name} ${text}`);
    for (const text of bad) assertEquals(format?.matches(text), false, `${name} ${text}`);
  }
});
