/**
 * Messages and enums as declarations of TypeScript.
 *
 * @module
 */
import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { anyOfField } from "./any.ts";
import { choicesOf, type Remarks } from "./remark.ts";
import { valueType, wellKnownType } from "./value.ts";

/** A message with what is declared in it. Names are those of the files: snake_case. */
export function messageDeclaration(desc: DescMessage, remarks: Remarks, indent: string): string {
  if (wellKnownType(desc.typeName) !== undefined) return "";
  const nested = [
    ...desc.nestedMessages.filter((message) => !message.proto.options?.mapEntry)
      .map((message) => messageDeclaration(message, remarks, `${indent}  `)),
    ...desc.nestedEnums.map((type) => enumDeclaration(type, `${indent}  `)),
  ].join("");
  const own = comment(remarks.message(desc), indent) + indent + declaration(desc, remarks, indent);
  return nested === "" ? own : `${own}${indent}namespace ${desc.name} {\n${nested}${indent}}\n`;
}

/** The names of an enum. Envoy takes lower case and numbers too; they would only hide a wrong name. */
export function enumDeclaration(desc: DescEnum, indent: string): string {
  const names = desc.values.map(({ name }) => `"${name}"`);
  const line = `${indent}type ${desc.name} = ${names.join(" | ")};\n`;
  return line.length <= 120
    ? line
    : `${indent}type ${desc.name} =\n${names.map((name) => `${indent}  | ${name}`).join("\n")};\n`;
}

function declaration(desc: DescMessage, remarks: Remarks, indent: string): string {
  if (desc.fields.length === 0) return `type ${desc.name} = google.protobuf.Empty;\n`;
  const fields = desc.fields.map((field) => {
    const lines = remarks.field(field);
    return `${comment(lines, `${indent}  `)}${indent}  ${field.name}?: ${valueType(field, anyOfField(field))};\n`;
  }).join("");
  const choices = choicesOf(desc);
  if (choices.length === 0) return `interface ${desc.name} {\n${fields}${indent}}\n`;
  const exclusive = choices.map(({ fields }) =>
    ` & (\n${fields.map((chosen) => `${indent}  | { ${others(fields, chosen)} }\n`).join("")}${indent})`
  );
  return `type ${desc.name} = {\n${fields}${indent}}${exclusive.join("")};\n`;
}

/** With one member of a oneof there is no other. */
function others(fields: readonly DescField[], chosen: DescField): string {
  return fields.filter((field) => field !== chosen).map((field) => `${field.name}?: never`).join("; ");
}

function comment(lines: readonly string[], indent: string): string {
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}
