/**
 * The conformance tables, by subject.
 *
 * @module
 */
import type { Row } from "./script.ts";
import { ABSENCE } from "./tables/absence.ts";
import { ANSWERS } from "./tables/answers.ts";
import { BOUNDS } from "./tables/bounds.ts";
import { CLIENTS } from "./tables/clients.ts";
import { LABELS } from "./tables/labels.ts";
import { LIFETIMES } from "./tables/lifetimes.ts";
import { NAMES } from "./tables/names.ts";
import { ON_DEMAND } from "./tables/on_demand.ts";
import { ORDER } from "./tables/order.ts";
import { RECONNECTS } from "./tables/reconnects.ts";
import { SHARING } from "./tables/sharing.ts";
import { SUBSCRIPTIONS } from "./tables/subscriptions.ts";
import { TYPES } from "./tables/types.ts";
import { VERDICTS } from "./tables/verdicts.ts";

export const TABLES: Readonly<Record<string, readonly Row[]>> = {
  subscriptions: SUBSCRIPTIONS,
  answers: ANSWERS,
  verdicts: VERDICTS,
  reconnects: RECONNECTS,
  order: ORDER,
  lifetimes: LIFETIMES,
  absence: ABSENCE,
  "on demand": ON_DEMAND,
  names: NAMES,
  types: TYPES,
  labels: LABELS,
  bounds: BOUNDS,
  sharing: SHARING,
  clients: CLIENTS,
};
