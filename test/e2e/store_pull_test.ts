import { assertEquals, assertMatch } from "@std/assert";
import { readFile } from "node:fs/promises";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { type Authority, createAuthority, fingerprint, type Pair } from "../certificates.ts";
import { findEnvoy } from "../tools/envoy.ts";
import {
  type Backend,
  cluster,
  documents,
  endpoints,
  type Envoy,
  eventually,
  eventuallyAnswers,
  fileStore,
  type Folder,
  freePort,
  listener,
  NEEDS_ENVOY,
  route,
  secret,
  snapshot,
  startBackend,
  startEnvoy,
  startLoad,
  temporaryFolder,
} from "./harness.ts";

/** A site with a listener in clear and one with TLS, and what becomes of it. */
interface Site {
  readonly backend: Backend;
  readonly cluster: string;
  readonly filter: string;
  readonly pair: Pair;
}

class Place {
  readonly #folder: Folder;
  readonly #recipient: string;
  readonly store: string;
  readonly ports: readonly [clear: number, safe: number] = [freePort(), freePort()];
  readonly out: string;

  constructor(folder: Folder, recipient: string) {
    this.#folder = folder;
    this.#recipient = recipient;
    this.store = fileStore(folder);
    this.out = folder.at("out");
  }

  async push({ backend, cluster: name, filter, pair }: Site): Promise<void> {
    const [clear, safe] = this.ports;
    const files = {
      "listeners.yaml": documents(
        listener({ port: clear, filter }),
        listener({ port: safe, name: "safe", filter, secret: "cert" }),
      ),
      "routing.yaml": documents(route(name), route(name, "safe"), cluster(name), endpoints(name, backend.port)),
      "secret.yaml": secret("cert", pair),
    };
    for (const [file, text] of Object.entries(files)) await this.#folder.write(`config/${file}`, text);
    await snapshot(["push", this.#folder.at("config"), this.store, "--with-secrets", this.#recipient]);
  }

  async pull(ref = "latest"): Promise<void> {
    await snapshot(["pull", `${this.store}@${ref}`, this.out, "--as", "envoy", "--identity", this.#folder.at("key")]);
  }

  /** Waits until both listeners answer as the site says. */
  async answers({ backend, filter, pair }: Site, authority: Authority): Promise<void> {
    const [clear, safe] = this.ports;
    const expected = { status: 200, body: backend.colour, filter };
    await eventuallyAnswers(`http://127.0.0.1:${clear}/`, expected);
    const certificate = fingerprint(pair.cert);
    await eventuallyAnswers(`https://127.0.0.1:${safe}/`, { ...expected, certificate }, { ca: authority.cert });
  }
}

/** What Envoy refused of the files. */
async function rejected(envoy: Envoy): Promise<Readonly<Record<string, number>>> {
  const counted = await envoy.stats("update_rejected$|update_failure$|path_config_source.*error");
  return Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0));
}

Deno.test(
  "an Envoy starts from a pull alone, and follows the next ones without a lost request",
  NEEDS_ENVOY,
  async () => {
    await using folder = await temporaryFolder();
    const identity = await generateIdentity();
    await folder.write("key", identity);
    const place = new Place(folder, await identityToRecipient(identity));
    await using red = await startBackend("red", { delay: 20 });
    await using blue = await startBackend("blue", { delay: 20 });
    const authority = createAuthority();
    const pair = () => authority.issue({ commonName: "site", ip: ["127.0.0.1"] });
    const first: Site = { backend: red, cluster: "one", filter: "first", pair: pair() };
    await place.push(first);
    await place.pull();

    const bootstrap = await readFile(`${place.out}/envoy.yaml`, "utf8");
    assertMatch(bootstrap, /watched_directory/);
    const { path = "" } = { path: undefined, ...await findEnvoy() };
    await using envoy = await startEnvoy({ path, bootstrap });
    await envoy.waitReady();
    await place.answers(first, authority);

    await using load = startLoad({ url: `http://127.0.0.1:${place.ports[0]}/`, freshEvery: 3 });
    const steps: readonly (readonly [what: string, site: Site])[] = [
      ["the endpoints move", { ...first, backend: blue }],
      ["the certificate is another", { ...first, backend: blue, pair: pair() }],
      ["a filter changes", { ...first, filter: "second", pair: pair() }],
      ["another cluster takes over", { ...first, cluster: "two", backend: blue }],
      ["everything changes", { backend: red, cluster: "three", filter: "third", pair: pair() }],
    ];
    for (const [what, site] of steps) {
      await place.push(site);
      await place.pull();
      await place.answers(site, authority);
      await eventually(async () => Object.hasOwn(await envoy.clusters(), site.cluster));
      assertEquals([load.report().failures, await rejected(envoy)], [[], {}], what);
    }
    await place.pull("1");
    await place.answers(first, authority);
    const { failures, succeeded, sent } = await load.stop();
    assertEquals([failures, succeeded], [[], sent]);
    assertEquals(await rejected(envoy), {});
  },
);
