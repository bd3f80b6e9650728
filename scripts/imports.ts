/// <reference lib="deno.unstable" />
/**
 * The direction of imports, held by `deno lint`: which folder may see which, which third-party package is named where,
 * and what the pure folders do without. ARCHITECTURE.md shows the same tables to people.
 *
 * @module
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The files directly in `lib`: small things that every room needs that does I/O. */
export const SHARED: readonly string[] = [
  "lib/address.ts",
  "lib/http_server.ts",
  "lib/log.ts",
  "lib/socket_file.ts",
  "lib/state_dir.ts",
  "lib/system_error.ts",
];

/** What each room may import beside itself. A room is a folder of `lib`, a file directly in `lib`, or a root folder. */
export const MAY_SEE: Readonly<Record<string, readonly string[]>> = {
  "lib/gen": [],
  ...Object.fromEntries(SHARED.map((file) => [file, SHARED])),
  "lib/model": ["lib/gen", "proto"],
  "lib/validate": ["lib/model", "lib/gen"],
  "lib/types": ["lib/model", "lib/gen"],
  "lib/xds": ["lib/model"],
  "lib/source": ["lib/model", "lib/validate", ...SHARED],
  "lib/hub": ["lib/model", "lib/validate", "lib/xds", ...SHARED],
  "lib/transport": ["lib/model", "lib/xds", "lib/hub", ...SHARED],
  "lib/client": ["lib/model", "lib/gen", ...SHARED],
  "lib/envoy": ["lib/model"],
  "lib/store": ["lib/model", "lib/gen", ...SHARED],
  "lib/adapter": ["lib/model", "lib/validate", ...SHARED],
  "lib/pages": [...SHARED],
  "lib/playground": ["lib/pages", ...SHARED],
  "lib/keep": ["lib/model", "lib/hub", "lib/store", ...SHARED],
  "lib/admin": ["lib/model", "lib/validate", "lib/hub", "lib/pages", ...SHARED],
  "cmd": ["lib/*", "deno.json"],
  "main.ts": ["cmd"],
  "scripts": ["*"],
  "test": ["*"],
};

/** The rooms that name a third-party package. Tests may use each of them. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@bufbuild/protobuf": ["lib/model", "lib/gen", "lib/validate", "lib/types", "lib/client", "lib/store", "scripts"],
  "age-encryption": ["lib/store"],
  "js-yaml": ["lib/model", "cmd"],
  "diff": ["cmd"],
  "picomatch": ["lib/hub"],
  "@aws-sdk/client-s3": ["lib/store"],
  "@grpc/grpc-js": ["lib/transport", "lib/client"],
  "hono": ["lib/admin", "lib/transport", "lib/pages", "lib/playground"],
  "@hono/node-server": ["lib/http_server.ts"],
  "hono-openapi": ["lib/admin"],
  "valibot": ["lib/admin"],
  "@valibot/to-json-schema": ["lib/admin"],
  "prom-client": ["lib/admin"],
  "re2js": ["lib/validate", "lib/transport"],
  "@std/assert": [],
  "playwright-core": [],
  "axe-core": [],
  "typescript": [],
  "@std/cli": ["cmd"],
};

/** Built-in modules that the pure rooms may use; every other room may use all of them. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  "lib/gen": [],
  "lib/model": ["node:buffer", "node:crypto", "node:util"],
  "lib/validate": ["node:buffer", "node:crypto", "node:util"],
  "lib/xds": ["node:buffer"],
};

/** The protocol core has no clock, no chance, no output and nobody to wait for. */
const PURE = ["lib/xds"];
const IMPURE: ReadonlySet<string> = new Set([
  "console",
  "crypto",
  "Date",
  "Deno",
  "fetch",
  "performance",
  "process",
  "Promise",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** Where a file stands: its room, or undefined outside of the table (a file of the user's, a fixture). */
function roomOf(path: string): string | undefined {
  const [first = "", second = ""] = path.split("/");
  const room = first === "lib" ? `${first}/${second.replace(/_test\.tsx?$/, ".ts")}` : first;
  return room in MAY_SEE || room === "proto" || room === "deno.json" || first === "lib" ? room : undefined;
}

/** Why the file at `path` may not import `specifier`; undefined when it may. Paths are relative to the root. */
export function forbidden(path: string, specifier: string): string | undefined {
  const room = roomOf(path);
  if (room === undefined) return undefined;
  const test = /_test\.tsx?$/.test(path) || room === "test";
  if (specifier.startsWith(".")) {
    const target = relative(ROOT, fileURLToPath(new URL(specifier, new URL(path, `file://${ROOT}`))));
    return forbiddenRoom(room, roomOf(target) ?? target, test);
  }
  if (test) return undefined;
  if (specifier.startsWith("node:")) {
    const allowed = BUILT_IN[room];
    return allowed === undefined || allowed.includes(specifier) ? undefined : `${room} is pure: no "${specifier}"`;
  }
  const name = Object.keys(PACKAGES).find((name) => specifier === name || specifier.startsWith(`${name}/`));
  if (name === undefined) return `"${specifier}" is not in the table of packages in scripts/imports.ts`;
  const rooms = PACKAGES[name] ?? [];
  if (rooms.includes(room)) return undefined;
  return `${room} must not name "${name}": only ${rooms.length > 0 ? rooms.join(", ") : "tests"} may`;
}

function forbiddenRoom(room: string, target: string, test: boolean): string | undefined {
  if (target === room || (test && (target === "test" || target === "lib/gen"))) return undefined;
  const allowed = MAY_SEE[room];
  if (allowed === undefined) return `${room} has no row in the table of imports in scripts/imports.ts`;
  const sees = allowed.some((a) =>
    a === "*" || a === target || (a.endsWith("/*") && target.startsWith(a.slice(0, -1)))
  );
  return sees ? undefined : `${room} must not import ${target}: ${allowed.join(", ") || "nothing"} is what it may see`;
}

/** The rule of `deno lint`. */
const plugin: Deno.lint.Plugin = {
  name: "xcp",
  rules: {
    imports: {
      create(context) {
        const path = relative(ROOT, context.filename);
        function look(node: Deno.lint.Node, source: Deno.lint.Node | null | undefined): void {
          if (source?.type !== "Literal" || typeof source.value !== "string") return;
          const message = forbidden(path, source.value);
          if (message !== undefined) context.report({ node, message });
        }
        return {
          ImportDeclaration: (node) => look(node, node.source),
          ExportNamedDeclaration: (node) => look(node, node.source),
          ExportAllDeclaration: (node) => look(node, node.source),
          ImportExpression: (node) => look(node, node.source),
        };
      },
    },
    pure: {
      create(context) {
        const path = relative(ROOT, context.filename);
        if (!PURE.includes(roomOf(path) ?? "") || path.endsWith("_test.ts")) return {};
        const report = (node: Deno.lint.Node, what: string) =>
          context.report({ node, message: `the protocol core is pure: no ${what}` });
        return {
          Identifier(node) {
            if (IMPURE.has(node.name) && !isName(node)) report(node, node.name);
          },
          "MemberExpression[object.name='Math'][property.name='random']": (node) => report(node, "Math.random"),
          AwaitExpression: (node) => report(node, "await"),
        };
      },
    },
  },
};

/** Whether an identifier is only the name of a member or a type, not a use of the global of that name. */
function isName(node: Deno.lint.Identifier): boolean {
  const { parent } = node;
  if (parent.type === "MemberExpression") return parent.property === node && !parent.computed;
  if (parent.type === "Property") return parent.key === node && !parent.computed;
  return parent.type.startsWith("TS");
}

export default plugin;
