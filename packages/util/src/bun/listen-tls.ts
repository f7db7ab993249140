import { type ListenTls, namesOf } from '../node/tls-acceptor.ts'
import { answerName } from '../node/server-names.ts'
import type { BunSocketHandler, BunTls } from './bun-api.ts'
import type { BunIo, IoSocket } from './bun-io.ts'
import { alpnOf, contextOf, ensureNone, nativeContext } from './tls.ts'

// TLS of a listener: options of node:tls to those of Bun, and the callback that chooses a certificate by name.

/** What node:tls takes, and Bun would ignore. */
const CANNOT = [
  'ALPNCallback',
  'enableTrace',
  'pskCallback',
  'pskIdentityHint',
  'ticketKeys',
  'sessionIdContext',
  'keepAlive',
  'noDelay',
  'pauseOnConnect',
  'highWaterMark',
  'blockList',
] as const

/** @throws HyperError `INVALID_OPTION` */
export function listenTls(options: ListenTls): BunTls {
  const { alpn, contexts: _, handshakeTimeout: __, SNICallback: ___, ...others } = options
  const { requestCert = false, rejectUnauthorized = true, ...rest } = others
  ensureNone('tls.', rest, CANNOT)
  // Without `requestCert` there is nothing to reject.
  const asked = { requestCert, rejectUnauthorized: requestCert && rejectUnauthorized }
  return {
    secureContext: contextOf({ ...rest, ...asked }),
    ...asked,
    ...alpnOf(alpn),
  }
}

/**
 * `contexts`, or `SNICallback` of node:tls, as a handler of Bun's; none without them. What the callback throws goes to `onFault`.
 * @throws HyperError `INVALID_OPTION`
 */
export function serverNameHandler(
  options: ListenTls,
  onFault: (error: unknown) => void,
): Pick<BunSocketHandler<BunIo>, 'serverName'> {
  const names = namesOf(options)
  if (names === null) return {}
  return {
    serverName: (_listener, name, socket) => {
      const choice = new Choice(socket)
      answerName(names, name, (error, context) => choice.made(error, context), onFault)
      return choice.now()
    },
  }
}

/** The certificate for one connection: at once, or later. */
class Choice {
  private readonly socket: IoSocket
  private result: unknown
  private isMade: boolean
  private isLate: boolean

  constructor(socket: IoSocket) {
    this.socket = socket
    this.result = undefined
    this.isMade = false
    this.isLate = false
  }

  made(error: Error | null, context?: unknown): void {
    if (this.isMade) return
    this.isMade = true
    this.result = error ?? nativeContext(context)
    if (this.isLate) this.socket.resumeSNI(error === null ? this.result : undefined, error !== null)
  }

  /** What Bun is to be answered. */
  now(): unknown {
    this.isLate = !this.isMade
    return this.isLate ? true : this.result
  }
}
