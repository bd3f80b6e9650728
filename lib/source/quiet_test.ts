import { assertEquals } from "@std/assert";
import { Quiet } from "./quiet.ts";

Deno.test("many touches are one act, and a touch during the act is one more", async () => {
  const acts: boolean[] = [];
  const done = Promise.withResolvers<void>();
  const quiet = new Quiet({
    quietMs: 5,
    maxMs: 60_000,
    act: (late) => {
      if (acts.push(late) === 1) quiet.touch();
      else done.resolve();
      return Promise.resolve(true);
    },
  });
  for (let i = 0; i < 10; i++) quiet.touch();
  await done.promise;
  await quiet.close();
  assertEquals(acts, [false, false]);
  assertEquals(quiet.idle, true);
});

Deno.test("an act that asks for more quiet is repeated, and noise cannot put it off when time is up", async () => {
  const acts: boolean[] = [];
  const done = Promise.withResolvers<void>();
  const quiet = new Quiet({
    quietMs: 40,
    maxMs: 60,
    act: async (late) => {
      acts.push(late);
      if (late) return done.resolve(), true;
      // Time is up while this act is still under way.
      await new Promise((resolve) => setTimeout(resolve, 80));
      return false;
    },
  });
  quiet.touch();
  const noise = setInterval(() => acts.length > 0 && quiet.touch(), 5);
  const timer = setTimeout(() => done.reject(new Error("put off for ever")), 5_000);
  try {
    await done.promise;
  } finally {
    clearInterval(noise);
    clearTimeout(timer);
    await quiet.close();
  }
  assertEquals(acts, [false, true]);
});

Deno.test("an act at once waits for the one under way, and nothing acts after the end", async () => {
  const log: string[] = [];
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const quiet = new Quiet({
    quietMs: 0,
    maxMs: 60_000,
    act: async (late) => {
      log.push(`begin ${late}`);
      started.resolve();
      await finish.promise;
      log.push("end");
      return true;
    },
  });
  quiet.touch();
  await started.promise;
  const now = quiet.now();
  finish.resolve();
  await now;
  await quiet.close();
  quiet.touch();
  await quiet.now();
  assertEquals(log, ["begin false", "end", "begin true", "end"]);
});
