/**
 * The HTTP addresses of a server: how they are guarded and whether they speak TLS.
 *
 * @module
 */
import { type Address, formatAddress, isLocal } from "../../lib/address.ts";
import type { Guard } from "../../lib/admin/guard.ts";
import { type HttpServer, startHttpServer } from "../../lib/http_server.ts";
import { SILENT } from "../../lib/log.ts";
import { reason } from "../../lib/system_error.ts";
import { followTls, type TlsReloader } from "../../lib/transport/tls_reload.ts";
import { CommandError } from "../exit.ts";
import type { Closing } from "./closing.ts";
import type { ServerDeps } from "./deps.ts";
import type { ServeSettings } from "./settings.ts";

/** How often certificate files are looked at. */
const TLS_POLL_MS = 2_000;

/** The admin address; undefined when it is off. `app` makes the handler for how far the address reaches. */
export async function startAdmin(
  { admin, tls, apiTokenFile }: ServeSettings,
  { log, now }: ServerDeps,
  closing: Closing,
  app: (guard: Pick<Guard, "reach">) => (request: Request) => Response | Promise<Response>,
): Promise<{ readonly server: HttpServer; readonly tls: TlsReloader | undefined } | undefined> {
  if (admin === undefined) return undefined;
  const reach = admin.kind === "unix" ? "socket" : isLocal(admin) ? "loopback" : "network";
  if (reach === "network" && apiTokenFile === undefined) {
    log.warn("The admin address is open to the network without a token");
  }
  if (reach !== "network" || tls === undefined) {
    if (reach === "network") log.warn("The admin address is open to the network without TLS");
    const server = await listenHttp(admin, app({ reach }), undefined);
    closing.add(() => server.close());
    return { server, tls: undefined };
  }
  // Beyond loopback the API speaks TLS with the certificate of xDS. The transport's own watch does the talking.
  let server: HttpServer | undefined;
  const reloader = await followTls({
    files: { cert: tls.cert, key: tls.key },
    log: SILENT,
    now,
    poll: TLS_POLL_MS,
    apply: (pair) =>
      void server?.renew(pair).catch((error) => log.error(`Cannot renew the admin certificate: ${reason(error)}`)),
  });
  closing.add(() => reloader.stop());
  const opened = server = await listenHttp(admin, app({ reach }), reloader.current);
  closing.add(() => opened.close());
  return { server: opened, tls: reloader };
}

/**
 * Listens.
 *
 * @throws {CommandError} `unavailable`
 */
export async function listenHttp(
  address: Address,
  fetch: (request: Request) => Response | Promise<Response>,
  tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined,
): Promise<HttpServer> {
  try {
    return await startHttpServer({ address, fetch, ...(tls === undefined ? {} : { tls }) });
  } catch (error) {
    throw new CommandError("unavailable", `Cannot listen on "${formatAddress(address)}": ${reason(error)}`, {
      cause: error,
    });
  }
}
