/**
 * `xcp snapshot rollback`: an old snapshot becomes the newest again.
 *
 * @module
 */
import { rollback } from "../../lib/store/snapshot/rollback.ts";
import type { Context } from "../command.ts";
import { CommandError, EXIT, usageError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { storeWord, withStore } from "../store.ts";
import { provenanceOf } from "./provenance.ts";

export async function rollBack(_: Parsed, [word]: readonly string[], { stdout, now }: Context): Promise<number> {
  const { url, ref } = storeWord(word, "rollback STORE@REF");
  const store = url.replace(/\?.*$/s, "");
  if (ref === undefined) {
    throw usageError(`Cannot roll back "${store}": no snapshot was named`, {
      hint: `"xcp snapshot log ${store}" lists them; name one as ${store}@NUMBER`,
    });
  }
  const done = await withStore(
    url,
    (blobs) => rollback(blobs, ref, provenanceOf(`${blobs.url}@${ref}`), { now }),
    { forWriting: true },
  );
  switch (done.kind) {
    case "newest":
      stdout.write(`Nothing to roll back: snapshot ${done.to.number} is the newest of ${store}\n`);
      return EXIT.ok;
    case "conflict":
      throw new CommandError("conflict", `Cannot roll back "${store}": somebody else changed it at the same time`, {
        hint: "Nothing has changed: look at what they did, and try again",
      });
    case "rolled-back": {
      const { to, manifest, hash } = done;
      const made = `snapshot ${manifest.number} ${hash.slice(0, 12)} repeats ${to.number}`;
      stdout.write(`Rolled back ${store}: ${made}, and is the newest\n`);
      return EXIT.ok;
    }
  }
}
