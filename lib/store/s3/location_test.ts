import { assertEquals } from "@std/assert";
import { formatS3Url, parseS3Url, type S3Location } from "./location.ts";

const GOOD: [url: string, location: S3Location][] = [
  ["s3://bucket", { bucket: "bucket", prefix: "" }],
  ["s3://bucket/", { bucket: "bucket", prefix: "" }],
  ["s3://bucket/a/b-1/", { bucket: "bucket", prefix: "a/b-1" }],
  ["s3://my.Old_Bucket/env=prod/x", { bucket: "my.Old_Bucket", prefix: "env=prod/x" }],
  ["s3://bucket?region=eu-west-1", { bucket: "bucket", prefix: "", region: "eu-west-1" }],
  ["s3://bucket/p?endpoint=http://127.0.0.1:9000/&path-style=false", {
    bucket: "bucket",
    prefix: "p",
    endpoint: "http://127.0.0.1:9000",
    pathStyle: false,
  }],
  ["s3://bucket/p?path-style=true&endpoint=https%3A%2F%2Fs3.example.com", {
    bucket: "bucket",
    prefix: "p",
    pathStyle: true,
    endpoint: "https://s3.example.com",
  }],
];

Deno.test("a URL of S3 names a bucket, a prefix and what is said of the server", () => {
  for (const [url, location] of GOOD) assertEquals(parseS3Url(url), location, url);
});

Deno.test("a place is named without the server", () => {
  for (const [url, location] of GOOD) assertEquals(formatS3Url(location), url.replace(/\/?(\?.*)?$/, ""));
});

const BAD: [url: string, why: string][] = [
  ["file:///x", "it is not s3://bucket/prefix"],
  ["s3:bucket", "it is not s3://bucket/prefix"],
  ["s3:///prefix", "the bucket is missing"],
  ["s3://b", "that is no name of a bucket"],
  ["s3://bucket:9000/x", "that is no name of a bucket"],
  ["s3://key:secret@bucket/x", "credentials come from the environment, not from the URL"],
  ["s3://bucket#x", "there is nothing that # could mean"],
  ["s3://bucket/a//b", "the prefix is not words of letters, digits and !_.*'()=@+- between slashes"],
  ["s3://bucket/a/../b", "the prefix is not words of letters, digits and !_.*'()=@+- between slashes"],
  ["s3://bucket/a%20b", "the prefix is not words of letters, digits and !_.*'()=@+- between slashes"],
  [`s3://bucket/${"x".repeat(501)}`, "a prefix has at most 500 characters"],
  ["s3://bucket?endpoint=example.com", "the endpoint is no http or https URL"],
  ["s3://bucket?endpoint=ftp://example.com", "the endpoint is no http or https URL"],
  ["s3://bucket?endpoint=http://a:b@example.com", "credentials come from the environment, not from the endpoint"],
  ["s3://bucket?endpoint=http://example.com?x=1", "an endpoint has no query"],
  ["s3://bucket?region=a/b", "that is no name of a region"],
  ["s3://bucket?region=", "that is no name of a region"],
  ["s3://bucket?path-style=yes", '"path-style" is true or false'],
  ["s3://bucket?region=a&region=b", '"region" stands there twice'],
  ["s3://bucket?profile=x", '"profile" is not known; endpoint, region and path-style are'],
  ["s3://bucket?AKIA123=x", "a parameter is not known; endpoint, region and path-style are"],
];

Deno.test("a text that names no bucket is told why, without what may be secret in it", () => {
  for (const [url, why] of BAD) assertEquals(parseS3Url(url), { why }, url);
});
