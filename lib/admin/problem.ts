/**
 * Errors as `application/problem+json`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 * @module
 */

/** The words of each status. */
export const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** The problems that a program tells apart by more than their status. The names stay as they are. */
const TYPES = {
  "urn:xcp:problem:invalid-configuration": "Invalid configuration",
  "urn:xcp:problem:rejected-by-clients": "Rejected by clients",
} as const;

/** What some problems say beside the detail, with a `type` of their own. */
export interface ProblemMore {
  readonly type: keyof typeof TYPES;
  readonly [key: string]: unknown;
}

/** An answer that says what is wrong, in one sentence without a full stop. */
export function problem(
  status: ProblemStatus,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
  more?: ProblemMore,
): Response {
  const { type = "about:blank", ...rest } = more ?? {};
  const title = more === undefined ? TITLES[status] : TYPES[more.type];
  return new Response(`${JSON.stringify({ type, title, status, detail, ...rest })}\n`, {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
