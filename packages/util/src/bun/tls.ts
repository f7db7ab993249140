import { userError } from '@hyper/core/error'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { BunTls } from './bun-api.ts'

// What is said of TLS in the terms of node:tls, in those of Bun. Certificates, keys, versions and ciphers go through
// `createSecureContext`, which Bun has; its sockets take what comes out.

/** @throws HyperError `INVALID_OPTION` for what Bun cannot do, and for certificates and keys that are none */
export function contextOf(options: SecureContextOptions): unknown {
  const made = attempt(() => createSecureContext(options))
  return nativeContext(made)
}

/** What is inside a `SecureContext`; undefined when it is none. */
export function nativeContext(context: unknown): unknown {
  return typeof context === 'object' && context !== null && 'context' in context ? context.context : undefined
}

/** Protocols as ALPN has them: each with its length in front (RFC 7301 §3.1). @throws HyperError `INVALID_OPTION` */
export function alpnBytes(protocols: readonly string[]): Uint8Array {
  return Buffer.concat(
    protocols.map((name) => {
      const bytes = Buffer.from(name, 'latin1')
      if (bytes.length === 0 || bytes.length > 255)
        throw userError('INVALID_OPTION', `alpn: a protocol has 1 to 255 bytes, not ${bytes.length}`)
      return Buffer.concat([Uint8Array.of(bytes.length), bytes])
    }),
  )
}

/** The member for ALPN, when there is anything to say. */
export function alpnOf(protocols: readonly string[] | undefined): Pick<BunTls, 'ALPNProtocols'> {
  return protocols === undefined || protocols.length === 0 ? {} : { ALPNProtocols: alpnBytes(protocols) }
}

/** What is given must be left out: Bun would ignore it. @throws HyperError `INVALID_OPTION`, which names the option */
export function ensureNone(place: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(options, name)
    if (value !== undefined && value !== null && value !== false)
      throw userError('INVALID_OPTION', `${place}${name} is nothing that Bun can do`)
  }
}

function attempt<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw userError('INVALID_OPTION', `tls: ${(error as Error).message}`, error)
  }
}
