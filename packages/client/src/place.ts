import { userError } from '@hyper/core/error'
import type { HeaderMap } from '@hyper/core/http'
import { type Destination, destinationOf } from '@hyper/util/connect'
import { authorizationIn } from './layers/auth.ts'
import { Remembered } from './remembered.ts'

// Where a request goes. In: a URL. Out: the destination to connect to, and the request target to ask it for. The same
// text gives the same object: a program asks for few URLs many times, and parsing one costs more than sending it.

/** A destination, and the path and query there. */
export interface Place {
  readonly destination: Destination
  /** Origin-form (RFC 9112 §3.2.1). */
  readonly target: string
  /** The URL as text, without what is never sent: the target of a request in a client's layers. */
  readonly url: string
  /** With its `#`; empty when there is none. */
  readonly fragment: string
  /** What the user name and password of the URL mean; null when it has none. */
  readonly authorization: string | null
  /** @internal Room for the fields of a request that has none of its own. */
  hosted: HeaderMap | null
}

/** Turns URLs into places, and remembers them. */
export class Places {
  private readonly places: Remembered<Place>
  private readonly destinations: Remembered<Destination>

  constructor() {
    this.places = new Remembered()
    this.destinations = new Remembered()
  }

  /** @throws HyperError `INVALID_TARGET` for what is no URL, or is neither `http:` nor `https:`. */
  find(url: string | URL): Place {
    const text = typeof url === 'string' ? url : hrefOf(url)
    const found = this.places.get(text)
    if (found !== undefined) return found
    const place = this.parse(text)
    this.places.set(text, place)
    // What is sent has neither; the two are not the same place.
    if (place.fragment === '' && place.authorization === null) this.places.set(place.url, place)
    return place
  }

  private parse(text: string): Place {
    const url = urlOf(text)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw userError(
        'INVALID_TARGET',
        `${url.protocol} is not a scheme that can be requested; http: and https: are`,
      )
    }
    const target = originForm(url)
    const destination = this.destinationOf(url)
    const { hash: fragment, origin } = url
    return {
      destination,
      target,
      url: origin + target,
      fragment,
      authorization: authorizationIn(url),
      hosted: null,
    }
  }

  private destinationOf(url: URL): Destination {
    const { origin } = url
    const found = this.destinations.get(origin)
    if (found !== undefined) return found
    const made = destinationOf(url)
    this.destinations.set(origin, made)
    return made
  }
}

/** RFC 9112 §3.2.1. The URL standard leaves a backslash in a query as it is; a request target cannot have one. */
export function originForm({ pathname, search }: URL): string {
  return (pathname + search).replaceAll('\\', '%5C')
}

// A Request, or an object with a url in it, would be asked for as 'undefined'.
function hrefOf(url: URL): string {
  const href: unknown = url?.href
  if (typeof href === 'string') return href
  throw userError('INVALID_TARGET', 'the URL must be a text or a URL')
}

function urlOf(text: string): URL {
  try {
    return new URL(text)
  } catch (cause) {
    throw userError('INVALID_TARGET', `'${shown(text)}' is not an absolute URL`, cause)
  }
}

/** The beginning of a URL, for a message: neither its query nor its user name, which may hold secrets. */
function shown(url: string): string {
  const [before = ''] = String(url).split(/[?#]/, 1)
  const safe = before.replace(/\/\/[^/]*@/, '//')
  return safe.length > 80 ? `${safe.slice(0, 80)}…` : safe
}
