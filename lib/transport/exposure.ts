/**
 * Which addresses may be listened on without a proof of who asks.
 *
 * @module
 */
import { type Address, formatAddress, isLocal } from "../address.ts";
import { TransportError } from "./error.ts";

/**
 * Refuses an address that strangers reach without proof of who they are: configuration holds private keys, so whoever
 * may ask has them. Throws a {@link TransportError} of kind `usage`.
 */
export function checkExposure(address: Address, mutualTls: boolean, insecure: boolean): void {
  if (insecure || mutualTls || isLocal(address)) return;
  const state = "other machines reach it, and clients would not have to prove who they are";
  throw new TransportError("usage", `Cannot listen on "${formatAddress(address)}": ${state}`, {
    hint: "Give --tls-cert, --tls-key and --tls-client-ca for mutual TLS, or --insecure-xds to allow it all the same",
  });
}
