/**
 * Reads what changed, and only believes what held still meanwhile.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";
import { contentHash, type Resource } from "../model/resource.ts";
import { reason } from "../system_error.ts";
import { displayPath } from "./file_names.ts";
import type { FileSystem, Stat } from "./file_system.ts";
import { type Limits, list, type Listing, resolveRoot, type Root, sameListing, sameRoot } from "./listing.ts";
import { inSlices } from "./slices.ts";

/** What one file says. Its identity is a key: another object means that the file says something else. */
export interface Content {
  readonly resources: readonly Resource[];
  /** Only `groups.yaml` has them. */
  readonly rules: readonly GroupRule[];
  readonly issues: readonly Issue[];
}

/** What is there, and what it says, at one moment. */
export interface Scan {
  readonly listing: Listing;
  /** By path below the source, in order of path. */
  readonly contents: ReadonlyMap<string, Content>;
}

export interface ScannerOptions {
  /** The source as the user named it. */
  readonly path: string;
  readonly files: FileSystem;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Reads a file's text. Gets the path below the source. */
  readonly parse: (text: string, relative: string) => Content;
}

interface CachedFile {
  readonly identity: string;
  /** Of the content; a `!` and a reason when it could not be read. */
  readonly hash: string;
  /** False when the same identity may still hide another content: the file has to be read again at the next scan. */
  readonly settled: boolean;
  readonly content: Content;
}

/** How often to look again while the tree moves. */
const ATTEMPTS = 5;

/**
 * A file written this shortly before it was read may be written again without a visible change of its stat: clocks of
 * file systems tick in up to two seconds, and Deno rounds to milliseconds. Git calls such an entry racily clean.
 */
const RACY_MS = 2_000;

const NOTHING_YET: Listing = {
  root: undefined,
  files: new Map(),
  groups: new Set(),
  troubles: [],
  failure: { rule: "source-missing", relative: "", reason: "not read yet" },
};

/** Not to be called twice at once. */
export class Scanner {
  readonly #options: ScannerOptions;
  #listing = NOTHING_YET;
  #cache: ReadonlyMap<string, CachedFile> = new Map();
  #forgotten = false;
  /** Number of files that were read so far. */
  reads = 0;

  constructor(options: ScannerOptions) {
    this.#options = options;
  }

  /** One look, by stat alone. */
  look(): Promise<Listing> {
    return list(this.#options.files, this.#options.path, this.#options.limits);
  }

  /** Where the source is; undefined when it is not there. Much cheaper than a look. */
  root(): Promise<Root | undefined> {
    return resolveRoot(this.#options.files, this.#options.path).catch(() => undefined);
  }

  /** Whether the source is where the last scan found it. */
  isAt(root: Root | undefined): boolean {
    return sameRoot(root, this.#listing.root);
  }

  /** Whether a look saw anything else than the last scan did, or some file has to be read again all the same. */
  isStale(listing: Listing): boolean {
    if (!sameListing(listing, this.#listing)) return true;
    if (listing.failure !== undefined) return false;
    if (this.#forgotten) return true;
    for (const file of this.#cache.values()) if (!file.settled) return true;
    return false;
  }

  /** Has every file read again at the next scan that reads; one that is under way is not the next. */
  forget(): void {
    this.#forgotten = true;
  }

  /**
   * Looks, reads what changed, and looks again until both looks are the same. When the tree does not hold still, the
   * answer is undefined; or, when `force` is set, what did hold still, and the rest as it was before.
   */
  async scan(force: true): Promise<Scan>;
  async scan(force?: boolean): Promise<Scan | undefined>;
  async scan(force = false): Promise<Scan | undefined> {
    const last = this.#takeCache();
    let before = await this.look();
    let cache = await this.#readChanged(before, [last]);
    for (let attempt = 1; !(sameListing(before, this.#listing) && sameContents(cache, last)); attempt++) {
      const after = await this.look();
      if (sameListing(before, after)) break;
      if (attempt === ATTEMPTS) {
        if (!force) {
          this.#cache = last;
          return undefined;
        }
        cache = this.#keepMoving(after, before, cache, last);
        before = after;
        break;
      }
      before = after;
      cache = await this.#readChanged(before, [cache, last]);
    }
    // What cannot be read now keeps its cache for the time when it can: a failure must not cost a full read.
    this.#cache = before.failure === undefined ? cache : last;
    this.#listing = before;
    return { listing: before, contents: new Map([...this.#cache].map(([relative, file]) => [relative, file.content])) };
  }

  /** What was read so far; what was forgotten meanwhile has to be read again. */
  #takeCache(): ReadonlyMap<string, CachedFile> {
    if (!this.#forgotten) return this.#cache;
    this.#forgotten = false;
    return new Map([...this.#cache].map(([relative, file]) => [relative, { ...file, settled: false }]));
  }

  async #readChanged(
    { failure, root, files }: Listing,
    caches: readonly ReadonlyMap<string, CachedFile>[],
  ): Promise<Map<string, CachedFile>> {
    if (failure !== undefined || root === undefined) return new Map();
    const read = await inSlices([...files], async ([relative, stat]): Promise<[string, CachedFile]> => {
      const known = caches.map((cache) => cache.get(relative)).filter((file) => file !== undefined);
      const clean = known.find((file) => file.settled && file.identity === stat.identity);
      if (clean !== undefined) return [relative, clean];
      const path = relative === "" ? root.path : `${root.path}/${relative}`;
      return [relative, await this.#read(path, relative, stat, known)];
    });
    return new Map(read);
  }

  async #read(path: string, relative: string, stat: Stat, known: readonly CachedFile[]): Promise<CachedFile> {
    const { identity } = stat;
    const age = this.#options.now() - stat.mtimeMs;
    const settled = age > RACY_MS || age < -RACY_MS;
    // What says the same as before is the same object as before, so that nobody has to compare it.
    const contentOf = (hash: string) => known.find((file) => file.hash === hash)?.content;
    const unreadable = (rule: string, reason: string, settled: boolean): CachedFile => {
      const hash = `!${reason}`;
      return { identity, hash, settled, content: contentOf(hash) ?? this.#refuse(relative, rule, reason) };
    };
    if (stat.size > this.#options.limits.bytes) {
      return unreadable("file-too-large", `more than ${this.#options.limits.bytes} bytes`, true);
    }
    let bytes: Uint8Array;
    try {
      this.reads++;
      bytes = await this.#options.files.read(path);
    } catch (error) {
      return unreadable("unreadable-file", reason(error), false);
    }
    const hash = contentHash(bytes);
    return { identity, hash, settled, content: contentOf(hash) ?? this.#parse(bytes, relative) };
  }

  #parse(bytes: Uint8Array, relative: string): Content {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
      return this.#refuse(relative, "not-utf8", "not UTF-8 text");
    }
    return this.#options.parse(text, relative);
  }

  #refuse(relative: string, rule: string, reason: string): Content {
    const file = displayPath(this.#options.path, relative);
    const message = `Cannot read "${file}": ${reason}`;
    const issue: Issue = { at: { file, line: 1, column: 1 }, path: "", rule, severity: "error", message };
    return { resources: [], rules: [], issues: [issue] };
  }

  /** The tree does not hold still: files that the last two looks agree on are taken, the others as they were. */
  #keepMoving(
    now: Listing,
    before: Listing,
    cache: ReadonlyMap<string, CachedFile>,
    last: ReadonlyMap<string, CachedFile>,
  ): Map<string, CachedFile> {
    const kept = new Map<string, CachedFile>();
    for (const [relative, { identity }] of now.files) {
      const held = before.files.get(relative)?.identity === identity ? cache.get(relative) : undefined;
      const content = this.#refuse(relative, "unreadable-file", "it changes all the time");
      const unheld = last.get(relative) ?? { identity: "", hash: "!moving", settled: false, content };
      kept.set(relative, held ?? { ...unheld, settled: false });
    }
    return kept;
  }
}

function sameContents(a: ReadonlyMap<string, CachedFile>, b: ReadonlyMap<string, CachedFile>): boolean {
  if (a.size !== b.size) return false;
  for (const [relative, file] of a) if (b.get(relative)?.content !== file.content) return false;
  return true;
}
