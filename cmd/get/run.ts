/**
 * `xcp get` at work: connects, follows, prints, and says what went wrong.
 *
 * @module
 */
import { formatAddress } from "../../lib/address.ts";
import { type Channel, openChannel } from "../../lib/client/channel.ts";
import { ClientError, statusName } from "../../lib/client/error.ts";
import { follow } from "../../lib/client/follow.ts";
import type { Holding } from "../../lib/client/holding.ts";
import type { NameError } from "../../lib/client/messages.ts";
import { loadApi } from "../../lib/model/api.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import type { Context } from "../command.ts";
import { CommandError, EXIT } from "../exit.ts";
import { printable } from "../printable.ts";
import type { GetOptions } from "./options.ts";
import { type Failed, type Printer, printer, typeLabel } from "./print.ts";
import { readTls } from "./tls.ts";

/** Asks, prints, and returns the exit code. `signal` ends a watch. */
export async function runGet(options: GetOptions, context: Context, signal?: AbortSignal): Promise<number> {
  const tls = options.tls === undefined ? undefined : await readTls(options.tls);
  const channel = openChannel({ address: options.address, tls });
  const print = printer(loadApi(), options);
  try {
    return options.watch
      ? await watch(channel, print, options, context, signal)
      : await getOnce(channel, print, options, context);
  } catch (error) {
    if (error instanceof ClientError) throw failure(error, options);
    throw error;
  } finally {
    channel.close();
  }
}

async function getOnce(channel: Channel, print: Printer, options: GetOptions, context: Context): Promise<number> {
  const warn = warner(context);
  let unusable = false;
  const holding = await follow(channel, options.query, {
    timeoutMs: options.timeoutMs,
    until: "settled",
    inspect: print.inspect,
    onOddity: warn,
    onAnswer: ({ problems }) => unusable ||= problems.length > 0,
  });
  const errors = failed(holding, options);
  context.stdout.write(
    await print.outcome({ resources: holding.resources, version: holding.version, errors }),
  );
  for (const error of errors) warn(sentence(error, options));
  if (errors.length > 0) return EXIT.rejected;
  if (unusable) return EXIT.invalid;
  if (holding.resources.length === 0) warn(nothing(options));
  return EXIT.ok;
}

async function watch(
  channel: Channel,
  print: Printer,
  options: GetOptions,
  context: Context,
  signal: AbortSignal | undefined,
): Promise<number> {
  const warn = warner(context);
  const ends = [signal, context.stdout.gone].filter((each) => each !== undefined);
  let printed = Promise.resolve();
  let known = new Set<string>();
  let first = true;
  await follow(channel, options.query, {
    timeoutMs: options.timeoutMs,
    until: "aborted",
    signal: AbortSignal.any(ends),
    inspect: print.inspect,
    onOddity: warn,
    onAnswer({ changes }, holding) {
      const at = context.now();
      printed = printed.then(async () => {
        for (const change of changes) context.stdout.write(await print.change(change, at));
      });
      const missing = holding.missing.map(said);
      if (first && missing.length === 0 && holding.resources.length === 0) warn(nothing(options));
      first = false;
      for (const error of missing) if (!known.has(error.name)) warn(sentence(error, options));
      known = new Set(missing.map(({ name }) => name));
    },
  }).finally(() => printed);
  return EXIT.ok;
}

const UNHEARD = "DEADLINE_EXCEEDED";

/** Names that are not there, with the server's words, and those that it did not speak of at all. */
function failed(holding: Holding, { timeoutMs }: GetOptions): Failed[] {
  const message = `no word about it in ${timeoutMs / 1000} s`;
  return [...holding.missing.map(said), ...holding.owed().map((name) => ({ name, code: UNHEARD, message }))];
}

function said({ name, code, message }: NameError): Failed {
  return { name, code: statusName(code), message };
}

function sentence({ name, code, message }: Failed, { query }: GetOptions): string {
  const state = message === "" && code === "NOT_FOUND"
    ? "the server has none of this name"
    : code === UNHEARD
    ? message
    : `${code}${message === "" ? "" : `: ${message}`}`;
  return `Cannot get ${typeLabel(query.type)} "${name}": ${state}`;
}

/** An empty answer is no failure, and most often not what was hoped for. */
function nothing({ query }: GetOptions): string {
  const type = typeByUrl(query.type);
  const state = `The server has no ${type?.plural ?? "resource of this type"} for this node`;
  return type?.fullState === true ? state : `${state}, or gives them by name only`;
}

function warner({ stderr }: Context): (sentence: string) => void {
  return (sentence) => stderr.write(`xcp: ${printable(sentence)}\n`);
}

function failure(error: ClientError, options: GetOptions): CommandError {
  const what = typeByUrl(options.query.type)?.plural ?? options.query.type;
  const message = `Cannot get ${what} from "${formatAddress(options.address)}": ${printable(error.message)}`;
  const hint = hintOf(error, options);
  return new CommandError("unavailable", message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}

/** What to try next. */
function hintOf({ failure, message }: ClientError, { query, tls }: GetOptions): string | undefined {
  switch (failure) {
    case "unimplemented":
      if (query.perType) return "Leave out --per-type to ask for the aggregated stream";
      return query.mode === "delta"
        ? "A server without delta may know the state of the world: --sotw"
        : "A server without the aggregated stream may know one for each type: --per-type";
    case "silent":
      return "Some servers say nothing where there is nothing, or where they want names, --node-id or --cluster";
    case "unreachable":
      return /HTTP/.test(message) ? "xcp serves xDS on port 18000, its admin page on 18001" : undefined;
    case "closed":
      return tls === undefined ? "A server that wants TLS closes connections without it: --tls-ca" : undefined;
    case "tls":
      return "Without --tls-ca, --tls-cert and --tls-server-name it is asked without TLS";
    case "identity":
      return tls?.pair === undefined ? "Show it one with --tls-cert and --tls-key" : undefined;
    case "untrusted":
      return "Name the authority that signed it with --tls-ca";
    case "misnamed":
      return "Say with --tls-server-name which name its certificate has";
    default:
      return undefined;
  }
}
