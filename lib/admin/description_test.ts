import { assertEquals } from "@std/assert";
import { setUp } from "./testing/set_up.ts";

interface Described {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly description?: string;
  readonly schema: unknown;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
}

async function described(): Promise<Described> {
  return await (await setUp({ title: "xcp 1.2.3" }).ask("/openapi.json")).json();
}

Deno.test("every path and method that is answered is described, with its answers and problems", async () => {
  const { app, ask } = setUp();
  const { openapi, paths } = await (await ask("/openapi.json")).json() as Described;
  assertEquals(openapi, "3.1.0");
  const routes = app.routes.filter(({ method }) => method !== "ALL" && method !== "OPTIONS");
  const answered = new Set(routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`));
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ call: `${method.toUpperCase()} ${path}`, operation }))
  );
  assertEquals(new Set(all.map(({ call }) => call)), answered);
  assertEquals(all.length, 20);
  assertEquals(new Set(all.map(({ operation }) => operation.operationId)).size, all.length);
  for (const { call, operation: { responses } } of all) {
    for (const [status, { content = {} }] of Object.entries(responses)) {
      const problem = Number(status) >= 400 && !(call === "GET /readyz" && status === "503");
      if (problem) assertEquals(Object.keys(content), ["application/problem+json"], `${call} ${status}`);
    }
  }
});

Deno.test("what a request is checked with is what is described", async () => {
  const { info, paths, components } = await described();
  assertEquals([info.title, info.version], ["xcp", "1.2.3"]);
  const put = paths["/v1/groups/{group}/resources"]?.put;
  assertEquals(put?.parameters?.map((each) => `${each.in} ${each.name}`), [
    "path group",
    "query wait",
    "header if-match",
    "header if-none-match",
  ]);
  const [group, wait] = put?.parameters ?? [];
  assertEquals(group?.schema, { type: "string", minLength: 1, maxLength: 200, pattern: "^[^/]+$" });
  assertEquals(wait?.schema, {
    type: "string",
    pattern: "^\\d{1,9}(\\.\\d{1,3})?(ms|s|m|h)$",
    examples: ["30s"],
  });
  assertEquals(wait?.description?.startsWith("How long to wait"), true);
  const types = Object.keys(put?.requestBody?.content ?? {});
  assertEquals(types, ["application/json", "application/yaml", "application/x-yaml", "text/yaml"]);
  for (const name of ["Problem", "Issue", "Group", "Client", "Resource", "Rule", "Store"]) {
    assertEquals(name in components.schemas, true);
  }
});
