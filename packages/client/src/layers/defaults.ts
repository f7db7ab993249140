import { userError } from '@hyper/core/error'
import { HeaderMap } from '@hyper/core/http'
import type { Layer } from '@hyper/core/service'
import { isLayers } from '../option.ts'
import type { ClientOptions } from '../options.ts'
import { platformRuntime } from '../platform.ts'
import { auth } from './auth.ts'
import { cookies } from './cookies.ts'
import { acceptEncoding, createDecompress, type DecompressOptions } from './decompress.ts'
import { progress } from './progress.ts'
import { redirect } from './redirect.ts'
import { createRetry } from './retry.ts'

// The layers of a client, from the caller to the connections, and what it says of itself in every request.

/**
 * The layers of a client that was made with these options, outermost first. Their order has reasons:
 * - the caller's own come first: they see what was asked for, and what comes of it;
 * - credentials are given once, and `redirect` takes them away where it leads to another origin;
 * - `retry` inside of `redirect` repeats the step that has failed, and not the whole way: a POST that was answered with
 *   303 is not sent again because the GET after it has failed;
 * - `cookies` inside of both, since each URL has its own, and a refusal may bring some;
 * - `progress` inside of `decompress` counts the bytes that travel.
 * @throws HyperError `INVALID_OPTION`
 */
export function defaultLayers(options: ClientOptions = {}): Layer[] {
  const { runtime = platformRuntime } = options
  const retries = typeof options.retry === 'object' ? options.retry : {}
  const wantsRetry = options.retry !== undefined && options.retry !== false
  const layers = [
    auth(options.auth),
    redirect(options.redirect),
    createRetry({ ...retries, runtime }, wantsRetry),
    cookies({ jar: options.cookies }),
    createDecompress(codingsOf(options), options.decompress !== false),
    progress(),
  ]
  const { layers: own = [] } = options
  if (typeof own !== 'function') return [...own, ...layers]
  const made: unknown = own(layers)
  if (!isLayers(made))
    throw userError('INVALID_OPTION', 'layers must be a function that makes a list of layers')
  return [...made]
}

/**
 * The fields of a request that says nothing of them itself: `accept`, the `accept-encoding` of `decompress`, and what the
 * client was given. There is no `user-agent`: it names a program, and that is the caller's to say. They belong to the
 * request before it goes through the layers, so that a redirect to another origin takes away what is secret.
 */
export function defaultHeaders(options: ClientOptions): HeaderMap {
  const headers = HeaderMap.from(options.headers).clone()
  if (!headers.has('accept')) headers.append('accept', '*/*')
  if (options.decompress !== false && !headers.has('accept-encoding'))
    headers.append('accept-encoding', acceptEncoding(codingsOf(options).decoders))
  return headers
}

function codingsOf({ decompress: given }: ClientOptions): DecompressOptions {
  return typeof given === 'object' ? given : {}
}
