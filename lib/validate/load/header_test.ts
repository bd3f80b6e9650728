import { assertEquals, assertStringIncludes } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { readFile } from "../../model/codec/read.ts";
import { checksOf } from "../checks.ts";

const api = loadApi();
const checks = checksOf(api);

function messages(key: string, value: string): string[] {
  const text = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: r
request_headers_to_add: [{header: {key: ${key}, value: ${JSON.stringify(value)}}}]
`;
  return readFile(api, text, "f.yaml", "l", checks).issues.map(({ message }) => message);
}

Deno.test("what is wrong with a header that carries credentials is said without a word of its value", () => {
  for (const key of ["authorization", "Proxy-Authorization", "cookie", "x-api-key", "x-vault-token", "db-password"]) {
    for (const value of ["%S3CRET%", "Bearer a%S3CRET", "%REQ(S3CRET", "%REQ(A?S3CRET?B)%", "%S3CRET(x):5%"]) {
      const [message = "", ...more] = messages(key, value);
      assertEquals([message.includes("S3CRET"), more], [false, []], `${key}: ${message}`);
      assertStringIncludes(message, "percent sign");
    }
    assertEquals(messages(key, "%REQ(x)%"), []);
  }
  assertEquals(messages("x-plain", "%FOO%"), ["unknown command %FOO%"]);
});
