/**
 * What is measured: how many clients, how much they follow, and how often it changes.
 *
 * @module
 */
import type { Mode } from "../../test/load/messages.ts";

export interface Scenario {
  readonly name: string;
  readonly mode: Mode;
  /** Streams, each on a connection of its own, as Envoy's are. */
  readonly streams: number;
  readonly clusters: number;
  /** Changes of one cluster, one after the other. */
  readonly pushes: number;
}

/** The letters are those of `docs/decisions`, where other servers were measured in the same way. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "A", mode: "sotw", streams: 1_000, clusters: 100, pushes: 10 },
  { name: "B", mode: "sotw", streams: 100, clusters: 1_000, pushes: 10 },
  { name: "C", mode: "delta", streams: 1_000, clusters: 1_000, pushes: 30 },
  { name: "E", mode: "sotw", streams: 10, clusters: 10_000, pushes: 5 },
];
