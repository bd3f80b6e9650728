/**
 * The script that keeps the status page up to date.
 *
 * @module
 */
import follow from "../../pages/browser/follow.js" with { type: "text" };
import morph from "../../pages/browser/morph.js" with { type: "text" };
import { browserScript } from "../../pages/script.ts";
import live from "./live.js" with { type: "text" };

export function liveScript(): string {
  return browserScript(morph, follow, live);
}
