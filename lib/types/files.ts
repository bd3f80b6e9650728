/**
 * The files that `xcp types` writes.
 *
 * @module
 */
import type { Api } from "../model/api.ts";
import { declarationsText } from "./declarations.ts";
import adapter from "./example/adapter.ts" with { type: "text" };
import services from "./example/services.json" with { type: "text" };
import settings from "./example/tsconfig.json" with { type: "text" };

/** A file for authors of adapters. */
export interface AuthorFile {
  readonly name: string;
  readonly text: string;
  /** `xcp`: written anew by every run. `author`: theirs from the first moment. `example`: that too, and only with the adapter. */
  readonly owner: "xcp" | "author" | "example";
  /** What it is, for the one who had it written. */
  readonly what: string;
}

/** All of them, the adapter first. Reads the whole API. */
export function authorFiles(api: Api): readonly AuthorFile[] {
  return [
    { name: "adapter.ts", text: adapter, owner: "author", what: "an example, yours to change" },
    { name: "services.json", text: services, owner: "example", what: "what the example reads" },
    { name: "tsconfig.json", text: settings, owner: "author", what: "settings for your editor" },
    {
      name: "xcp.d.ts",
      text: declarationsText(api),
      owner: "xcp",
      what: `the types of Envoy ${api.version} and of an adapter`,
    },
  ];
}
