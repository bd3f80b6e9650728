/**
 * The forms that a body can have.
 *
 * @module
 */
import type { AdminContext } from "./answer.ts";
import { problem } from "./problem.ts";

/** What a write may be sent as. None of them can be sent by a page of another origin without asking first. */
export const BODY_TYPES = ["application/json", "application/yaml", "application/x-yaml", "text/yaml"] as const;

export type BodyForm = "json" | "yaml";

/** The form of a body by its headers, or the 415 that it gets. */
export function bodyForm({ req }: AdminContext): BodyForm | Response {
  const encoding = req.header("content-encoding");
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    return problem(415, `Cannot read a body in encoding "${encoding}": it is sent as it is`, {
      "accept-encoding": "identity",
    });
  }
  const given = req.header("content-type") ?? "";
  const [type = "", ...parameters] = given.toLowerCase().split(";").map((part) => part.trim());
  const form = FORMS.find(([pattern]) => pattern.test(type))?.[1];
  const foreign = parameters.some((each) => each.startsWith("charset=") && !/^charset="?utf-?8"?$/.test(each));
  if (form !== undefined && !foreign) return form;
  const state = given === "" ? "the request names none" : foreign ? "it is UTF-8" : `it is ${BODY_TYPES.join(" or ")}`;
  return problem(415, `Cannot read a body of Content-Type "${given}": ${state}`, { accept: BODY_TYPES.join(", ") });
}

const FORMS: readonly (readonly [RegExp, BodyForm])[] = [
  [/^application\/(?:[\w.-]+\+)?json$/, "json"],
  [/^(?:application|text)\/(?:x-|[\w.-]+\+)?yaml$/, "yaml"],
];
