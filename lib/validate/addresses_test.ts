import { assertEquals } from "@std/assert";
import { createResource, type Resource } from "../model/resource.ts";
import { LISTENER } from "../model/types.ts";
import { checkClaims } from "./addresses.ts";

function listener(name: string, ...keys: string[]): Resource {
  const claims = keys.map((key, i) => ({
    kind: "address",
    key,
    path: "address",
    at: { file: `${name}.yaml`, line: i + 1, column: 1 },
  }));
  return createResource({
    type: LISTENER.url,
    name,
    bytes: new TextEncoder().encode(name),
    references: [],
    claims,
    origin: undefined,
  });
}

Deno.test("the later of two resources with one claim is told who has it already", () => {
  const issues = checkClaims([listener("a", "x", "1.2.3.4:80 (TCP)"), listener("b", "1.2.3.4:80 (TCP)")]);
  assertEquals(issues, [{
    at: { file: "b.yaml", line: 1, column: 1 },
    path: "address",
    rule: "duplicate-address",
    severity: "error",
    message: `Listener "b" has address 1.2.3.4:80 (TCP), which listener "a" has already at a.yaml:2:1`,
  }]);
});

Deno.test("every claim after the first is an issue of its own", () => {
  const issues = checkClaims([listener("a", "x", "y"), listener("b", "x", "y"), listener("c", "x")]);
  assertEquals(issues.map(({ at, message }) => `${at?.file}:${at?.line} ${message.slice(-10)}`), [
    "b.yaml:1 a.yaml:1:1",
    "b.yaml:2 a.yaml:2:1",
    "c.yaml:1 a.yaml:1:1",
  ]);
});

Deno.test("two resources of one name replace each other, and do not collide", () => {
  assertEquals(checkClaims([listener("a", "x"), listener("a", "x"), listener("b", "y")]), []);
});

Deno.test("what has no name collides all the same", () => {
  const [issue] = checkClaims([listener("", "x"), listener("", "x")]);
  assertEquals(issue?.message, "A listener has address x, which another listener has already at .yaml:1:1");
});

Deno.test("of very many collisions, the first are spelled out", () => {
  const issues = checkClaims(Array.from({ length: 500 }, (_, i) => listener(`l${i}`, "x")));
  assertEquals(issues.length, 101);
  assertEquals(issues.at(-1)?.message, "399 more claims to what another resource has already");
});
