import { userError } from '@hyper/core/error'
import { BAD_PORTS } from './bad-ports-table.ts'
import { Remembered } from '../remembered.ts'
import { FetchError } from './fetch-error.ts'

// FetchUrls: the URL that fetch was given, parsed and checked once.

/** A URL that can be fetched. */
export interface FetchUrl {
  /** Serialised, without its fragment: what `response.url` says when nothing has redirected. */
  readonly href: string
  /** Scheme, host and port. */
  readonly origin: string
  /** Whether the platform answers it, without a network: `data:` and `blob:`. */
  readonly isLocal: boolean
}

const urls: Remembered<FetchUrl> = /* @__PURE__ */ new Remembered()

/** Throws a TypeError for what is no URL, has credentials in it, is of another scheme, or names a port that is blocked. */
export function fetchUrl(text: string): FetchUrl {
  const found = urls.get(text)
  if (found !== undefined) return found
  const made = parse(text)
  urls.set(text, made)
  return made
}

function parse(text: string): FetchUrl {
  const url = urlOf(text)
  const { origin, password, port, protocol, username } = url
  if (username !== '' || password !== '') {
    throw refused(
      'a URL with a user name or a password cannot be fetched: set the authorization header instead',
    )
  }
  const isLocal = protocol === 'data:' || protocol === 'blob:'
  if (!isLocal && protocol !== 'http:' && protocol !== 'https:') {
    throw refused(`${protocol} is not a scheme that can be fetched; http:, https:, data: and blob: are`)
  }
  if (isBlocked(url)) throw refused(blocked(port))
  if (url.hash !== '' || url.href.endsWith('#')) url.hash = ''
  return { href: url.href, origin, isLocal }
}

/** Whether a URL names a port that fetch does not connect to (Fetch, "port blocking"). */
export function isBlocked({ port }: URL): boolean {
  return port !== '' && BAD_PORTS.has(Number(port))
}

/** Why. */
export function blocked(port: string): string {
  return `port ${port} is blocked: it belongs to another protocol`
}

function urlOf(text: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw refused(
      'the given text is not an absolute URL, and there is no page that it could be relative to',
      cause,
    )
  }
}

function refused(detail: string, cause?: unknown): FetchError {
  return new FetchError(userError('INVALID_TARGET', detail, cause))
}
