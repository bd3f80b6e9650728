/**
 * Addresses of hosts that are not resolved by DNS.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { BAD_ADDRESS, checkAddress } from "../listeners/sockets.ts";

/** What looks like a hostname, and would be one in a cluster that resolves it. */
const HOSTNAME = /^[a-z0-9_-]*[a-z_-][a-z0-9_-]*(\.[a-z0-9_-]+)*\.?$|^([a-z0-9_-]+\.)+[a-z][a-z0-9-]*\.?$/i;

/** Checks the `address` of an endpoint: as any address, with a word on hostnames. */
export function checkHostAddress(holder: MessageView): void {
  const socket = holder.message("address")?.message("socket_address");
  const text = socket?.string("address");
  const resolved = socket?.has("resolver_name") || socket?.has("named_port");
  if (socket === undefined || text === undefined || resolved || !HOSTNAME.test(text.value)) {
    return checkAddress(holder);
  }
  const message = `${JSON.stringify(text.value)} is not an IP address: ` +
    "a hostname needs a cluster of type STRICT_DNS or LOGICAL_DNS";
  socket.reject(BAD_ADDRESS, message, "address");
}
