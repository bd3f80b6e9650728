/**
 * From the bytes of a write to the change that it is, or to what is wrong with it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { REDACTED } from "../model/codec/redact.ts";
import type { PatchContent, PutContent } from "../model/codec/write.ts";
import { hasErrors, type Issue } from "../model/issue.ts";
import { issueJson } from "./json.ts";
import type { BodyForm } from "./media.ts";
import { problem } from "./problem.ts";
import type { Change } from "../model/written.ts";

/** Reads bodies: the codec's `readWrite` with its API and the name of the layer in it. */
export interface WriteReader {
  put(body: Uint8Array, form: BodyForm): PutContent;
  patch(body: Uint8Array, form: BodyForm): PatchContent;
}

/** The change, or a 422. */
export function changeOf(
  group: string,
  body: Uint8Array,
  form: BodyForm,
  kind: "put" | "patch",
  reader: WriteReader,
): Change | Response {
  const content = kind === "put" ? reader.put(body, form) : reader.patch(body, form);
  // Of the bytes: what came from a redacted answer reads well, and its secrets would be gone.
  const issues = holdsRedaction(body) ? [REDACTION, ...content.issues] : content.issues;
  if (hasErrors(issues)) return invalid(group, issues);
  const { label } = content;
  return "resources" in content
    ? { kind: "put", content: { label, resources: content.resources } }
    : { kind: "patch", content: { label, upsert: content.upsert, remove: content.remove } };
}

/** More than these help nobody at a time. */
const MOST_ISSUES = 100;

/** 422 with what is wrong; nothing changed. */
export function invalid(group: string, issues: readonly Issue[]): Response {
  const errors = issues.filter(({ severity }) => severity === "error");
  const first = errors[0]?.message ?? "it is not valid";
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  return problem(422, `Cannot write to group "${group}": ${first}${more}`, {}, {
    type: "urn:xcp:problem:invalid-configuration",
    issues: [...errors, ...issues.filter((issue) => !errors.includes(issue))].slice(0, MOST_ISSUES).map(issueJson),
  });
}

/** How a value that was hidden is spelled in JSON and YAML: as a string of its own, or the bytes of one. */
const MARKS = [`"${REDACTED}"`, `'${REDACTED}'`, btoa(REDACTED)];

function holdsRedaction(body: Uint8Array): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return MARKS.some((mark) => bytes.includes(mark));
}

const REDACTION: Issue = {
  path: "",
  rule: "redacted-value",
  severity: "error",
  message: `a value is "${REDACTED}", which stands where the API hides a secret: write the secret itself`,
};
