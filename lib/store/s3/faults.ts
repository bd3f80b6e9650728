/**
 * What a server, the network or the SDK said instead of an answer, and what that means: errors of S3 are told apart by
 * their codes, because 403 and 404 each mean several things.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 *
 * @module
 */
import { reason, systemCode } from "../../system_error.ts";
import type { StoreFault } from "../blobs.ts";

/** A request that did not do what was asked. */
export interface Refusal {
  /** Of HTTP; undefined when there was no answer. */
  readonly status?: number;
  /** Of S3 (`NoSuchKey`); "" when the answer had none, or there was none. */
  readonly code: string;
  /** In which the bucket is, when the server says that this is another one. */
  readonly region?: string;
  /** In the server's own words, or the network's. */
  readonly said: string;
  /** No answer, or only a part of one: what was asked may have been done. */
  readonly lost: boolean;
}

/** The server did not answer in time, or stopped in the middle of an answer. The message is the state. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** An answer of 2xx that is not what S3 would say. */
export class NotS3 extends Error {
  override readonly name = "NotS3";
}

/** Reads an error of the SDK. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof NotS3) return { status: 200, code: "", said: error.message, lost: false };
  if (error instanceof NoAnswer) return { code: "", said: error.message, lost: true };
  const fields = fieldsOf(error);
  const status = numberOf(fieldsOf(fields["$metadata"])["httpStatusCode"]);
  const response = fieldsOf(fields["$response"]);
  const name = textOf(fields["name"]);
  if (status === undefined) {
    if (/CredentialsProviderError|TokenProviderError/.test(name)) {
      return { code: NO_CREDENTIALS, said: "", lost: false };
    }
    const system = systemCode(error);
    // The SDK calls a reset a time-out too.
    const timeout = name === "TimeoutError" && system !== "ECONNRESET";
    const said = timeout ? "no answer in time" : reason(error);
    return { code: "", said, lost: timeout || system !== undefined };
  }
  // The code of an answer that has none is made up by the SDK.
  const code = textOf(fields["Code"]);
  const region = textOf(fields["Region"]) || textOf(fieldsOf(response["headers"])["x-amz-bucket-region"]);
  // An answer that is not even XML is told in words of a parser, with the answer's own in them.
  const said = code === "" ? "" : textOf(fields["message"]);
  return { status, code, said, lost: false, ...(region === "" ? {} : { region }) };
}

const NO_CREDENTIALS = "NoCredentials";

/** The key is not there, and that is certain: it is its own code, because other things are 404 too. */
export function isMissingKey({ code }: Refusal): boolean {
  return code === "NoSuchKey";
}

/** Somebody else wrote: the condition of a write does not hold. */
export function isConflict({ status, code }: Refusal): boolean {
  return status === 412 || code === "PreconditionFailed";
}

/** Two writes at once: this one did nothing, and may be sent again. */
export function isBusy({ code }: Refusal): boolean {
  return code === "ConditionalRequestConflict" || code === "OperationAborted";
}

/** Nobody knows whether what was asked was done: an error of the server can come after the deed. */
export function isUncertain(refusal: Refusal): boolean {
  return refusal.lost || (refusal.status !== undefined && refusal.status >= 500 && faultOf(refusal) === "unreachable");
}

/** Whether the same request may be answered another time. */
export function isTransient(refusal: Refusal): boolean {
  // The SDK learns the server's time from such an answer.
  return refusal.code === "RequestTimeTooSkewed" || faultOf(refusal) === "unreachable";
}

/** Which fault it is. */
export function faultOf({ status, code, lost }: Refusal): StoreFault {
  const known = FAULTS.get(code);
  if (known !== undefined) return known;
  if (status === undefined) return lost ? "unreachable" : "failed";
  if (status === 507) return "full";
  if (status === 501 || status === 405) return "unable";
  if (status === 408 || status === 429 || status >= 500) return "unreachable";
  if (status === 401 || status === 403) return "forbidden";
  return "failed";
}

const FAULTS: ReadonlyMap<string, StoreFault> = new Map([
  ["NoSuchBucket", "missing"],
  [NO_CREDENTIALS, "forbidden"],
  ["AccessDenied", "forbidden"],
  ["AccountProblem", "forbidden"],
  ["AllAccessDisabled", "forbidden"],
  ["ExpiredToken", "forbidden"],
  ["ExpiredTokenException", "forbidden"],
  ["InvalidAccessKeyId", "forbidden"],
  ["InvalidSecurity", "forbidden"],
  ["InvalidToken", "forbidden"],
  ["NotSignedUp", "forbidden"],
  ["RequestTimeTooSkewed", "forbidden"],
  ["SignatureDoesNotMatch", "forbidden"],
  ["TokenRefreshRequired", "forbidden"],
  ["NotImplemented", "unable"],
  ["MethodNotAllowed", "unable"],
  ["EntityTooLarge", "too-large"],
  ["QuotaExceeded", "full"],
  ["XMinioAdminBucketQuotaExceeded", "full"],
  ["XMinioStorageFull", "full"],
  ["ConditionalRequestConflict", "unreachable"],
  ["OperationAborted", "unreachable"],
  ["RequestTimeout", "unreachable"],
  ["SlowDown", "unreachable"],
  ["ServiceUnavailable", "unreachable"],
  ["Throttling", "unreachable"],
  ["ThrottlingException", "unreachable"],
  ["TooManyRequests", "unreachable"],
]);

/** The state after the colon of a message. `endpoint` is the server, where it has a name. */
export function words(refusal: Refusal, endpoint: string): string {
  const { status, code, region, said } = refusal;
  const known = WORDS.get(code);
  if (known !== undefined) return known + quotedAnswer(code, said);
  if (status === undefined) return `${endpoint}: ${said}`;
  if (status === 200) return said;
  const name = code === "" ? "without the code of an S3 server" : shown(code);
  if (faultOf(refusal) === "forbidden") return `forbidden (${status} ${name})${quotedAnswer(code, said)}`;
  const elsewhere = region === undefined ? "" : `; the bucket is in region "${shown(region)}"`;
  return `${endpoint} answers ${status} ${name}${elsewhere}${quotedAnswer(code, said)}`;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["NoSuchBucket", "there is no such bucket"],
  [NO_CREDENTIALS, "no credentials in the environment, the profiles or the instance"],
  ["AccessDenied", "the credentials give no right to this"],
  ["ExpiredToken", "the credentials have expired"],
  ["ExpiredTokenException", "the credentials have expired"],
  ["InvalidAccessKeyId", "the server does not know the access key"],
  ["InvalidToken", "the session token is wrong"],
  ["RequestTimeTooSkewed", "the clocks of the server and of this machine differ"],
  ["SignatureDoesNotMatch", "the secret key is wrong"],
  ["QuotaExceeded", "the quota of the bucket is used up"],
  ["XMinioAdminBucketQuotaExceeded", "the quota of the bucket is used up"],
  ["XMinioStorageFull", "the server has no space left"],
]);

/** Codes whose answer says more than their name, as AWS names the right that is missing. */
const TELLING = new Set(["AccessDenied", "InvalidRequest", "InvalidArgument", "AuthorizationHeaderMalformed"]);
/** Words beside which servers repeat what they were sent. */
const TELLTALE = /AccessKey|AWSAccess|Credential=|signature|token|secret|authorization:/i;
const MOST_SAID = 300;

function quotedAnswer(code: string, said: string): string {
  if (!TELLING.has(code) || said === "" || said.length > MOST_SAID || TELLTALE.test(said)) return "";
  return ` (${shown(said)})`;
}

/** What a server sent, without what would break a line of a log. */
function shown(text: string): string {
  return text.slice(0, MOST_SAID).replaceAll(/[^\x20-\x7e]+/g, "?");
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
