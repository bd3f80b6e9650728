/**
 * Mutants that no test can notice, and why: by the name of the mutant.
 *
 * @module
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {};
