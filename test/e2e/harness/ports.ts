/**
 * Ports for those who cannot take port 0: Envoy's listeners, whose port stands in the configuration.
 *
 * @module
 */

/** Below the range that the kernel gives to outgoing connections, so that no client of ours takes one in between. */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A port of 127.0.0.1 that nobody listens on. */
export function freePort(): number {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (isFree(port)) return port;
  }
}

/** Whether 127.0.0.1 has this port to give. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
