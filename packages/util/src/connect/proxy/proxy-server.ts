import { isHostValid } from '@hyper/core/http'
import { userError } from '@hyper/core/error'
import { bracketed, hostPort, unbracketed } from '../address.ts'
import type { Destination } from '../destination.ts'

// ProxyServer: a proxy as its URL says it. In: `http://user:secret@proxy.example:3128`, or without a scheme. Out: the
// scheme, where the proxy is, and whom to be there. Error messages never hold what was given: it may have a password.

/** How a proxy is spoken to. With `socks4` and `socks5` names are looked up here, with `socks4a` and `socks5h` there. */
export type ProxyScheme = 'http' | 'https' | 'socks4' | 'socks4a' | 'socks5' | 'socks5h'

/** One proxy. */
export interface ProxyServer {
  readonly scheme: ProxyScheme
  /** Where the proxy itself is. */
  readonly destination: Destination
  /** Percent-decoded; null when none is given. */
  readonly username: string | null
  /** Percent-decoded; null when none is given. */
  readonly password: string | null
  /** The URL without user name and password: for logs. */
  readonly url: string
}

/** Of a URL that names none. */
const PORTS: Readonly<Record<ProxyScheme, number>> = {
  http: 80,
  https: 443,
  socks4: 1080,
  socks4a: 1080,
  socks5: 1080,
  socks5h: 1080,
}

/**
 * Reads the URL of a proxy. Without a scheme it is `http:`; a path, query and fragment count for nothing.
 * @throws HyperError `INVALID_OPTION`, whose message does not repeat what was given
 */
export function parseProxy(url: string | URL): ProxyServer {
  const text = String(url).trim()
  const parsed = urlOf(text.includes('://') ? text : `http://${text}`)
  const scheme = parsed?.protocol.slice(0, -1) ?? ''
  if (parsed === null || !isScheme(scheme)) {
    throw userError('INVALID_OPTION', `not the URL of a proxy; schemes are ${Object.keys(PORTS).join(', ')}`)
  }
  // The platform leaves the hosts of schemes that it does not know as they are.
  const host = unbracketed(parsed.hostname).toLowerCase()
  if (!isHostValid(bracketed(host))) throw userError('INVALID_OPTION', 'the URL of a proxy has no valid host')
  const port = parsed.port === '' ? PORTS[scheme] : Number(parsed.port)
  const authority = hostPort(host, port)
  return {
    scheme,
    destination: {
      origin: `${scheme}://${authority}`,
      secure: scheme === 'https',
      host,
      port,
      authority,
      // What is said to a proxy before the way is free, is said by HTTP/1.
      alpn: ['http/1.1'],
      needsTunnel: true,
    },
    username: parsed.username === '' && parsed.password === '' ? null : decoded(parsed.username),
    password: parsed.password === '' ? null : decoded(parsed.password),
    url: `${scheme}://${authority}`,
  }
}

/** `Basic …` for a proxy of HTTP (RFC 7617); null when its URL names nobody. */
export function basicAuthorization({ password, username }: ProxyServer): string | null {
  if (username === null) return null
  const bytes = new TextEncoder().encode(`${username}:${password ?? ''}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

function urlOf(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

function isScheme(scheme: string): scheme is ProxyScheme {
  return Object.hasOwn(PORTS, scheme)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A percent sign that encodes nothing stands for itself.
    return text
  }
}
