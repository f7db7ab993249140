import type { HyperError } from '@hyper/core/error'
import { connectError, systemCode } from '../connect/failure.ts'
import { TLS_FAILURES } from './tls-failure-table.ts'

// Why a TLS handshake failed, said so that one knows what to do. In: Node's error. Out: ours, with Node's code in its words
// and Node's error as `cause`.

/** @param address whom we wanted to speak to, as `host:port` */
export function tlsError(cause: Error, address: string, elapsedMs: number): HyperError {
  const detail = `TLS with ${address} failed: ${wordsFor(cause)}`
  return connectError('TLS', detail, { phase: 'tls', address, elapsedMs, cause })
}

/** The words for a failure, and its code in brackets; Node's own text where there are none. */
function wordsFor(cause: Error): string {
  const code = systemCode(cause)
  const words = TLS_FAILURES[shortCode(code)]
  if (words === undefined) return code === '' ? cause.message : `${cause.message} (${code})`
  // Node says which names the certificate is for.
  const names =
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? /.*(?:altnames|list|CN): (.+)$/.exec(cause.message)?.[1]
      : undefined
  return `${words}${names === undefined ? '' : `, ${names.slice(0, 200)}`} (${code})`
}

/** `ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION` and its like, without what differs between releases of OpenSSL. */
function shortCode(code: string): string {
  return code.replace(
    /^ERR_(?:SSL|OSSL)_(?:(?:SSL\/)?(?:SSLV3|TLSV1|TLSV13|TLS|SSL)_(?=ALERT|UNRECOGNIZED))?/,
    '',
  )
}
