/**
 * From a word to a configuration: what `xcp diff` compares and `xcp snapshot push` stores.
 *
 * @module
 */
import type { Api } from "../lib/model/api.ts";
import { isStoreUrl } from "../lib/store/open.ts";
import type { Content } from "../lib/store/snapshot/content.ts";
import type { LeftOut } from "../lib/store/snapshot/format.ts";
import { ADAPTER_FLAGS, type Containment, containmentOf, isAdapterWord } from "./adapter_flags.ts";
import type { Context } from "./command.ts";
import type { Flag, Parsed } from "./flags.ts";
import { CommandError } from "./exit.ts";
import { durationOf, readNamed, readToken } from "./values.ts";

/** A configuration, and what has to be known of where it came from. */
export interface SourceContent {
  readonly content: Content;
  readonly kind: "files" | "adapter" | "server" | "store";
  /** The source as it was named, without credentials. */
  readonly from: string;
  /**
   * Resources whose secrets the source does not tell: they are among the resources, with the version that they have
   * there, and their content is not whole.
   */
  readonly redacted: readonly LeftOut[];
  /** A server of an earlier xcp does not tell how it maps nodes to groups: then the rules are empty, and say nothing. */
  readonly rulesKnown: boolean;
}

export interface SourceOptions {
  readonly api: Api;
  readonly context: Pick<Context, "stderr" | "now" | "env">;
  readonly token: string | undefined;
  /** PEM of the authority that signed a server's certificate. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  /** age identities; empty: what is encrypted is left out. */
  readonly identities: readonly string[];
  readonly adapters: Containment;
}

/** The files that {@link identitiesOf} reads. */
export const IDENTITY: Flag = {
  name: "identity",
  value: "FILE",
  repeat: true,
  env: true,
  help: "age identities that decrypt the secrets of a store",
};

/** Flags of every command that reads sources. */
export const SOURCE_FLAGS: readonly Flag[] = [
  IDENTITY,
  { name: "api-token-file", value: "FILE", env: true, help: "file with the bearer token of a running server" },
  { name: "tls-ca", value: "FILE", help: "authority that signed the certificate of a running server" },
  { name: "timeout", value: "TIME", fallback: "30s", help: "how long a running server has to answer" },
  {
    name: "descriptors",
    value: "FILE",
    repeat: true,
    env: true,
    help: "descriptor set of types that Envoy's API lacks",
  },
  ...ADAPTER_FLAGS,
];

/**
 * Reads what the flags of {@link SOURCE_FLAGS} say.
 *
 * @throws {CommandError} `usage`, `unreadable`, `invalid`
 */
export async function sourceOptions(parsed: Parsed, context: SourceOptions["context"]): Promise<SourceOptions> {
  const { loadApiWith } = await import("./api.ts");
  const [token, ca] = [parsed.one("api-token-file"), parsed.one("tls-ca")];
  return {
    api: await loadApiWith(parsed.all("descriptors")),
    context,
    token: token === undefined ? undefined : await readToken(token),
    ca: ca === undefined ? undefined : await readNamed(ca),
    timeoutMs: durationOf(parsed, "timeout", 30_000),
    identities: await identitiesOf(parsed),
    adapters: containmentOf(parsed),
  };
}

/** The identities of all files that were named with `--identity`. */
export async function identitiesOf(parsed: Parsed): Promise<readonly string[]> {
  const files = parsed.all("identity");
  if (files.length === 0) return [];
  const { parseIdentities } = await import("../lib/store/snapshot/age.ts");
  const identities: string[] = [];
  for (const file of files) {
    const read = await parseIdentities(await readNamed(file));
    if (read.kind === "invalid") {
      throw new CommandError("invalid", `Cannot use the identities in "${file}": ${read.why}`);
    }
    identities.push(...read.keys);
  }
  return identities;
}

/** Whether a word is the admin address of a running server: `http://…`, `https://…`, `unix:/path`. */
export function isServerWord(word: string): boolean {
  return /^(https?:\/\/|unix:)/i.test(word);
}

/**
 * Reads a source: a directory or a file, an adapter, a running server, or a store with an optional reference.
 *
 * @throws {CommandError} `unreadable`, `invalid`: it has errors, which are told on stderr; `unavailable`
 */
export async function readSource(word: string, options: SourceOptions): Promise<SourceContent> {
  if (isStoreUrl(word)) return await (await import("./sources/store.ts")).readStore(word, options);
  if (isServerWord(word)) return await (await import("./sources/server.ts")).readServer(word, options);
  const adapter = isAdapterWord(word) ? await (await import("./adapters.ts")).adapterOf(word) : undefined;
  if (adapter !== undefined) return await (await import("./sources/adapter.ts")).readAdapter(adapter, options);
  return await (await import("./sources/files.ts")).readFiles(word, options);
}
