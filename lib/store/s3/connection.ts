/**
 * The SDK's client, and what is said to it: one request, answered or refused. What is tried again, and what an answer
 * means, is decided above.
 *
 * @module
 */
import { env } from "node:process";
import type {
  DeleteObjectCommandOutput,
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  ListObjectsV2CommandInput,
  ListObjectsV2CommandOutput,
  PutObjectCommandInput,
  PutObjectCommandOutput,
  S3Client,
  S3ClientConfig,
} from "@aws-sdk/client-s3";
import type { Attempt, S3Limits } from "./attempts.ts";
import { refusalOf } from "./faults.ts";
import type { S3Location } from "./location.ts";

/** An access key. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

type Sent<Input> = Omit<Input, "Bucket">;

/** One request each, without repetition; each rejects with what {@link refusalOf} reads. */
export interface Connection {
  /** How messages name the server. */
  readonly endpoint: string;
  get(input: Sent<GetObjectCommandInput>, attempt: Attempt): Promise<GetObjectCommandOutput>;
  head(key: string, attempt: Attempt): Promise<HeadObjectCommandOutput>;
  put(input: Sent<PutObjectCommandInput>, attempt: Attempt): Promise<PutObjectCommandOutput>;
  list(input: Sent<ListObjectsV2CommandInput>, attempt: Attempt): Promise<ListObjectsV2CommandOutput>;
  remove(key: string, attempt: Attempt): Promise<DeleteObjectCommandOutput>;
  /** Ends its connections. */
  close(): void;
}

/** Loads the SDK, which takes a tenth of a second, and asks nothing of the server yet. */
export async function connect(
  location: S3Location,
  limits: S3Limits,
  credentials: S3Credentials | undefined,
): Promise<Connection> {
  const sdk = await import("@aws-sdk/client-s3");
  const { bucket: Bucket } = location;
  const endpoint = location.endpoint ?? (env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"] || undefined);
  const config = configOf(location, endpoint, limits, credentials);
  const region = location.region ?? await regionOf(new sdk.S3Client(config));
  let client = new sdk.S3Client({ ...config, region });
  const left: S3Client[] = [];

  /**
   * Goes to the bucket's region when the server says that it is another one. (The SDK would do so for each request
   * anew, and confuses requests that are under way at the same time.)
   */
  async function send<T>(attempt: Attempt, request: (client: S3Client) => Promise<T>): Promise<T> {
    const asked = client;
    try {
      return await request(asked);
    } catch (error) {
      const { region } = refusalOf(error);
      if (attempt.signal.aborted || region === undefined) throw error;
      if (client === asked) {
        if (region === await asked.config.region()) throw error;
        left.push(asked); // others may still wait for its answers
        client = new sdk.S3Client({ ...config, region });
      }
      attempt.heard();
      return await request(client);
    }
  }

  const options = ({ signal, answerMs }: Attempt) => ({ abortSignal: signal, requestTimeout: answerMs });
  return {
    endpoint: endpoint === undefined ? "AWS" : `"${withoutUser(endpoint)}"`,
    get: (input, attempt) =>
      send(attempt, (client) => client.send(new sdk.GetObjectCommand({ ...input, Bucket }), options(attempt))),
    head: (Key, attempt) =>
      send(attempt, (client) => client.send(new sdk.HeadObjectCommand({ Key, Bucket }), options(attempt))),
    put: (input, attempt) =>
      send(attempt, (client) => client.send(new sdk.PutObjectCommand({ ...input, Bucket }), options(attempt))),
    list: (input, attempt) =>
      send(attempt, (client) => client.send(new sdk.ListObjectsV2Command({ ...input, Bucket }), options(attempt))),
    remove: (Key, attempt) =>
      send(attempt, (client) => client.send(new sdk.DeleteObjectCommand({ Key, Bucket }), options(attempt))),
    close() {
      for (const each of [client, ...left]) each.destroy();
    },
  };
}

function configOf(
  { pathStyle }: S3Location,
  endpoint: string | undefined,
  { connectMs, answerMs }: S3Limits,
  credentials: S3Credentials | undefined,
): S3ClientConfig {
  const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  return {
    ...(credentials === undefined ? {} : { credentials }),
    // Other servers know neither the checksums of AWS nor the chunks that carry them.
    ...(endpoint === undefined
      ? {}
      : { endpoint, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" }),
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    // A conditional write that is sent again would meet itself.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      logger: quiet,
    },
    expectContinueHeader: false,
    logger: quiet,
  };
}

/** `AWS_REGION` or the profile, as the SDK reads them; else what the AWS command line reads; else where a bucket is asked for. */
async function regionOf(client: S3Client): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    return env["AWS_DEFAULT_REGION"] || "us-east-1";
  } finally {
    client.destroy();
  }
}

/** The environment may hold what our own URLs may not. */
function withoutUser(endpoint: string): string {
  if (!URL.canParse(endpoint)) return "the endpoint of the environment";
  const { protocol, host } = new URL(endpoint);
  return `${protocol}//${host}`;
}
