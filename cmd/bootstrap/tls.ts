/**
 * TLS of the connection to xcp, with certificates that rotate.
 *
 * Envoy follows certificate files only when they are named in a secret that came through SDS. Tried with Envoy 1.40:
 * `tls_certificates` inside the context, and secrets in `static_resources`, are read once, `watched_directory` or not.
 * So the bootstrap names small SDS files, which name the certificates and the folder to watch.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/security/secret#certificate-rotation
 * @module
 */
import { isIP } from "node:net";
import { basename, dirname, join } from "node:path";
import type { Address } from "../../lib/address.ts";

const TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3";

/** How an Envoy speaks TLS with xcp. */
export interface TlsOptions {
  /** Absolute paths, as Envoy sees them. */
  readonly ca: string;
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
  /** The folder of the files through which Envoy follows the certificates; undefined: it reads them once. */
  readonly sdsDir: string | undefined;
  /** Name that the server's certificate must have, instead of the hosts of `xds`. */
  readonly serverName: string | undefined;
}

/** A file that Envoy reads as an SDS response. */
export interface SecretFile {
  readonly path: string;
  /** A `DiscoveryResponse`, as JSON. */
  readonly content: unknown;
}

/** The transport socket, and the files that it refers to. */
export function transportSocket(
  tls: TlsOptions,
  xds: readonly Address[],
): { readonly socket: unknown; readonly files: readonly SecretFile[] } {
  const hosts = xds.flatMap((address) => address.kind === "tcp" ? [address.host] : []);
  const names = tls.serverName === undefined ? [...new Set(hosts)] : [tls.serverName];
  const sni = names.find((name) => isIP(name) === 0);
  const { context, files } = tls.sdsDir === undefined ? readOnce(tls, names) : followed(tls, names, tls.sdsDir);
  return {
    socket: {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": `${TLS}.UpstreamTlsContext`,
        ...(sni === undefined ? {} : { sni }),
        common_tls_context: { tls_params: { tls_minimum_protocol_version: "TLSv1_2" }, ...context },
      },
    },
    files,
  };
}

interface CommonContext {
  readonly context: Record<string, unknown>;
  readonly files: readonly SecretFile[];
}

function readOnce({ ca, pair }: TlsOptions, names: readonly string[]): CommonContext {
  return {
    context: {
      validation_context: { trusted_ca: { filename: ca }, ...subjects(names) },
      ...(pair && { tls_certificates: [certificate(pair)] }),
    },
    files: [],
  };
}

/** The files depend on the certificates alone, so bootstraps of several Envoys can share them. */
function followed({ ca, pair }: TlsOptions, names: readonly string[], dir: string): CommonContext {
  const file = (path: string) => join(dir, `${basename(path)}.sds.yaml`);
  const trusted = { trusted_ca: { filename: ca }, watched_directory: folder(ca) };
  const files = [{ path: file(ca), content: secret("xcp_authority", { validation_context: trusted }) }];
  if (pair !== undefined) {
    const content = { ...certificate(pair), watched_directory: folder(pair.cert) };
    files.push({ path: file(pair.cert), content: secret("xcp_certificate", { tls_certificate: content }) });
  }
  return {
    context: {
      combined_validation_context: {
        default_validation_context: subjects(names),
        validation_context_sds_secret_config: follow("xcp_authority", file(ca)),
      },
      ...(pair && { tls_certificate_sds_secret_configs: [follow("xcp_certificate", file(pair.cert))] }),
    },
    files,
  };
}

function certificate({ cert, key }: { readonly cert: string; readonly key: string }) {
  return { certificate_chain: { filename: cert }, private_key: { filename: key } };
}

function follow(name: string, path: string): unknown {
  return { name, sds_config: { resource_api_version: "V3", path_config_source: { path } } };
}

function secret(name: string, content: Record<string, unknown>): unknown {
  return { resources: [{ "@type": `${TLS}.Secret`, name, ...content }] };
}

function folder(path: string): { path: string } {
  return { path: dirname(path) };
}

/** Names that the server's certificate must have one of; any certificate of the authority would do otherwise. */
function subjects(names: readonly string[]): Record<string, unknown> {
  if (names.length === 0) return {};
  return {
    match_typed_subject_alt_names: names.map((name) => ({
      san_type: isIP(name) === 0 ? "DNS" : "IP_ADDRESS",
      matcher: { exact: name },
    })),
  };
}
