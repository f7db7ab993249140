// The URL of a request, for `Request.url`. In: the scheme of the connection, the Host field and the request target.
// Out: the target URI (RFC 9112 §3.3), serialised as the URL standard does. The text is put together directly where the
// standard's parser would return it unchanged; whatever might be rewritten goes through the parser.

/** Makes URLs for one server; remembers the last authority, since most requests name the same. */
export class RequestUrls {
  /** Stands in where a request names no authority (HTTP/1.0), or one that no URL can have. */
  private readonly fallback: string
  private lastHost: string
  private lastSecure: boolean
  private lastOrigin: string

  /** @param hostname what the server listens on: a name or an address */
  constructor(hostname: string) {
    this.fallback = hostOf(hostname)
    this.lastHost = ''
    this.lastSecure = false
    this.lastOrigin = ''
  }

  /** The whole URL. A target that no URL can be made of gives the URL of the root. */
  urlOf(secure: boolean, host: string | null, target: string): string {
    const first = target.charCodeAt(0)
    if (first === SLASH) {
      const origin = this.origin(secure, host)
      return REWRITTEN.test(target) ? parsed(origin + target, origin) : origin + target
    }
    if (target === '*') return `${this.origin(secure, host)}/`
    // absolute-form (RFC 9112 §3.2.2) says all by itself; authority-form (§3.2.3) lacks the scheme.
    const whole = target.includes('://') ? target : `${secure ? 'https' : 'http'}://${target}`
    return parsed(whole, this.origin(secure, host))
  }

  private origin(secure: boolean, host: string | null): string {
    const name = host === null || host === '' ? this.fallback : host
    if (name === this.lastHost && secure === this.lastSecure) return this.lastOrigin
    const scheme = secure ? 'https://' : 'http://'
    let origin = scheme + this.fallback
    try {
      origin = new URL(scheme + name).origin
    } catch {
      // A name that is valid for Host (RFC 9110 §7.2) and not for a URL, such as one with `%`.
    }
    this.lastHost = name
    this.lastSecure = secure
    this.lastOrigin = origin
    return origin
  }
}

/** Where all addresses are listened on, and where an address has a zone or is none for a URL, it is called `localhost`. */
function hostOf(hostname: string): string {
  const host = hostname.includes(':') ? `[${hostname}]` : hostname
  const isAny = hostname === '::' || hostname === '0.0.0.0'
  return !isAny && URL.canParse(`http://${host}/`) ? host : 'localhost'
}

function parsed(url: string, origin: string): string {
  try {
    return new URL(url).href
  } catch {
    return `${origin}/`
  }
}

const SLASH = 0x2f
/** Characters that the URL standard percent-encodes or turns, and dot segments. Finds too much rather than too little. */
const REWRITTEN = /["'<>\\^`{}]|\/\.|%2[eE]/
