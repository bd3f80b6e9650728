/**
 * `xcp status`: who is connected, what each client has, what it rejected and why.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { wantsColor } from "./command.ts";
import { EXIT } from "./exit.ts";
import { formatted, formOf, outputFlag } from "./output.ts";

export const status: Command = {
  name: "status",
  summary: "who is connected, what each client has, what it rejected and why",
  usage: "[FLAGS]",
  examples: [
    { does: "the xcp on this machine", line: "xcp status" },
    {
      does: "several servers as one list",
      line: "xcp status --admin-url https://xcp-a:18001 --admin-url https://xcp-b:18001 --api-token-file token",
    },
    {
      does: "the nodes that reject something",
      line: "xcp status -o json | jq -r '.clients[] | select(.subscriptions[].rejected) | .node.id'",
    },
  ],
  flags: [
    {
      name: "admin-url",
      value: "URL",
      repeat: true,
      env: true,
      fallback: "http://127.0.0.1:18001",
      help: "admin address of a server: http://…, https://… or unix:/path",
    },
    {
      name: "api-token-file",
      value: "FILE",
      env: true,
      help: "file with the bearer token, for a server beyond loopback",
    },
    { name: "tls-ca", value: "FILE", help: "authority that signed the server's certificate" },
    { name: "timeout", value: "TIME", fallback: "5s", help: "how long a server has to answer" },
    outputFlag("table", "json", "yaml"),
  ],
  notes: [
    "Exits 0 when nobody rejects anything, 1 when somebody does, 69 when a server cannot be asked.",
    "A group that is stale or restored, and a store that fails, are shown and are no reason for another exit code.",
  ],
  async run(parsed, context) {
    const { askOptions, askServers } = await import("./status/ask.ts");
    const { overview, statusTable } = await import("./status/table.ts");
    const answers = await askServers(await askOptions(parsed));
    const seen = overview(answers);
    const failures = answers.flatMap(({ failure }) => failure === undefined ? [] : [failure]);
    const form = formOf(parsed, ["table", "json", "yaml"]);
    if (form !== "table") context.stdout.write(await formatted(form, seen));
    // Nobody answered is not the same as nobody is connected.
    else if (failures.length < answers.length) {
      context.stdout.write(statusTable(seen, {
        color: wantsColor(context.stdout, context.env),
        servers: answers.length,
      }));
    }
    for (const failure of failures) context.stderr.write(`xcp: ${failure}\n`);
    if (failures.length > 0) return EXIT.unavailable;
    return seen.rejections > 0 ? EXIT.rejected : EXIT.ok;
  },
};
