/**
 * Errors as `application/problem+json`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 * @module
 */

const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  500: "Internal Server Error",
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** An answer that says what is wrong, in one sentence without a full stop. */
export function problem(status: ProblemStatus, detail: string, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail })}\n`, {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
