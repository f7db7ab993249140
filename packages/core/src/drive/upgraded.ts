import { userError } from '../error/index.ts'
import type { HttpResponse } from '../http/response.ts'
import type { Io, Runtime } from '../rt/index.ts'
import type { IoParts } from '../service/service.ts'

// What became of a connection, or of a stream, whose response has switched protocols: kept beside the response.

const handed = new WeakMap<HttpResponse, Promise<IoParts>>()

/** The response has switched protocols; `parts` resolves with what is left. */
export function handOver(response: HttpResponse, parts: Promise<IoParts>): void {
  handed.set(response, parts)
}

/** What a service gets of a connection that has switched protocols, once `onSwitched` has seen it. */
export function partsFor(parts: IoParts, onSwitched: ((io: Io) => Io) | null, runtime: Runtime): IoParts {
  if (onSwitched === null) return parts
  try {
    return { io: onSwitched(parts.io), leftover: parts.leftover }
  } catch (error) {
    runtime.onError(error)
    return parts
  }
}

/**
 * The byte stream behind a 101, or a 2xx to CONNECT: the connection itself over HTTP/1, one stream over HTTP/2.
 * Rejects with `NO_UPGRADE` for any other response.
 */
export function upgraded(response: HttpResponse): Promise<IoParts> {
  return handed.get(response) ?? Promise.reject(userError('NO_UPGRADE', null))
}
