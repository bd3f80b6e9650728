/**
 * The three coloured backends of the demo: `/colour` answers the colour, everything else the page that asks for it.
 *
 * @module
 */
import { createServer } from "node:http";

/** The backends of examples/rainbow, and the ports that its endpoints name. */
export const COLOURS = { red: 10001, green: 10002, blue: 10003 } as const;

/** Starts one backend; it ends at the end of the scope. */
export async function startColour(colour: string, port: number): Promise<AsyncDisposable> {
  const page = await Deno.readTextFile(new URL("page.html", import.meta.url));
  const server = createServer((request, response) => {
    const plain = request.url === "/colour";
    response.writeHead(200, {
      "content-type": plain ? "text/plain; charset=utf-8" : "text/html; charset=utf-8",
      "x-colour": colour,
    });
    response.end(plain ? `${colour}\n` : page);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
