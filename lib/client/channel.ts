/**
 * The connection to a server.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { checkServerIdentity } from "node:tls";
import { type ChannelCredentials, Client, type ClientOptions, connectivityState, credentials } from "@grpc/grpc-js";
import { type Address, formatAddress } from "../address.ts";

/** How TLS is spoken; PEM, checked. */
export interface ClientTls {
  /** Authorities that are trusted; undefined: those that the runtime brings. */
  readonly ca: Buffer | undefined;
  /** The client's own certificate, for mutual TLS. */
  readonly pair: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  /** Name that the server's certificate must have, instead of the host of the address. */
  readonly serverName: string | undefined;
}

export interface ChannelOptions {
  readonly address: Address;
  readonly tls: ClientTls | undefined;
}

/** One connection. */
export interface Channel {
  /** Whether there is a connection at this moment. */
  connected(): boolean;
  readonly client: Client;
  close(): void;
}

/** A name that no server has, for SNI when the address is an IP: grpc-js would send the IP, which TLS does not allow. */
const NO_NAME = "no-name.invalid";

/**
 * Prepares a connection; nothing is sent yet.
 *
 * @throws {Error} The TLS library does not take the certificates.
 */
export function openChannel({ address, tls }: ChannelOptions): Channel {
  const client = new Client(
    formatAddress(address),
    tls === undefined ? credentials.createInsecure() : secure(tls, address),
    {
      // xDS is asked directly, as Envoy does it, whatever the environment says about web pages.
      "grpc.enable_http_proxy": 0,
      "grpc.service_config_disable_resolution": 1,
      // Snapshots of large fleets are far above the 4 MB that grpc-js allows.
      "grpc.max_receive_message_length": -1,
      // Notices a server that is gone without a word while changes are watched.
      "grpc.keepalive_time_ms": 30_000,
      "grpc.keepalive_timeout_ms": 10_000,
      ...tlsOptions(tls, address),
    },
  );
  return {
    client,
    connected: () => client.getChannel().getConnectivityState(false) === connectivityState.READY,
    close: () => client.close(),
  };
}

function secure({ ca, pair }: ClientTls, address: Address): ChannelCredentials {
  const { host } = { host: "", ...address };
  const verify = isIP(host) === 0 ? {} : {
    checkServerIdentity: (name: string, cert: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name === NO_NAME ? host : name, cert),
  };
  return credentials.createSsl(ca ?? null, pair?.key ?? null, pair?.cert ?? null, verify);
}

function tlsOptions(tls: ClientTls | undefined, address: Address): ClientOptions {
  if (tls === undefined) return {};
  const ip = address.kind === "tcp" && isIP(address.host) !== 0;
  const name = tls.serverName ?? (ip ? NO_NAME : undefined);
  return {
    ...(name === undefined ? {} : { "grpc.ssl_target_name_override": name }),
    ...(tls.serverName === undefined ? {} : { "grpc.default_authority": tls.serverName }),
  };
}
