import { assert, assertEquals } from "@std/assert";
import { cpuMs, forgetPeak, parseCpu, parsePeak, peakBytes } from "./usage.ts";

Deno.test("CPU is user and system time, whatever the program is called", () => {
  const stat = "42 (a) S (b) R 1 42 42 0 -1 4194304 100 0 0 0 150 25 0 0 20 0 1 0 12345 1000 10 18446744073709551615";
  assertEquals(parseCpu(stat), 1750);
});

Deno.test("the peak is in bytes", () => {
  assertEquals(parsePeak("Name:\txcp\nVmPeak:\t 900 kB\nVmHWM:\t    123 kB\nVmRSS:\t 100 kB\n"), 123 * 1024);
});

Deno.test({
  name: "a process can be measured, and its peak forgotten",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await forgetPeak(Deno.pid);
    assert(await cpuMs(Deno.pid) >= 0);
    assert(await peakBytes(Deno.pid) > 1_000_000);
  },
});
