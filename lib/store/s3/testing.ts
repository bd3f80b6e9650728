/**
 * A server for tests that does what an S3 server does, and, told so, what real ones cannot be made to do.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request, as those who interfere see it. */
export interface Asked {
  /** `GET`, `HEAD`, `PUT`, `DELETE`; `LIST` for a list. */
  readonly method: string;
  /** With the prefix of the store. */
  readonly key: string;
  readonly headers: IncomingMessage["headers"];
  /** How many of this method there were before. */
  readonly before: number;
}

/**
 * What happens instead of an answer: `lost` does what is asked and breaks the connection, `cut` breaks it at once,
 * `hang` says nothing, `half` breaks it in the middle of the body, `slow` stops there, `trickle` sends a byte every {@link DRIP_MS}.
 */
export type Trouble = "lost" | "cut" | "hang" | "half" | "slow" | "trickle";

/** Milliseconds. */
const DRIP_MS = 60;

/** An answer of its own. */
export interface Answer {
  readonly status: number;
  /** Of an error of S3. */
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of an error of S3. */
  readonly body?: string;
  /** In the error: `<Region>…</Region>`. */
  readonly more?: string;
}

export interface FakeObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly mark: string | undefined;
}

export interface FakeS3 {
  /** Of a store with the prefix `store` in the bucket `bucket`. */
  readonly url: string;
  readonly objects: Map<string, FakeObject>;
  /** `PUT store/key`, in order. */
  readonly requests: string[];
  /** Looks at each request first; undefined lets it pass. */
  interfere(look: (asked: Asked) => Trouble | Answer | undefined): void;
  close(): Promise<void>;
}

/** Keys on a page of a list. */
const PAGE = 3;

export async function startFakeS3(): Promise<FakeS3> {
  const objects = new Map<string, FakeObject>();
  const requests: string[] = [];
  const counts = new Map<string, number>();
  let look: (asked: Asked) => Trouble | Answer | undefined = () => undefined;

  const server = createServer((request, response) => {
    read(request).then((body) => {
      const url = new URL(request.url ?? "", "http://localhost");
      const key = decodeURIComponent(url.pathname).replace(/^\/bucket\/?/, "");
      const method = request.method === "GET" && url.searchParams.has("list-type") ? "LIST" : request.method ?? "";
      const before = counts.get(method) ?? 0;
      counts.set(method, before + 1);
      requests.push(`${method} ${key}`);
      const what = look({ method, key, headers: request.headers, before });
      if (what === "hang") return;
      if (what === "cut") return request.socket.destroy();
      if (typeof what === "object") return fail(request, response, what);
      const run = () => serve(objects, method, key, url, request, body);
      if (what === "lost") {
        run();
        return request.socket.destroy();
      }
      send(request, response, run(), what);
    }, () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `s3://bucket/store?endpoint=http://127.0.0.1:${port}&region=us-east-1`,
    objects,
    requests,
    interfere: (next) => void (look = next),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Served {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

function serve(
  objects: Map<string, FakeObject>,
  method: string,
  key: string,
  url: URL,
  { headers }: IncomingMessage,
  body: Uint8Array,
): Served {
  const found = objects.get(key);
  const condition = headers["if-match"];
  if (method === "LIST") return { status: 200, body: page([...objects], url.searchParams) };
  if (method === "PUT") {
    if (headers["if-none-match"] === "*" && found !== undefined) {
      return error({ status: 412, code: "PreconditionFailed" });
    }
    if (condition !== undefined && found === undefined) return error({ status: 404, code: "NoSuchKey" });
    if (condition !== undefined && found?.etag !== condition) return error({ status: 412, code: "PreconditionFailed" });
    const etag = `"${createHash("md5").update(body).digest("hex")}"`;
    const mark = headers["x-amz-meta-xcp-write"];
    objects.set(key, { bytes: body, etag, mark: typeof mark === "string" ? mark : undefined });
    return { status: 200, headers: { etag } };
  }
  if (method === "DELETE") {
    objects.delete(key);
    return { status: 204 };
  }
  if (found === undefined) return error({ status: 404, code: "NoSuchKey" });
  if (headers["if-none-match"] === found.etag) return { status: 304, headers: { etag: found.etag } };
  const mark = found.mark === undefined ? {} : { "x-amz-meta-xcp-write": found.mark };
  return { status: 200, headers: { etag: found.etag, ...mark }, body: found.bytes };
}

/** Not in the order of the keys: the order of their digests. */
function page(objects: [string, FakeObject][], query: URLSearchParams): string {
  const digest = (text: string) => createHash("md5").update(text).digest("hex");
  const all = objects.filter(([key]) => key.startsWith(query.get("prefix") ?? ""))
    .sort(([a], [b]) => digest(a) < digest(b) ? -1 : 1);
  const from = Number(query.get("continuation-token") ?? "0");
  const shown = all.slice(from, from + PAGE).map(([key, { bytes }]) =>
    `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${bytes.length}</Size>` +
    `<LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`
  );
  const more = from + PAGE < all.length;
  const next = more ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : "";
  return `<?xml version="1.0"?><ListBucketResult><Name>bucket</Name><EncodingType>url</EncodingType>` +
    `<KeyCount>${shown.length}</KeyCount><IsTruncated>${more}</IsTruncated>${next}${shown.join("")}</ListBucketResult>`;
}

function error({ status, code, headers, body, more = "" }: Answer): Served {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>The ${code}</Message>${more}</Error>`;
  return { status, headers: { ...headers }, body: body ?? (code === undefined ? "" : xml) };
}

function fail(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  send(request, response, error(answer), undefined);
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers = {}, body = "" }: Served,
  trouble: "half" | "slow" | "trickle" | undefined,
): void {
  const bytes = Buffer.from(body);
  const hasBody = request.method !== "HEAD" && status !== 204 && status !== 304;
  const sized = hasBody && headers["transfer-encoding"] === undefined;
  response.writeHead(status, { ...headers, ...(sized ? { "content-length": bytes.length } : {}) });
  if (!hasBody) return void response.end();
  if (trouble === undefined) return void response.end(bytes);
  if (trouble === "trickle") return drip(response, bytes);
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (trouble === "half") request.socket.destroy();
  });
}

function drip(response: ServerResponse, bytes: Uint8Array): void {
  if (bytes.length === 0) return void response.end();
  response.write(bytes.subarray(0, 1));
  setTimeout(() => drip(response, bytes.subarray(1)), DRIP_MS);
}

async function read(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}
