/**
 * The text of `xcp.d.ts`: every type of the Envoy API in its JSON form, and the contract of an adapter.
 *
 * @module
 */
import type { DescEnum, DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { Api } from "../model/api.ts";
import { anyDeclarations, anyTypes } from "./any.ts";
import { CONTRACT } from "./contract.ts";
import { enumDeclaration, messageDeclaration } from "./message.ts";
import { Remarks } from "./remark.ts";
import { shortNames } from "./short_names.ts";
import { isDeclarable, WELL_KNOWN_TYPES } from "./value.ts";

/** The declarations for one API: the same text for the same API. Reads all of its files. */
export function declarationsText(api: Api): string {
  const packages = new Map<string, string[]>();
  const remarks = new Remarks(api);
  for (const file of wantedFiles(api)) {
    const name = file.proto.package;
    if (name === "google.protobuf" || !isDeclarable(name)) continue;
    const declared = [
      ...file.messages.map((message) => messageDeclaration(message, remarks, "  ")),
      ...file.enums.map((type) => enumDeclaration(type, "  ")),
    ];
    packages.set(name, [...packages.get(name) ?? [], ...declared]);
  }
  const namespaces = [...packages].sort(([a], [b]) => a < b ? -1 : 1)
    .map(([name, declared]) => `export namespace ${name} {\n${declared.join("")}}\n`);
  return [
    header(api.version),
    CONTRACT,
    shortNames(),
    anyDeclarations(api),
    WELL_KNOWN_TYPES,
    ...namespaces,
  ].join("\n");
}

function header(version: string): string {
  return `/**
 * The configuration of Envoy ${version} in its JSON form, and what an adapter of xcp is. Written by \`xcp types\`; a newer
 * xcp writes it anew. The full names are those of Envoy's documentation; fields have its names, in snake_case.
 */
`;
}

/** The files of Envoy's own packages, and those that their messages, or what stands in an \`Any\`, need; in order of path. */
function wantedFiles(api: Api): DescFile[] {
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const type of nestedTypes(file)) {
      for (const field of type.kind === "message" ? type.fields : []) {
        const value: DescMessage | DescEnum | undefined = field.message ?? field.enum;
        if (value !== undefined) add(value.file);
      }
    }
  };
  for (const path of api.paths) {
    const isWanted = path.startsWith("envoy/") && !path.startsWith("envoy/annotations/") || api.added.has(path);
    const file = isWanted ? api.file(path) : undefined;
    if (file !== undefined) add(file);
  }
  for (const type of anyTypes(api)) {
    const file = api.message(type)?.file;
    if (file !== undefined) add(file);
  }
  return [...files].sort((a, b) => a.proto.name < b.proto.name ? -1 : 1);
}
