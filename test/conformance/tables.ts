/**
 * The conformance tables, by subject.
 *
 * @module
 */
import type { Row } from "./script.ts";
import { ANSWERS } from "./tables/answers.ts";
import { SUBSCRIPTIONS } from "./tables/subscriptions.ts";
import { VERDICTS } from "./tables/verdicts.ts";

export const TABLES: Readonly<Record<string, readonly Row[]>> = {
  subscriptions: SUBSCRIPTIONS,
  answers: ANSWERS,
  verdicts: VERDICTS,
};
