import { assertEquals } from "@std/assert";
import { uriFault } from "./uri.ts";

/** As Envoy 1.40 answers them. */
const GOOD = [
  "https://foo",
  "ftp://foo",
  "http://foo?x=1",
  "HTTPS://foo/x",
  "http://u@foo/x",
  "http://[::1]:80/x",
  "https://a.b.c",
  "http+x://a",
  "http://a/{x}|",
  "http://-a-/",
  "http://a..b/",
  "http://a:0/",
  "http://@a/",
  "https://a:65535/",
  "h-t://a/",
  "http://1.2.3.4:80/x",
  "http://u:p@a/",
  "http://a/b%",
];
const BAD = [
  "foo",
  "http://",
  "foo.com/bar",
  "http://foo:99999/",
  "/foo",
  "http://foo /x",
  "http://{host}/x",
  "http://a_b/x",
  "http://a:/x",
  "http:/a",
  "1http://a",
  "http://a/ä",
  "http://ä/",
  "http://[::1",
  "http://a#b",
  "http://a/b c",
  "http://a/\tb",
  "http://a:80x/",
  "http://a@b@c/",
  "http://a%41/",
  "http://$(HOST)/x",
  "http://:80/x",
  "https://a:65536/",
  "http://a?b c",
  "http://[fe80::1%25eth0]/",
  "http://a;b/",
  "http://a\\b/",
  "http://a~b/",
];

Deno.test("a URI has a scheme and a host that Envoy can read", () => {
  for (const uri of GOOD) assertEquals(uriFault(uri), undefined, uri);
  for (const uri of BAD) assertEquals(typeof uriFault(uri), "string", uri);
});

Deno.test("what is wrong with a URI is said of it", () => {
  assertEquals(uriFault("a.com/b"), '"a.com/b" does not begin with "https://" or "http://"');
  assertEquals(uriFault("https://a:65536/"), 'the port of "https://a:65536/" is more than 65535');
});
