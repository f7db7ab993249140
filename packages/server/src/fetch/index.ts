import { FetchRequest } from './request.ts'
import { type FetchResponseInit, LazyResponse } from './response.ts'

// The two names that a program imports in place of the globals. They have the platform's types; the globals are never
// touched.

/**
 * The platform's class. It takes whatever yields bytes or text, a generator or a stream of Node, which the declarations of
 * the DOM do not know.
 */
export type ResponseClass = typeof globalThis.Response & {
  new (
    body: AsyncIterable<Uint8Array | string>,
    init?: FetchResponseInit,
  ): InstanceType<typeof globalThis.Response>
}

/**
 * A `Response` that costs next to nothing: what it is made of is written as it is. `instanceof` the platform's
 * `Response` holds, and everything that a platform Response does works.
 *
 * What only the platform's own objects can do, since they are read through private fields: be given to `cache.put`, or
 * to a method borrowed from `globalThis.Response.prototype`.
 */
export const Response: ResponseClass = LazyResponse as unknown as ResponseClass

/**
 * Makes platform requests. Needed for one thing: `new Request(request)` of the request that a handler was given, which
 * the platform's own constructor cannot read, as `fetch(request)` cannot. `fetch(new Request(request))` works.
 */
export const Request: typeof globalThis.Request = FetchRequest as unknown as typeof globalThis.Request
