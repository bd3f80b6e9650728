/**
 * The conformance tables, by subject.
 *
 * @module
 */
import type { Row } from "./script.ts";
import { ANSWERS } from "./tables/answers.ts";
import { BOUNDS } from "./tables/bounds.ts";
import { CLIENTS } from "./tables/clients.ts";
import { ORDER } from "./tables/order.ts";
import { RECONNECTS } from "./tables/reconnects.ts";
import { SHARING } from "./tables/sharing.ts";
import { SUBSCRIPTIONS } from "./tables/subscriptions.ts";
import { VERDICTS } from "./tables/verdicts.ts";

export const TABLES: Readonly<Record<string, readonly Row[]>> = {
  subscriptions: SUBSCRIPTIONS,
  answers: ANSWERS,
  verdicts: VERDICTS,
  reconnects: RECONNECTS,
  order: ORDER,
  bounds: BOUNDS,
  sharing: SHARING,
  clients: CLIENTS,
};
