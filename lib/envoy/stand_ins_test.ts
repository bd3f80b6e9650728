import { assertEquals, assertMatch } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { selfSigned } from "./certificate.ts";
import { standIn } from "./stand_ins.ts";

const OPTIONS = {
  exists: (path: string) => path.startsWith("/here/"),
  pair: () => ({ certificate: "CERT", key: "KEY" }),
  emptyFile: "/empty.yaml",
  emptyFolder: "/empty",
};

Deno.test("a certificate and its key are replaced together", () => {
  const { json, missing, unsure } = standIn({
    tls_certificate: { certificate_chain: { filename: "/here/a.pem" }, private_key: { filename: "/gone/b.pem" } },
  }, OPTIONS);
  assertEquals(json, {
    tls_certificate: { certificate_chain: { inline_string: "CERT" }, private_key: { inline_string: "KEY" } },
  });
  assertEquals([missing, unsure], [["/gone/b.pem"], undefined]);
});

Deno.test("what is here stays, with lists, nulls and numbers", () => {
  const json = {
    trusted_ca: { filename: "/here/ca.pem" },
    list: [[1, null, "a"], { path: "/gone" }],
    sds_config: { path_config_source: { path: "/here/s.yaml" } },
  };
  assertEquals(standIn(json, OPTIONS), { json, missing: [], unsure: undefined });
});

Deno.test("each kind of file has its own stand-in, and for some nothing is sure to be as good", () => {
  const { json, missing, unsure } = standIn({
    trusted_ca: { filename: "/gone/ca.pem" },
    crl: { filename: "/gone/crl.pem" },
    body: { filename: "/gone/body.txt" },
    path_config_source: { path: "/gone/s.yaml", watched_directory: { path: "/gone" } },
    local_jwks: { filename: "/gone/jwks.json" },
  }, OPTIONS);
  assertEquals(json, {
    trusted_ca: { inline_string: "CERT" },
    body: { inline_string: "stand-in" },
    path_config_source: { path: "/empty.yaml", watched_directory: { path: "/empty" } },
    local_jwks: { inline_string: "stand-in" },
  });
  assertEquals([missing.length, unsure], [6, "/gone/jwks.json"]);
});

Deno.test("access logs of the configuration are not opened", () => {
  const type = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";
  const { json } = standIn(
    { a: { "@type": type, path: "/here/log" }, b: { "@type": type, path: "/dev/stdout" } },
    OPTIONS,
  );
  assertEquals(json, { a: { "@type": type, path: "/dev/null" }, b: { "@type": type, path: "/dev/stdout" } });
});

Deno.test("the certificate that is made is one, and is its own authority", () => {
  const { certificate, key } = selfSigned(Date.now());
  const read = new X509Certificate(certificate);
  assertEquals([read.verify(read.publicKey), read.ca], [true, true]);
  assertMatch(key, /^-----BEGIN PRIVATE KEY-----\n/);
});
