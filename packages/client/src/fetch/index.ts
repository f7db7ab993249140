import { userError } from '@hyper/core/error'
import { Client } from '../client.ts'
import type { FetchFunction } from './fetch.ts'
import { fetchErrorOf } from './fetch-error.ts'

// The doors to fetch: one over a client that everybody shares, and one over a client of one's own.

let shared: Client | null = null

/**
 * A drop-in for the global `fetch`, over a client with default options that all its callers share. It holds no process
 * open. With options of one's own: `new Client(options).fetch`.
 */
export const fetch: FetchFunction = (input, init) => {
  try {
    shared ??= new Client()
  } catch (error) {
    // The environment names a proxy that is none. fetch rejects where others throw.
    return Promise.reject(fetchErrorOf(error, null))
  }
  return shared.fetch(input, init)
}

/**
 * The fetch of a client, which needs no `this`: hand it to whatever takes a fetch. The same as `client.fetch`.
 * @throws HyperError `INVALID_OPTION` for what is no client, such as the options of one.
 */
export function createFetch(client: Client): FetchFunction {
  if (client instanceof Client) return client.fetch
  throw userError('INVALID_OPTION', 'createFetch takes a client: createFetch(new Client(options))')
}

export { FetchError } from './fetch-error.ts'
export type { FetchClient, FetchFunction } from './fetch.ts'
export type { FetchInit, FetchTrailersInit } from './fetch-init.ts'
export { httpResponseOf } from './fetch-response.ts'
export type { FetchResponse } from './fetch-response.ts'
