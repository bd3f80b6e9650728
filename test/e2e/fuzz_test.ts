import { assertEquals } from "@std/assert";
import { findSchemathesis } from "../tools/schemathesis.ts";
import { runToEnd, startXcp, temporaryFolder } from "./harness.ts";

const schemathesis = await findSchemathesis();
if (schemathesis.found === undefined) console.error(schemathesis.reason);

/** Seconds; there is some more for its start. */
const TIME = 25;

const CONFIG = `
"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: red
`;

/**
 * A request that the description allows can still be refused: a condition that does not hold, a resource of a type that
 * there is not. And the events have no end.
 */
const LEAVE_OUT = ["--exclude-checks", "positive_data_acceptance", "--exclude-path", "/v1/events"];

Deno.test({
  name: "whatever the description of the API allows and forbids, nothing breaks, and the answers are as described",
  ignore: schemathesis.found === undefined,
  async fn() {
    if (schemathesis.found === undefined) return;
    const { program, args, env } = schemathesis.found;
    await using folder = await temporaryFolder();
    await folder.write("config/red.yaml", CONFIG);
    await using xcp = await startXcp({ args: [folder.at("config"), "--accept-writes"] });
    const bounds = ["--max-time", `${TIME}`, "--max-examples", "50", "--request-timeout", "10", "--seed", "1"];
    const { code, stdout, stderr } = await runToEnd(
      program,
      [...args, "run", `${xcp.admin}/openapi.json`, "--no-color", ...bounds, ...LEAVE_OUT],
      { cwd: folder.path, env: { ...env, HOME: folder.path } },
    );
    assertEquals(code, 0, `${stdout}\n${stderr}\n${xcp.log().slice(-5_000)}`);
    const [, tested] = /Tested:\s+(\d+)/.exec(stdout) ?? [];
    const { paths } = await xcp.json<{ paths: Record<string, object> }>("/openapi.json");
    const calls = Object.values(paths).flatMap((methods) => Object.keys(methods));
    // All but the events and the description itself.
    assertEquals(Number(tested), calls.length - 2, stdout);
    assertEquals(xcp.log().match(/ error .*/g), null);
    assertEquals((await xcp.get("/readyz")).status, 200);
  },
});
