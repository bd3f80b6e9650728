import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { ServerCredentials, status } from "@grpc/grpc-js";
import { deltaCluster, type Script, type SeenRequest, sotwCluster, startServer } from "../lib/client/testing.ts";
import { CLUSTER, ENDPOINTS, SECRET } from "../lib/model/types.ts";
import { createAuthority } from "../test/certificates.ts";
import { getOptions } from "./get/options.ts";
import { runGet } from "./get/run.ts";
import { get } from "./get.ts";
import { parseFlags } from "./flags.ts";
import { ran } from "./testing/context.ts";

/** Runs `get` against a server that does what the script says. */
async function asked(script: Script, ...args: string[]) {
  await using server = await startServer(script);
  const result = await ran(["get", ...args, "--xds", `127.0.0.1:${server.port}`]);
  return { ...result, requests: server.streams.flatMap(({ requests }): readonly SeenRequest[] => requests) };
}

/** Answers the first request with two clusters, in either mode. */
const two: Script = (stream, _, nth) => {
  if (nth > 1) return;
  const common = { typeUrl: CLUSTER.url, nonce: "1" };
  if (stream.mode === "sotw") {
    stream.sotw({ ...common, versionInfo: "s", resources: [sotwCluster("b"), sotwCluster("a", "other")] });
  } else {
    const resources = [{ ...deltaCluster("b", "1"), ttl: { seconds: 30n } }, deltaCluster("a", "2", "other")];
    stream.delta({ ...common, systemVersionInfo: "s", resources });
  }
};

Deno.test("YAML is documents below a line with what a resource does not say itself, sorted by name", async () => {
  assertEquals(await asked(two, "clusters").then(({ code, stdout, stderr }) => ({ code, stdout, stderr })), {
    code: 0,
    stdout: `# cluster "a", version 2
'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster
name: a
alt_stat_name: other
---
# cluster "b", version 1, ttl 30s
'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster
name: b
`,
    stderr: "",
  });
});

Deno.test("JSON is one object, and names are one a line", async () => {
  const { stdout } = await asked(two, "cds", "-o", "json");
  assertEquals(JSON.parse(stdout), {
    resources: [
      {
        type: CLUSTER.url,
        name: "a",
        version: "2",
        resource: { "@type": CLUSTER.url, name: "a", alt_stat_name: "other" },
      },
      { type: CLUSTER.url, name: "b", version: "1", ttl: "30s", resource: { "@type": CLUSTER.url, name: "b" } },
    ],
    version: "s",
    errors: [],
  });
  for (const mode of ["--sotw", "--delta"]) {
    assertEquals((await asked(two, "cluster", "-o", "names", mode)).stdout, "a\nb\n");
  }
});

Deno.test("the node, the names and the mode are asked as they were typed", async () => {
  const flags = ["--node-id", "edge-1", "--cluster", "edge", "--sotw"];
  const { requests: [request] } = await asked(two, CLUSTER.url, "a", "b", "a", ...flags);
  assertEquals(request?.names, ["a", "b"]);
  assertEquals([request?.type, request?.node?.id, request?.node?.cluster], [CLUSTER.url, "edge-1", "edge"]);
  const { query } = getOptions(
    parseFlags(get.flags, ["eds", "--locality", "eu/eu-1", "--node-metadata", "a=b=c", "--node-metadata", "d="], {}),
  );
  assertEquals(query.node.locality, { region: "eu", zone: "eu-1", subZone: "" });
  assertEquals(query.node.metadata, { a: "b=c", d: "" });
});

Deno.test("a name that is not there is exit code 1, with the server's words", async () => {
  const refusing: Script = (stream, _, nth) => {
    if (nth > 1) return;
    const resourceErrors = [{ resourceName: { name: "c" }, errorDetail: { code: 7, message: "not\x1b[2J you" } }];
    stream.delta({
      typeUrl: CLUSTER.url,
      nonce: "1",
      resources: [deltaCluster("a", "1")],
      removedResources: ["b"],
      resourceErrors,
    });
  };
  const { code, stdout, stderr } = await asked(
    refusing,
    "clusters",
    "a",
    "b",
    "c",
    "d",
    "-o",
    "json",
    "--timeout",
    "200ms",
  );
  assertEquals(code, 1);
  assertEquals(
    stderr,
    'xcp: Cannot get cluster "b": the server has none of this name\n' +
      'xcp: Cannot get cluster "c": PERMISSION_DENIED: not\u{fffd}[2J you\n' +
      'xcp: Cannot get cluster "d": no word about it in 0.2 s\n',
  );
  const { resources, errors } = JSON.parse(stdout);
  assertEquals([resources.length, errors.map(({ code }: { code: string }) => code)], [
    1,
    ["NOT_FOUND", "PERMISSION_DENIED", "DEADLINE_EXCEEDED"],
  ]);
});

Deno.test("an empty answer is no failure, and is told on stderr", async () => {
  const empty: Script = (stream, { type }, nth) => nth === 1 && stream.delta({ typeUrl: type, nonce: "1" });
  const clusters = await asked(empty, "clusters");
  assertEquals([clusters.code, clusters.stdout], [0, ""]);
  assertEquals(clusters.stderr, "xcp: The server has no clusters for this node\n");
  assertStringIncludes((await asked(empty, "endpoints")).stderr, "or gives them by name only");
});

Deno.test("secrets are hidden, unless they are asked for", async () => {
  const script: Script = (stream, _, nth) =>
    nth === 1 && stream.delta({
      typeUrl: SECRET.url,
      nonce: "1",
      resources: [{ name: "s", version: "1", resource: { typeUrl: SECRET.url, value: secret("xy") } }],
    });
  const hidden = await asked(script, "secrets");
  assertStringIncludes(hidden.stdout, "inline_string: '[redacted]'");
  assertEquals(hidden.stdout.includes("xy"), false);
  assertStringIncludes((await asked(script, "secrets", "--show-secrets")).stdout, "inline_string: xy");
});

/** A `Secret` named `s` with a private key: name 1, tls_certificate 2 { private_key 2 { inline_string 3 } }. */
function secret(text: string): Uint8Array {
  const field = (number: number, bytes: Uint8Array) => Buffer.from([number << 3 | 2, bytes.length, ...bytes]);
  const inside = field(2, field(2, field(3, Buffer.from(text))));
  return new Uint8Array(Buffer.concat([field(1, Buffer.from("s")), inside]));
}

Deno.test("a type that nobody knows is printed as its bytes, one that does not parse is rejected and hidden", async () => {
  const send = (type: string, value: Uint8Array): Script => (stream, _, nth) =>
    nth === 1 && stream.delta({
      typeUrl: type,
      nonce: "1",
      resources: [{ name: "x", version: "1", resource: { typeUrl: type, value } }],
    });
  const unknown = "type.googleapis.com/a.b.C";
  const shown = await asked(send(unknown, new Uint8Array([1, 2, 3])), "a.b.C");
  assertEquals([shown.code, shown.requests.at(-1)?.error], [0, undefined]);
  assertStringIncludes(shown.stdout, "'@type': type.googleapis.com/a.b.C\nvalue: AQID\n");

  const broken = send(SECRET.url, new Uint8Array([0x0a, 0x7f, 1]));
  const hidden = await asked(broken, "secrets");
  assertEquals(hidden.code, 65);
  assertStringIncludes(hidden.stdout, "value: '[redacted] 3 bytes that do not parse'");
  assertMatch(hidden.stderr, /Rejected response "": "x": no envoy\.extensions\.\S+\.Secret/);
  assertMatch(hidden.requests.at(-1)?.error ?? "", /^"x": no envoy/);
  assertStringIncludes((await asked(broken, "secrets", "--show-secrets")).stdout, "value: Cn8B");
});

Deno.test("a server that cannot be asked is 69, with what to try next", async () => {
  const gone = await ran(["get", "clusters", "--xds", "127.0.0.1:1"]);
  assertEquals(gone, {
    code: 69,
    stdout: "",
    stderr: 'xcp: Cannot get clusters from "127.0.0.1:1": connection refused\n',
  });
  const ended = await asked((stream) => stream.end(status.UNAUTHENTICATED, "who\nare you"), "clusters");
  assertEquals([ended.code, ended.stdout], [69, ""]);
  assertMatch(ended.stderr, /it ended the stream with UNAUTHENTICATED: who are you\n$/);
  const mute = await asked(() => {}, "clusters", "--timeout", "100ms");
  assertEquals(mute.code, 69);
  assertStringIncludes(mute.stderr, "no answer in 0.1 s\nSome servers say nothing");
  await using sotw = await startServer(two, { modes: ["sotw"] });
  const hint = await ran(["get", "clusters", "--xds", `127.0.0.1:${sotw.port}`]);
  assertEquals(hint.code, 69);
  assertStringIncludes(hint.stderr, "--sotw");
});

Deno.test("a server behind TLS is asked with its authority, and by the name of its certificate", async () => {
  const authority = createAuthority();
  const { cert, key } = authority.issue({ commonName: "xcp", dns: ["xcp.example"], ip: ["127.0.0.1"] });
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries({ "ca.pem": authority.cert, "tls.pem": cert, "key.pem": key })) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const pair = [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }];
  const credentials = ServerCredentials.createSsl(Buffer.from(authority.cert), pair, true);
  {
    await using server = await startServer(two, { credentials });
    const call = (...args: string[]) =>
      ran(["get", "cds", "-o", "names", "--xds", `127.0.0.1:${server.port}`, ...args]);
    const trust = ["--tls-ca", `${folder}/ca.pem`];
    const mutual = [...trust, "--tls-cert", `${folder}/tls.pem`, "--tls-key", `${folder}/key.pem`];
    assertEquals(await call(...mutual), { code: 0, stdout: "a\nb\n", stderr: "" });
    assertEquals((await call(...mutual, "--tls-server-name", "xcp.example")).code, 0);
    const misnamed = await call(...mutual, "--tls-server-name", "other.example");
    assertEquals(misnamed.code, 69);
    assertStringIncludes(misnamed.stderr, "its certificate is for another name");
    for (const args of [[], trust, mutual.slice(2)]) assertEquals((await call(...args)).code, 69, args.join(" "));
  }
  assertEquals((await ran(["get", "cds", "--tls-ca", `${folder}/key.pem`])).code, 65);
  assertEquals((await ran(["get", "cds", "--tls-ca", `${folder}/none.pem`])).code, 66);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a wrong call is refused with what was meant", async () => {
  const rows: [args: string[], said: string][] = [
    [[], "no type is named"],
    [["clusers"], 'Did you mean "clusters"?'],
    [["cds", "--delta", "--sotw"], "choose one"],
    [["vhds", "--sotw"], "in delta only"],
    [["a.b.C", "--per-type"], "no service of its own"],
    [["cds", "--xds", "xcp"], '"xcp"'],
    [["cds", "--xds", "xcp:0"], "nobody answers on port 0"],
    [["cds", "--tls-key", "k"], "a pair has both"],
    [["cds", "--timeout", "soon"], '"soon"'],
    [["cds", "--locality", "/a"], '"/a"'],
    [["cds", "--node-metadata", "a"], "KEY=TEXT"],
    [["cds", "-o", "table"], "yaml, json, names"],
    [["cds", ""], "at least one character"],
  ];
  for (const [args, said] of rows) {
    const { code, stdout, stderr } = await ran(["get", ...args]);
    assertEquals([code, stdout], [64, ""], args.join(" "));
    assertStringIncludes(stderr, said);
  }
});

/** A watch that prints less than it should ends all the same, and the test sees what is missing. */
function inTime(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
}

/** Watches a server whose script goes on with each acknowledgement; ends when `lines` lines were printed. */
async function watched(script: Script, lines: number, ...args: string[]) {
  await using server = await startServer(script);
  const stop = new AbortController();
  const out = { stdout: "", stderr: "" };
  const stdout = {
    isTerminal: false,
    write(text: string) {
      out.stdout += text;
      if (out.stdout.split("\n").length > lines) stop.abort();
    },
  };
  const stderr = { isTerminal: false, write: (text: string) => void (out.stderr += text) };
  const parsed = parseFlags(get.flags, [...args, "--watch", "--xds", `127.0.0.1:${server.port}`], {});
  const code = await runGet(getOptions(parsed), {
    env: {},
    stdout,
    stderr,
    now: () => 0,
    stdin: ReadableStream.from([]),
  }, inTime(stop.signal));
  return { code, ...out };
}

/** Three states of the world: two clusters, one of them changed, one of them gone. */
const life: Script = (stream, _, nth) => {
  const common = { typeUrl: CLUSTER.url, nonce: `${nth}` };
  if (stream.mode === "sotw") {
    const states = [[], [sotwCluster("a"), sotwCluster("b")], [sotwCluster("a"), sotwCluster("b", "x")], [
      sotwCluster("a"),
    ]];
    const resources = states[nth];
    if (resources !== undefined) stream.sotw({ ...common, versionInfo: `v${nth}`, resources });
  } else if (nth === 1) stream.delta({ ...common, resources: [deltaCluster("a", "v1"), deltaCluster("b", "v1")] });
  else if (nth === 2) stream.delta({ ...common, resources: [deltaCluster("b", "v2", "x")] });
  else if (nth === 3) stream.delta({ ...common, removedResources: ["b"] });
};

Deno.test("a watch prints what changes, computed from the state of the world where the server does not say it", async () => {
  const names = await watched(life, 4, "clusters", "-o", "names");
  assertEquals(names, {
    code: 0,
    stdout: "added a v1\nadded b v1\nchanged b v1 -> v2\nremoved b v2\n",
    stderr: "",
  });
  assertEquals(await watched(life, 4, "clusters", "-o", "names", "--sotw"), names);
});

Deno.test("a watch prints JSON as a line for each change, and YAML as documents", async () => {
  const { stdout } = await watched(life, 4, "clusters", "-o", "json");
  const [first, , third, fourth] = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const at = "1970-01-01T00:00:00.000Z";
  assertEquals(first, {
    change: "added",
    at,
    type: CLUSTER.url,
    name: "a",
    version: "v1",
    resource: { "@type": CLUSTER.url, name: "a" },
  });
  assertEquals([third.change, third.before, third.version], ["changed", "v1", "v2"]);
  assertEquals(fourth, { change: "removed", at, type: CLUSTER.url, name: "b", version: "v2" });
  const yaml = await watched(life, 15, "clusters");
  assertStringIncludes(yaml.stdout, `---\n# ${at} changed cluster "b", version v1 -> v2\n'@type': `);
  assertStringIncludes(yaml.stdout, `---\n# ${at} removed cluster "b", version v2\n`);
});

Deno.test("a watch waits for a name that is not there, and says so once", async () => {
  const script: Script = (stream, _, nth) => {
    const common = { typeUrl: ENDPOINTS.url, nonce: `${nth}` };
    if (nth <= 2) stream.delta({ ...common, removedResources: ["a"] });
    if (nth === 3) {
      const resource = { typeUrl: ENDPOINTS.url, value: new Uint8Array([0x0a, 1, 0x61]) };
      stream.delta({ ...common, resources: [{ name: "a", version: "1", resource }] });
    }
  };
  assertEquals(await watched(script, 1, "endpoints", "a", "-o", "names"), {
    code: 0,
    stdout: "added a 1\n",
    stderr: 'xcp: Cannot get endpoint "a": the server has none of this name\n',
  });
});

Deno.test("a watch ends when nobody reads what it prints", async () => {
  await using server = await startServer(life);
  const gone = new AbortController();
  const stdout = { isTerminal: false, write: () => gone.abort(), gone: gone.signal };
  const stderr = { isTerminal: false, write: () => {} };
  const parsed = parseFlags(get.flags, ["cds", "--watch", "--xds", `127.0.0.1:${server.port}`], {});
  const late = inTime(new AbortController().signal);
  assertEquals(
    await runGet(getOptions(parsed), { env: {}, stdout, stderr, now: () => 0, stdin: ReadableStream.from([]) }, late),
    0,
  );
  assertEquals([gone.signal.aborted, late.aborted], [true, false]);
});
