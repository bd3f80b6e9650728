/**
 * Goes back to an old snapshot: with a new one that repeats it, so that the history says what happened.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import type { Blobs } from "../blobs.ts";
import { CHUNKS, FORMAT, LATEST, type LatestPointer, type Manifest, manifestKey, type Provenance } from "./format.ts";
import { chunksOf } from "./history.ts";
