import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { fragmentResponse, type PageOptions, pageResponse } from "./page.tsx";
import { Ago, agoWords, counted, Note, Pill, Table } from "./parts.tsx";

const PAGE: PageOptions = { title: "t", name: "n", main: "m", style: "i { top: 0 }", script: "let a = 1 < 2 && '\"';" };

/** The hashes that the policy allows for a directive. */
function allowed(response: Response, directive: string): string[] {
  const policy = response.headers.get("content-security-policy") ?? "";
  return policy.split("; ").find((part) => part.startsWith(`${directive} `))?.split(" ").slice(1) ?? [];
}

function hash(text: string | undefined): string {
  return `'sha256-${createHash("sha256").update(text ?? "").digest("base64")}'`;
}

Deno.test("the policy allows the style and the script that stand in the page, and nothing else", async () => {
  const response = pageResponse(PAGE);
  const page = await response.text();
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1];
  const script = /<script type="module">([^]*)<\/script>/.exec(page)?.[1];
  assertEquals(script, PAGE.script);
  assert(style?.endsWith("i { top: 0 }"));
  assertEquals(allowed(response, "style-src"), [hash(style)]);
  assertEquals(allowed(response, "script-src"), [hash(script)]);
  assertEquals(allowed(response, "default-src"), ["'none'"]);
  assertEquals(allowed(response, "connect-src"), ["'self'"]);
  for (const directive of ["base-uri", "form-action", "frame-ancestors"]) {
    assertEquals(allowed(response, directive), ["'none'"], directive);
  }
});

Deno.test("a page without a script allows none", () => {
  const { script: _script, ...rest } = PAGE;
  assertEquals(allowed(pageResponse(rest), "script-src"), []);
  assertEquals(allowed(fragmentResponse("x"), "script-src"), []);
});

Deno.test("a style or script that would end early is a bug", () => {
  assertThrows(() => pageResponse({ ...PAGE, script: "'</script>'" }), Error, "Cannot embed");
  assertThrows(() => pageResponse({ ...PAGE, style: "/* </STYLE > */" }), Error, "Cannot embed");
});

Deno.test("title, name and parts are text, whatever they say", async () => {
  const evil = `"><script>alert('x')</script>`;
  const page = await pageResponse({ ...PAGE, title: evil, name: evil, main: Note({ tone: "bad", children: evil }) })
    .text();
  assertEquals(page.split("&lt;script&gt;alert(").length, 4);
  assertEquals(page.split("<script").length, 2);
  const table = String(Table({ heads: [evil], rows: [[evil, Pill({ tone: "good", children: evil })]] }));
  assertEquals(table.includes("<script"), false);
  assertStringIncludes(table, '<th scope="row">&quot;&gt;');
});

Deno.test("a moment is told as people say it, with the exact one beside", () => {
  const minute = 60_000;
  const words = [-5, 59_999, minute, 59 * minute, 60 * minute, 47.9 * 60 * minute, 48 * 60 * minute].map(agoWords);
  assertEquals(words, ["just now", "just now", "1 min ago", "59 min ago", "1 h ago", "47 h ago", "2 days ago"]);
  const iso = "1970-01-01T00:00:00.000Z";
  assertEquals(String(Ago({ at: 0, now: minute })), `<time datetime="${iso}" title="${iso}">1 min ago</time>`);
});

Deno.test("numbers agree with their nouns", () => {
  assertEquals([0, 1, 2, 1200].map((n) => counted(n, "group")), ["0 groups", "1 group", "2 groups", "1,200 groups"]);
  assertEquals(counted(1, "client rejects", "clients reject"), "1 client rejects");
});
