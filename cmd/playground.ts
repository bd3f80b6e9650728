/**
 * `xcp playground`: what `help` says of it. Everything is loaded when it is to run.
 *
 * @module
 */
import type { Command } from "./command.ts";

export const playground: Command = {
  name: "playground",
  summary: "see it work: coloured backends, a real Envoy, and a page to change the policy on",
  usage: "[--backends N] [--listen ADDR] [--envoy PATH]",
  examples: [
    { does: "eight colours, with the envoy on the PATH", line: "xcp playground" },
    { does: "another Envoy, and fewer colours", line: "xcp playground --envoy /opt/envoy/bin/envoy --backends 5" },
  ],
  flags: [
    { name: "backends", value: "N", fallback: "8", help: "how many coloured backends, 2 to 16" },
    {
      name: "listen",
      value: "ADDR",
      fallback: "127.0.0.1:10000, or a free port when that is taken",
      help: "where Envoy listens: the page and the tiles come through it",
    },
    { name: "envoy", value: "PATH", env: true, fallback: "envoy on the PATH", help: "the Envoy to start" },
    {
      name: "log-level",
      value: "LEVEL",
      choices: ["error", "warn", "info", "debug"],
      env: true,
      fallback: "error",
      help: "least level of xcp's log, on stderr",
    },
  ],
  notes: [
    "Everything runs on this machine and ends with Ctrl-C: the backends, an xcp with an adapter that turns the policy of " +
    "the page into Envoy's configuration, and the Envoy. Nothing is kept.",
    "Exits 0 after a signal, 64 for a wrong call, 66 when there is no program at --envoy, 69 when there is no Envoy, when " +
    "it does not start or ends by itself, or when an address is not to be had.",
  ],
  async run(parsed, context) {
    const [{ playgroundSettings }, { tuneEngine }] = await Promise.all([
      import("./playground/settings.ts"),
      import("./serve/engine.ts"),
    ]);
    tuneEngine();
    const settings = await playgroundSettings(parsed, context.env);
    const { runPlayground } = await import("./playground/run.ts");
    return await runPlayground(settings, context);
  },
};
