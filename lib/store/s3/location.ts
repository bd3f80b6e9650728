/**
 * Where a bucket is, as people write it: `s3://bucket/prefix?endpoint=URL&region=R&path-style=true`.
 *
 * @module
 */
import { StoreError } from "../blobs.ts";

export interface S3Location {
  readonly bucket: string;
  /** Words with `/` between them, without one at either end; "" for the bucket itself. */
  readonly prefix: string;
  /** An S3-compatible server, `https://s3.example.com`; undefined for AWS, or what the environment says. */
  readonly endpoint?: string;
  /** Undefined for what the environment says. */
  readonly region?: string;
  /** `https://host/bucket/key` instead of `https://bucket.host/key`; undefined is true for any server but AWS. */
  readonly pathStyle?: boolean;
}

/** A text that is no such place. `why` is the state that follows the colon of a message, and repeats nothing secret. */
export interface NoLocation {
  readonly why: string;
}

/**
 * Where a bucket is, for who needs one.
 *
 * @throws {StoreError} `url`
 */
export function locationOf(url: string): S3Location {
  const location = parseS3Url(url);
  if (!("why" in location)) return location;
  // A URL with credentials in it is not repeated.
  const subject = /@|%40/.test(url.split(/[?#]/)[0] ?? "") ? "the store" : `"${url.replace(/[?#].*$/s, "")}"`;
  throw new StoreError("url", `Cannot open ${subject}: ${location.why}`);
}

/** Names of buckets, old and new ones: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
/** With the 200 of a key that stays well below the 1024 bytes that S3 has for one. */
const MOST_PREFIX = 500;
/** What every server takes in a key as it is: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const PREFIX_WORD = /^[A-Za-z0-9!_.*'()=@+-]+$/;
const REGION = /^[A-Za-z0-9-]{1,64}$/;

/** Reads where a bucket is. */
export function parseS3Url(text: string): S3Location | NoLocation {
  // Not `new URL`: it makes bucket names lower case, and two dots disappear.
  const match = /^s3:\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(#.*)?$/.exec(text);
  if (match === null) return { why: "it is not s3://bucket/prefix" };
  const [, bucket = "", path = "", query = "", fragment] = match;
  if (bucket.includes("@")) return { why: "credentials come from the environment, not from the URL" };
  if (!BUCKET.test(bucket)) return { why: bucket === "" ? "the bucket is missing" : "that is no name of a bucket" };
  if (fragment !== undefined) return { why: "there is nothing that # could mean" };
  const prefix = path.replace(/^\//, "").replace(/\/$/, "");
  if (!isPrefix(prefix)) return { why: "the prefix is not words of letters, digits and !_.*'()=@+- between slashes" };
  if (prefix.length > MOST_PREFIX) return { why: `a prefix has at most ${MOST_PREFIX} characters` };
  const read = readQuery(query);
  if ("why" in read) return read;
  return { bucket, prefix, ...read };
}

/** As people name it: without the rest of the query, and nothing else could hold a secret. */
export function formatS3Url({ bucket, prefix }: S3Location): string {
  return `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`;
}

function isPrefix(prefix: string): boolean {
  if (prefix === "") return true;
  return prefix.split("/").every((word) => PREFIX_WORD.test(word) && word !== "." && word !== "..");
}

interface Query {
  endpoint?: string;
  region?: string;
  pathStyle?: boolean;
}

function readQuery(text: string): Query | NoLocation {
  const query: Query = {};
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) return { why: `${quoted(name)} stands there twice` };
    seen.add(name);
    if (name === "endpoint") {
      const why = wrongEndpoint(value);
      if (why !== undefined) return { why };
      query.endpoint = value.replace(/\/+$/, "");
    } else if (name === "region") {
      if (!REGION.test(value)) return { why: "that is no name of a region" };
      query.region = value;
    } else if (name === "path-style") {
      if (value !== "true" && value !== "false") return { why: '"path-style" is true or false' };
      query.pathStyle = value === "true";
    } else {
      return { why: `${quoted(name)} is not known; endpoint, region and path-style are` };
    }
  }
  return query;
}

function wrongEndpoint(value: string): string | undefined {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) return "the endpoint is no http or https URL";
  if (url.username !== "" || url.password !== "") return "credentials come from the environment, not from the endpoint";
  if (url.search !== "" || url.hash !== "") return "an endpoint has no query";
  return undefined;
}

/** A name of ours or of nobody's; what could be a pasted secret is not repeated. */
function quoted(name: string): string {
  return /^[a-z-]{1,24}$/.test(name) ? `"${name}"` : "a parameter";
}
