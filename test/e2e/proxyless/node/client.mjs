/**
 * A proxyless gRPC client on Node: it calls a target again and again, and writes one line of JSON for each call.
 *
 * usage: MODULES=FOLDER client.mjs TARGET CALLS_PER_SECOND
 */
import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(`${process.env.MODULES}/`);
const grpc = require("@grpc/grpc-js");
require("@grpc/grpc-js-xds").register();

const [target, rate] = process.argv.slice(2);
const client = new grpc.Client(target, grpc.credentials.createInsecure());
const same = (bytes) => bytes;
let underWay = 0;

setInterval(() => {
  if (underWay === 32) return;
  underWay++;
  const options = { deadline: Date.now() + 5_000 };
  client.makeUnaryRequest("/xcp.test.Colours/Get", same, same, Buffer.alloc(0), options, (error, reply) => {
    underWay--;
    const line = error ? { code: error.code, error: error.details } : { answer: String(reply) };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  });
}, 1000 / Number(rate));
