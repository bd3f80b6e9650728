/**
 * One call of the API: what it takes and answers, checked and described by the same schemas.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { describeRoute, resolver, validator } from "hono-openapi";
import type * as v from "valibot";
import type { AdminContext } from "./answer.ts";
import { problem, type ProblemStatus, TITLES } from "./problem.ts";
import { PROBLEM } from "./schemas/common.ts";

type Schema<T> = v.GenericSchema<unknown, T> | v.GenericSchema<never, T>;

/** What is said of a call. */
export interface Operation<P, Q, H> {
  readonly id: string;
  readonly summary: string;
  readonly params?: Schema<P>;
  readonly query?: Schema<Q>;
  /** By lower-case names. */
  readonly headers?: Schema<H>;
  /** Described, not checked: see `schemas/request.ts`. */
  readonly body?: { readonly types: readonly string[]; readonly schema: v.GenericSchema };
  /** What it answers when all is well, by status. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** What can go wrong beside 400 for what cannot be read, and 401 and 403. */
  readonly problems?: readonly ProblemStatus[];
  /** Nobody is refused: `guard.ts` does not stand before it. */
  readonly open?: true;
}

export interface AnswerDescription {
  readonly description: string;
  /** Without one the answer has no body. */
  readonly schema?: v.GenericSchema;
  /** Default: `application/json`. */
  readonly type?: string;
  /** It carries an `ETag`. */
  readonly tagged?: true;
}

/** What was checked, and the request it came with. */
export interface Input<P, Q, H> {
  readonly params: P;
  readonly query: Q;
  readonly headers: H;
  readonly context: AdminContext;
}

/** The handlers of a call, in order. */
export function operation<P = unknown, Q = unknown, H = unknown>(
  said: Operation<P, Q, H>,
  answer: (input: Input<P, Q, H>) => Response | Promise<Response>,
): MiddlewareHandler[] {
  const { params, query, headers } = said;
  return [
    describeRoute(description(said)),
    ...check("param", "the path", params),
    ...check("query", "the query", query),
    ...check("header", "the header", headers),
    async (context) => {
      const valid = <T>(target: string) => context.req.valid(target as never) as T;
      return await answer({ params: valid("param"), query: valid("query"), headers: valid("header"), context });
    },
  ];
}

function check<T>(target: "param" | "query" | "header", where: string, schema: Schema<T> | undefined) {
  if (schema === undefined) return [];
  return [validator(target, schema, (result) => {
    if (result.success) return undefined;
    const [issue] = result.error;
    const key = issue?.path?.map((item) => typeof item === "object" ? String(item.key) : String(item)).join(".");
    return problem(400, `Cannot read "${key ?? ""}" of ${where}: ${issue?.message ?? "it is not valid"}`);
  })];
}

function description<P, Q, H>(said: Operation<P, Q, H>) {
  const { id, summary, params, query, headers, body, answers, problems = [], open } = said;
  const reads = [params, query, headers, body].some((each) => each !== undefined);
  const statuses: ProblemStatus[] = [...(reads ? [400 as const] : []), ...(open ? [] : [401 as const, 403 as const])];
  const failed = [...statuses, ...problems].map((status) => [
    status,
    { description: TITLES[status], content: { "application/problem+json": { schema: resolver(PROBLEM) } } },
  ]);
  return {
    operationId: id,
    summary,
    ...(open ? { security: [] } : {}),
    ...(body === undefined ? {} : {
      requestBody: {
        required: true,
        content: Object.fromEntries(body.types.map((type) => [type, { schema: resolver(body.schema) }])),
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, said]) => [status, answerDescription(said)])),
      ...Object.fromEntries(failed),
    },
  };
}

function answerDescription({ description, schema, type = "application/json", tagged }: AnswerDescription) {
  return {
    description,
    ...(tagged ? { headers: { ETag: { schema: { type: "string" as const } } } } : {}),
    ...(schema === undefined ? {} : { content: { [type]: { schema: resolver(schema) } } }),
  };
}
