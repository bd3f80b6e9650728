/**
 * Plays runs in a thread of its own: it is sent stretches of seeds, and answers each with the first seed that breaks a
 * rule.
 *
 * @module
 */
import { NONE, playStretch, type Stretch } from "./stretch.ts";
import { World } from "./world.ts";

const world = new World();
self.addEventListener(
  "message",
  ({ data }: MessageEvent<Stretch>) => self.postMessage(playStretch(data, world) ?? NONE),
);
