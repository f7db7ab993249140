import type { TrailersInit } from '../body/index.ts'
import type { HeaderMap, HeadersInit } from './header-map.ts'
import type { HttpVersion } from './version.ts'

// What messages of both kinds have in common when one is made of another by `with`: what is named is new, the rest stays.

/** The parts that both kinds have, besides the body. */
interface Parts {
  readonly headers: HeaderMap
  readonly version: HttpVersion
}

interface Changes {
  readonly headers?: HeadersInit | HeaderMap | undefined
  readonly version?: HttpVersion | undefined
  readonly trailers?: TrailersInit | undefined
}

/** Trailers are the body's own unless they are named. */
export function changedParts(message: Parts, changes: Changes): Changes {
  return {
    headers: changes.headers ?? message.headers,
    version: changes.version ?? message.version,
    trailers: changes.trailers,
  }
}
