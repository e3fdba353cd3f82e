/**
 * What a dependency refuses by configuration, on either side, so that waiting cures nothing:
 * `tls`: no connection that both sides trust; `authentication`: it doesn't take our credentials, or grants them nothing;
 * `rejected`: it takes nothing, whatever is handed to it.
 */
export type Refusal = "tls" | "authentication" | "rejected";

export const refusals: readonly Refusal[] = ["tls", "authentication", "rejected"];

/** Node's and OpenSSL's codes: a certificate that isn't trusted, or a server that speaks no TLS. */
const tlsCodes =
  /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_C|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_|EPROTO$)/;
/** Where a library or Deno kept the text only. */
const tlsTexts = /certificate|wrong version number|unable to verify|ssl routines|InvalidContentType|handshake failure/i;

/** Whether the connection failed because TLS did: an outage breaks connections, but says nothing of certificates. */
export function isTlsRefusal(error: unknown): boolean {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth++) {
    const { code, originalCode } = current as { code?: unknown; originalCode?: unknown };
    if ([code, originalCode].some((name) => typeof name === "string" && tlsCodes.test(name))) return true;
    if (tlsTexts.test(current.message)) return true;
  }
  return false;
}
