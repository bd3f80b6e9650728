import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "./blobs.ts";
import { checkStoreUrl, isStoreUrl, openStore, splitRef } from "./open.ts";

Deno.test("a reference stands behind the last @, before the query or behind it", () => {
  const cases: [string, string, string | undefined][] = [
    ["s3://bucket/prefix", "s3://bucket/prefix", undefined],
    ["s3://bucket/prefix@7", "s3://bucket/prefix", "7"],
    ["s3://bucket@latest", "s3://bucket", "latest"],
    ["s3://bucket/a@b/c", "s3://bucket/a@b/c", undefined],
    ["s3://bucket/a@b/c@v1", "s3://bucket/a@b/c", "v1"],
    ["s3://b/p@7?endpoint=http://h:9000&region=r", "s3://b/p?endpoint=http://h:9000&region=r", "7"],
    ["s3://b/p?endpoint=http://h:9000@7", "s3://b/p?endpoint=http://h:9000", "7"],
    ["s3://b/p?path-style=true@v1", "s3://b/p?path-style=true", "v1"],
    ["file:///srv/snapshots@release%2F7", "file:///srv/snapshots", "release/7"],
    // Credentials where none belong stay where the store refuses them.
    ["s3://key:secret@bucket", "s3://key:secret@bucket", undefined],
  ];
  for (const [word, url, ref] of cases) assertEquals(splitRef(word), { url, ref }, word);
});

Deno.test("a path is no store, and what is neither is refused", async () => {
  assertEquals(["./config", "http://h", "s3://b", "FILE:///x"].map(isStoreUrl), [false, false, true, true]);
  await assertRejects(() => openStore("ftp://x"), StoreError, "a store is s3://bucket/prefix or file:///path");
});

Deno.test("a URL that no store can have is told by its form, and what it names need not be there", async () => {
  for (const url of ["s3://", "s3://b", "s3://bucket?endpont=x", "file://host/path", "file:///", "ftp://x"]) {
    const error = await assertRejects(() => checkStoreUrl(url), StoreError);
    assertEquals(error.fault, "url", url);
  }
  for (const url of ["s3://bucket/none?region=eu-1", "file:///nowhere"]) await checkStoreUrl(url);
});
