/**
 * Which file of the API defines a name: what gRPC server reflection calls a symbol.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 * @module
 */
import type { Api } from "./api.ts";

/**
 * Proto path of the file that defines a symbol: a message, enum, service or extension by its full name, or a field,
 * oneof or method by the full name of what it is in and its own (`envoy.config.cluster.v3.Cluster.name`). undefined when
 * there is none.
 */
export function fileOfSymbol(api: Api, symbol: string): string | undefined {
  const type = api.registry.get(symbol);
  if (type !== undefined) return type.file.proto.name;
  const dot = symbol.lastIndexOf(".");
  if (dot < 0) return undefined;
  const [scope, name] = [symbol.slice(0, dot), symbol.slice(dot + 1)];
  const owner = api.registry.get(scope);
  return owner !== undefined && members(owner).some((member) => member.name === name)
    ? owner.file.proto.name
    : undefined;
}

function members(type: NonNullable<ReturnType<Api["registry"]["get"]>>): readonly { readonly name: string }[] {
  switch (type.kind) {
    case "message":
      return [...type.fields, ...type.oneofs];
    case "service":
      return type.methods;
    default:
      return [];
  }
}

/** A file and all that it imports, each once and after its own imports. Empty when the API does not have it. */
export function withImports(api: Api, path: string, skip: ReadonlySet<string> = new Set()): string[] {
  const found = new Set<string>();
  const visited = new Set(skip);
  const visit = (each: string): void => {
    if (visited.has(each) || api.descriptor(each) === undefined) return;
    visited.add(each);
    for (const imported of api.imports(each)) visit(imported);
    found.add(each);
  };
  visit(path);
  return [...found];
}
