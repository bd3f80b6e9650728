/**
 * Mutants that no test can notice, and why: by the name of the mutant. A mutant that is noticed all the same is as much a
 * failure as one that survives without a word here.
 *
 * @module
 */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "a collection is answered by its name too":
    "planNames leaves out the own name of a collection that has members, wherever it comes from; the condition only spares " +
    "it the way there.",
  "collections are names when everything is asked for":
    "The exception that a collection's own name gets then says nothing: planNames leaves it out, and the next ACK of " +
    "everything takes it away. Without it the stream goes back to sharing what it is sent one response earlier.",
};
