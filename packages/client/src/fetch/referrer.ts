// The `Referer` field of a request that names a referrer (Fetch and Referrer Policy). In: the referrer and its policy, and
// where the request goes. Out: the value of the field, or null where none is sent. Nobody has a referrer of their own here:
// there is no page.

/** Throws a TypeError for what is no URL. */
export function refererOf(referrer: string, policy: string, destination: string): string | null {
  if (referrer === '' || referrer === 'about:client') return null
  const from = urlOf(referrer)
  if (from.protocol === 'about:') return null
  const to = new URL(destination)
  const isSame = from.origin === to.origin
  const isDowngrade = isTrustworthy(from) && !isTrustworthy(to)
  const origin = `${from.origin}/`
  switch (policy) {
    case 'no-referrer':
      return null
    case 'unsafe-url':
      return stripped(from)
    case 'origin':
      return origin
    case 'strict-origin':
      return isDowngrade ? null : origin
    case 'same-origin':
      return isSame ? stripped(from) : null
    case 'origin-when-cross-origin':
      return isSame ? stripped(from) : origin
    case 'no-referrer-when-downgrade':
      return isDowngrade ? null : stripped(from)
    default:
      // strict-origin-when-cross-origin
      return isSame ? stripped(from) : isDowngrade ? null : origin
  }
}

/** What nobody on the way can read (Secure Contexts, "is URL potentially trustworthy"): by TLS, or within this machine. */
function isTrustworthy(url: URL): boolean {
  return url.protocol === 'https:' || LOOPBACK.test(url.hostname)
}

const LOOPBACK = /^(?:127(?:\.\d+){3}|\[::1\]|(?:.+\.)?localhost)$/

function urlOf(referrer: string): URL {
  try {
    return new URL(referrer)
  } catch (cause) {
    throw new TypeError('the given referrer is not an absolute URL', { cause })
  }
}

/** Without what is nobody else's concern. */
function stripped(url: URL): string {
  url.username = ''
  url.password = ''
  url.hash = ''
  return url.href
}
