import type { RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import { checkServerIdentity } from 'node:tls'

/**
 * An address is no name that TLS could ask a server for (RFC 6066), and Node warns of it. It still is what the certificate
 * has to be for.
 */
export function withServerName(options: RequestOptions): RequestOptions {
  const { servername = '' } = options
  if (isIP(servername) === 0) return options
  return {
    ...options,
    servername: '',
    checkServerIdentity: (_, certificate) => checkServerIdentity(servername, certificate),
  }
}
