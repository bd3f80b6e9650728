/**
 * What a configuration lacks that was pulled without its secrets, and who waits for it.
 *
 * @module
 */
import type { Content } from "../../lib/store/snapshot/content.ts";
import { lacksOf, namedText, waitingText } from "../../lib/store/snapshot/lacks.ts";
import { printable } from "../printable.ts";

/** A line for each resource that is left out: `secret "cert" of group "edge" is left out; listener "https" waits for it`. */
export function leftOutLines(content: Content): string[] {
  return lacksOf(content).map((lack) => {
    const group = JSON.stringify(printable(lack.group));
    return `${namedText(lack, printable)} of group ${group} is left out${waitingText(lack, printable)}`;
  });
}
