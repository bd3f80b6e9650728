/**
 * What every store must do, as tests that each implementation runs:
 *
 *     for (const { name, run } of storeContract({ fresh })) Deno.test(`files: ${name}`, run);
 *
 * @module
 */
import { deepStrictEqual as equal, ok, strictEqual as same } from "node:assert/strict";
import { type Blobs, type Entry, StoreError, type StoreFault } from "./blobs.ts";
import { LONGEST_KEY } from "./keys.ts";

/** A place for a store that nobody else has. */
export interface Place {
  /** Opens the store there, as another process would. */
  open(): Promise<Blobs>;
  /** Takes away what is there; the stores that were opened are closed by then. */
  remove(): Promise<void>;
}

export interface ContractOptions {
  /** An empty place. */
  readonly fresh: () => Promise<Place>;
  /** Stores on which every call must fail, and with which fault: where no folder is, with wrong credentials. */
  readonly broken?: readonly { readonly fault: StoreFault; readonly place: () => Promise<Place> }[];
  /** What no error may say. */
  readonly secrets?: readonly string[];
  /** Keys for the list; more than a server puts on a page: 1,100. */
  readonly keys?: number;
  /** Writers that compare and swap, 50, and how often each does, 10. */
  readonly writers?: number;
  readonly rounds?: number;
}

export interface ContractTest {
  readonly name: string;
  run(): Promise<void>;
}

const MB = 1024 * 1024;
/** Bytes that fit everything here. */
const limit = 4 * MB;

type Check = (store: Blobs, open: () => Promise<Blobs>) => Promise<void>;

export function storeContract(options: ContractOptions): readonly ContractTest[] {
  const { keys = 1_100, writers = 50, rounds = 10, broken = [], secrets = [] } = options;
  const says = (run: () => Promise<unknown>, fault: StoreFault) => rejects(run, fault, secrets);

  const checks: Record<string, Check> = {
    "a key that is not there is undefined to every call that reads or replaces": async (store) => {
      same(await store.get("a/b", { limit }), undefined);
      same(await store.getIfChanged("a/b", "v", { limit }), undefined);
      same(await store.replace("a/b", bytesOf("x"), "v"), undefined);
      await store.remove("a/b");
      equal(await all(store, ""), []);
      equal(await all(store, "a/"), []);
    },

    "bytes come back as they were written: none, text, any of 2 MB": async (store, open) => {
      const any = Uint8Array.from({ length: 2 * MB }, (_, index) => (index * 2_654_435_761) >>> 13);
      const bodies = { "body/none": new Uint8Array(), "body/text": bytesOf("héllo\r\n\0"), "body/any": any };
      const other = await open();
      for (const [key, body] of Object.entries(bodies)) {
        const made = await store.create(key, body);
        for (const reader of [store, other]) {
          const found = await reader.get(key, { limit: 2 * MB });
          ok(found !== undefined && equalBytes(found.bytes, body), key);
          same(found.version, made?.version);
        }
      }
      const sizes = (await all(store, "body/")).map(({ key, size }) => [key, size]);
      equal(sizes, [["body/any", 2 * MB], ["body/none", 0], ["body/text", 9]]);
      // What was handed in is a view of something larger.
      const view = new Uint8Array(any.buffer, 7, 100);
      await store.create("view", view);
      ok(equalBytes((await store.get("view", { limit }))?.bytes, any.subarray(7, 107)));
    },

    "of 50 that create a key at once one does, and what it wrote is there": async (store, open) => {
      const stores = [store, await open()];
      const made = await Promise.all(
        Array.from({ length: 50 }, (_, index) => stores[index % 2]?.create("one", bytesOf(`by ${index}`))),
      );
      const winners = made.map((version, index) => ({ version, index })).filter(({ version }) => version !== undefined);
      same(winners.length, 1);
      const found = await store.get("one", { limit });
      same(textOf(found?.bytes), `by ${winners[0]?.index}`);
      same(found?.version, winners[0]?.version?.version);
      same(await store.create("one", bytesOf("again")), undefined);
      same(textOf((await store.get("one", { limit }))?.bytes), `by ${winners[0]?.index}`);
    },

    "a key that was read is read again only when it is another": async (store, open) => {
      const other = await open();
      const first = await store.create("p", bytesOf("1"));
      ok(first);
      same(await other.getIfChanged("p", first.version, { limit }), "same");
      const second = await store.replace("p", bytesOf("2"), first.version);
      ok(second && second.version !== first.version);
      const changed = await other.getIfChanged("p", first.version, { limit });
      ok(changed !== undefined && changed !== "same");
      equal([textOf(changed.bytes), changed.version], ["2", second.version]);
      same(await other.getIfChanged("p", second.version, { limit }), "same");
      await store.remove("p");
      same(await other.getIfChanged("p", second.version, { limit }), undefined);
    },

    "a key is replaced in the state that its version names, and in no other": async (store) => {
      const first = await store.create("p", bytesOf("1"));
      ok(first);
      const second = await store.replace("p", bytesOf("2"), first.version);
      ok(second);
      same(await store.replace("p", bytesOf("3"), first.version), undefined);
      same(textOf((await store.get("p", { limit }))?.bytes), "2");
      await store.remove("p");
      same(await store.replace("p", bytesOf("4"), second.version), undefined);
      same(await store.get("p", { limit }), undefined);
      const third = await store.create("p", bytesOf("5"));
      ok(third);
      same(await store.replace("p", bytesOf("6"), second.version), undefined);
      same(textOf((await store.get("p", { limit }))?.bytes), "5");
    },

    "equal bytes at another time are the same state or another, and never a third": async (store) => {
      const first = await store.create("p", bytesOf("same"));
      ok(first);
      const between = await store.replace("p", bytesOf("else"), first.version);
      ok(between);
      const back = await store.replace("p", bytesOf("same"), between.version);
      ok(back);
      same(await store.replace("p", bytesOf("no"), between.version), undefined);
      const now = await store.getIfChanged("p", first.version, { limit });
      ok(now === "same" || textOf(now?.bytes) === "same");
      // Bytes that are unique are what a caller has against this; without them it must at least be consistent.
      const late = await store.replace("p", bytesOf("late"), first.version);
      same(late !== undefined, now === "same");
      same(textOf((await store.get("p", { limit }))?.bytes), late === undefined ? "same" : "late");
    },

    "many writers that compare and swap: one wins each round, and no count is lost": async (store, open) => {
      const stores = [store, await open()];
      ok(await store.create("count", bytesOf("0 start")));
      for (let round = 1; round <= rounds; round++) {
        const before = await store.get("count", { limit });
        ok(before);
        const swaps = await Promise.all(
          Array.from(
            { length: writers },
            (_, writer) => stores[writer % 2]?.replace("count", bytesOf(`${round} by ${writer}`), before.version),
          ),
        );
        const winners = [...swaps.keys()].filter((writer) => swaps[writer] !== undefined);
        same(winners.length, 1);
        const after = await store.get("count", { limit });
        equal([textOf(after?.bytes), after?.version], [`${round} by ${winners[0]}`, swaps[winners[0] ?? 0]?.version]);
      }
    },

    "writers that try again until they win all count": async (store, open) => {
      ok(await store.create("count", bytesOf("0 start")));
      const swap = async (store: Blobs, nonce: string) => {
        for (;;) {
          const now = await store.get("count", { limit });
          ok(now);
          const next = Number.parseInt(textOf(now.bytes) ?? "") + 1;
          if (await store.replace("count", bytesOf(`${next} ${nonce}`), now.version) !== undefined) return;
        }
      };
      const [each, many] = [3, Math.min(writers, 8)];
      await Promise.all(Array.from({ length: many }, async (_, writer) => {
        const mine = await open();
        for (let done = 0; done < each; done++) await swap(mine, `${writer}.${done}`);
      }));
      same(Number.parseInt(textOf((await store.get("count", { limit }))?.bytes) ?? ""), each * many);
    },

    "a list has every key that begins with its prefix, once, however many": async (store) => {
      const wanted = Array.from({ length: keys }, (_, index) => `many/${index % 7}/${String(index).padStart(5, "0")}`);
      for (let from = 0; from < keys; from += 50) {
        await Promise.all(wanted.slice(from, from + 50).map((key) => store.create(key, bytesOf(key))));
      }
      await store.create("many.json", bytesOf("x"));
      await store.create("manyx/1", bytesOf("x"));
      equal((await all(store, "many/")).map(({ key }) => key), wanted.toSorted());
      equal((await all(store, "many/3/")).map(({ key }) => key), wanted.filter((key) => key.startsWith("many/3/")));
      same((await all(store, "")).length, keys + 2);
      equal(await all(store, "man/"), []);
      const [one] = await all(store, "manyx/");
      ok(one?.size === 1 && Math.abs(one.modifiedMs - Date.now()) < 3_600_000, JSON.stringify(one));
      // Whoever needs no more may stop.
      for await (const _ of store.list("many/")) break;
    },

    "a key that was removed is gone, is no error to remove, and can be made again": async (store, open) => {
      await store.create("a/1", bytesOf("1"));
      await store.create("a/2", bytesOf("2"));
      await Promise.all([store.remove("a/1"), (await open()).remove("a/1")]);
      await store.remove("a/1");
      same(await store.get("a/1", { limit }), undefined);
      equal((await all(store, "a/")).map(({ key }) => key), ["a/2"]);
      ok(await store.create("a/1", bytesOf("again")));
      same(textOf((await store.get("a/1", { limit }))?.bytes), "again");
    },

    "more bytes than the limit are an error, as many are none": async (store) => {
      const made = await store.create("big", new Uint8Array(1000));
      ok(made);
      same((await store.get("big", { limit: 1000 }))?.bytes.length, 1000);
      await says(() => store.get("big", { limit: 999 }), "too-large");
      await says(() => store.getIfChanged("big", "other", { limit: 999 }), "too-large");
      ok(await store.replace("big", new Uint8Array(2000).fill(1), made.version));
      await says(() => store.get("big", { limit: 1999 }), "too-large");
    },

    "keys may be as long as the contract says, and of nothing else": async (store) => {
      const long = `${"k".repeat(99)}/${"k".repeat(LONGEST_KEY - 100)}`;
      const odd = [long, "a..b", ".hidden", "-dash", "_", "x.json", "UPPER/lower-1.2_3", "..."];
      for (const key of odd) ok(await store.create(key, bytesOf(key)), key);
      for (const key of odd) same(textOf((await store.get(key, { limit }))?.bytes), key);
      equal((await all(store, "")).map(({ key }) => key), odd.toSorted());
      const wrong = [
        "",
        "/",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/../b",
        "./a",
        "a b",
        "é",
        "a\0",
        "a\\b",
        "a?b",
        "~",
        "x".repeat(201),
      ];
      for (const key of wrong) {
        await says(() => store.get(key, { limit }), "failed");
        await says(() => store.getIfChanged(key, "v", { limit }), "failed");
        await says(() => store.create(key, bytesOf("x")), "failed");
        await says(() => store.replace(key, bytesOf("x"), "v"), "failed");
        await says(() => store.remove(key), "failed");
      }
      for (const prefix of ["a", "/", "../", "a//", "a b/"]) await says(() => all(store, prefix), "failed");
      same((await all(store, "")).length, odd.length);
    },

    "a signal that was aborted before ends every call, and nothing has changed": async (store) => {
      const made = await store.create("p", bytesOf("1"));
      ok(made);
      const signal = AbortSignal.abort();
      await says(() => store.get("p", { limit, signal }), "aborted");
      await says(() => store.getIfChanged("p", made.version, { limit, signal }), "aborted");
      await says(() => store.create("q", bytesOf("1"), { signal }), "aborted");
      await says(() => store.replace("p", bytesOf("2"), made.version, { signal }), "aborted");
      await says(() => store.remove("p", { signal }), "aborted");
      await says(async () => {
        for await (const _ of store.list("", { signal })) ok(false);
      }, "aborted");
      equal((await all(store, "")).map(({ key }) => key), ["p"]);
      same(textOf((await store.get("p", { limit }))?.bytes), "1");
    },

    "a signal that is aborted on the way ends the call, and leaves a whole state": async (store) => {
      const old = await store.create("p", bytesOf("old"));
      ok(old);
      let aborted = 0;
      for (const turns of [0, 1, 5, 20, 100]) {
        const control = new AbortController();
        const key = `new/${turns}`;
        const calls = [
          store.create(key, new Uint8Array(2 * MB).fill(turns), { signal: control.signal }),
          store.replace("p", bytesOf(`new ${turns}`), old.version, { signal: control.signal }),
          store.get("p", { limit, signal: control.signal }),
        ];
        const ended = Promise.allSettled(calls);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        control.abort();
        for (const result of await ended) {
          if (result.status === "fulfilled") continue;
          aborted++;
          await says(() => Promise.reject(result.reason), "aborted");
        }
        const found = await store.get(key, { limit });
        ok(found === undefined || equalBytes(found.bytes, new Uint8Array(2 * MB).fill(turns)));
        ok(/^(old|new \d+)$/.test(textOf((await store.get("p", { limit }))?.bytes) ?? ""));
      }
      ok(aborted > 0);
    },

    "what was written is there for whoever opens the store afterwards, by its name": async (store, open) => {
      await store.create("a/1", bytesOf("1"));
      const signal = new AbortController().signal;
      const made = await store.create("p", bytesOf("1"), { signal });
      ok(made && await store.replace("p", bytesOf("2"), made.version, { signal }));
      await store.close();
      const other = await open();
      same(other.url, store.url);
      ok(!secrets.some((secret) => other.url.includes(secret)));
      equal((await all(other, "")).map(({ key }) => key), ["a/1", "p"]);
      same(textOf((await other.get("p", { limit, signal }))?.bytes), "2");
      await says(() => store.get("p", { limit }), "failed");
    },
  };

  const tests: ContractTest[] = Object.entries(checks).map(([name, check]) => ({
    name,
    run: () => at(options.fresh, check),
  }));
  for (const { fault, place } of broken) {
    tests.push({
      name: `a store that is ${fault} is not an empty one`,
      run: () =>
        at(place, async (store) => {
          await says(() => store.get("p", { limit }), fault);
          await says(() => store.getIfChanged("p", "v", { limit }), fault);
          await says(() => store.replace("p", bytesOf("x"), "v"), fault);
          await says(() => store.remove("p"), fault);
          await says(() => all(store, ""), fault);
          await says(() => all(store, "a/"), fault);
        }),
    });
  }
  return tests;
}

async function at(make: () => Promise<Place>, check: Check): Promise<void> {
  const place = await make();
  const stores: Blobs[] = [];
  const open = async () => {
    const store = await place.open();
    stores.push(store);
    return store;
  };
  try {
    await check(await open(), open);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
    await place.remove();
  }
}

/** The entries of a list, in the order of their keys. */
async function all(store: Blobs, prefix: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of store.list(prefix)) entries.push(entry);
  return entries.sort((a, b) => a.key < b.key ? -1 : 1);
}

async function rejects(run: () => Promise<unknown>, fault: StoreFault, secrets: readonly string[]): Promise<void> {
  let error: unknown;
  try {
    error = `answered ${JSON.stringify(await run())}`;
  } catch (thrown) {
    error = thrown;
  }
  if (!(error instanceof StoreError)) throw new Error(`not a StoreError: ${error}`, { cause: error });
  same(error.fault, fault, error.message);
  ok(/^Cannot [a-z]+ ".*": .+[^.]$/s.test(error.message), error.message);
  for (const secret of secrets) {
    ok(!`${error.message}${error.stack}${error.cause}`.includes(secret), "a secret in an error");
  }
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

function equalBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);
}
