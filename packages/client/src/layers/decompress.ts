import type { Body } from '@hyper/core/body'
import type { HeaderMap, HttpRequest, HttpResponse } from '@hyper/core/http'
import type { Layer } from '@hyper/core/service'
import { optionsOf } from '../exchange.ts'
import { atLeast, check, type Checks, isFunction, isObject, named } from '../option.ts'
import { type BombLimits, CodedBytes, codingInvalid, DecodedBody } from './decode-body.ts'
import type { CreateDecoder, Decoders } from './decoder.ts'
import { nodeDecoders } from './node-decoders.ts'

// decompress: a layer that asks for content codings (RFC 9110 §8.4) and undoes them as the body is read.

/** How bodies are decoded. */
export interface DecompressOptions {
  /** Bytes of a decoded body; more is `BODY_TOO_LARGE`. Default: no limit, since a body is read as a stream. */
  readonly maxSize?: number | undefined
  /**
   * Decoded bytes for each byte that came, once there are more than 16 MiB of them; more is `BODY_TOO_LARGE`. Infinity is
   * no limit. Default 100.
   */
  readonly maxRatio?: number | undefined
  /** What codings are undone with. Default: zlib of Node. */
  readonly decoders?: Decoders | undefined
}

/** Decoded bytes for each byte that came. Text comes down to a tenth, a bomb to a thousandth. */
export const MAX_RATIO = 100
/** Codings of one body, one over the other: each multiplies what a bomb can do (CVE-2023-23916 of curl). */
export const MAX_CODINGS = 5

/**
 * A layer that undoes content codings: gzip, deflate (with and without the zlib format), br, and zstd where the runtime
 * has it, several in a row too. Bodies are decoded as they are read. `content-encoding` and `content-length`, which speak
 * of the coded body, are removed; trailers pass.
 *
 * `accept-encoding` is added where it is missing. A request that brings another one is answered as it asked: its response
 * stays as it came, and so do responses to requests with a `range`, to HEAD, with status 204, 206 or 304, and those with
 * an unknown coding. Reads `decompress` of the request's options: true decodes in spite of an `accept-encoding` of one's
 * own, false asks for no coding and decodes none, an object has options for this request.
 *
 * The body fails with `CONTENT_CODING_INVALID` when it is malformed, ends too early or goes on behind its end, and with
 * `BODY_TOO_LARGE` when it is a bomb; with `BODY_FAILED`, by the user, when one of the `decoders` throws.
 * @throws HyperError `INVALID_OPTION`
 */
export function decompress(options: DecompressOptions = {}): Layer {
  return createDecompress(options, true)
}

/** As {@link decompress}; unless `isOn`, for those requests alone whose options ask for it. */
export function createDecompress(options: DecompressOptions, isOn: boolean): Layer {
  const defaults = settingsOf(options, DEFAULTS)
  return (inner) => (request, exchange) => {
    const given = optionsOf(exchange)?.decompress
    const isWanted = isOn || (given !== undefined && given !== false)
    if (!isWanted || request.method === 'CONNECT') return inner(request, exchange)
    const settings = typeof given === 'object' ? settingsOf(given, defaults) : defaults
    const asked = request.headers.get('accept-encoding')
    const isOurs = asked === null || asked === settings.accept
    const sent = isOurs ? asking(request, given === false ? null : settings.accept) : request
    const response = inner(sent, exchange)
    if (given === false || (!isOurs && given === undefined) || request.method === 'HEAD') return response
    return response instanceof Promise
      ? response.then((settled) => decodedResponse(settled, settings))
      : decodedResponse(response, settings)
  }
}

/**
 * A body with its content codings undone, as `decompress` does it.
 * @param contentEncoding what the Content-Encoding field says.
 * @returns null when a coding is unknown; the body itself when there is none.
 * @throws HyperError `CONTENT_CODING_INVALID` for more than 5 codings, `INVALID_OPTION`, `BODY_USED`
 */
export function decodeBody(
  body: Body,
  contentEncoding: string,
  options: DecompressOptions = {},
): Body | null {
  return decoded(body, contentEncoding, settingsOf(options, DEFAULTS))
}

interface Settings extends BombLimits {
  readonly decoders: Decoders
  readonly accept: string
}

const DEFAULTS: Settings = /* @__PURE__ */ Object.freeze({
  maxSize: Infinity,
  maxRatio: MAX_RATIO,
  decoders: nodeDecoders,
  accept: acceptEncoding(nodeDecoders),
})

const OPTIONS: Checks = /* @__PURE__ */ named<DecompressOptions>({
  maxSize: true,
  maxRatio: true,
  decoders: [
    (value) => isObject(value) && Object.values(value).every(isFunction),
    'functions that make decoders, by the names of codings',
  ],
})

/** @throws HyperError `INVALID_OPTION` */
function settingsOf(options: DecompressOptions, defaults: Settings): Settings {
  check('decompress', 'decompress.', options, OPTIONS)
  const decoders = options.decoders ?? defaults.decoders
  return {
    maxSize: atLeast('decompress.maxSize', options.maxSize, defaults.maxSize, 0),
    maxRatio: atLeast('decompress.maxRatio', options.maxRatio, defaults.maxRatio, 1),
    decoders,
    accept: decoders === defaults.decoders ? defaults.accept : acceptEncoding(decoders),
  }
}

/** What `decompress` asks for. Old names are understood, and not asked for (RFC 9110 §8.4.1.3). */
export function acceptEncoding(decoders: Decoders = nodeDecoders): string {
  return Object.keys(decoders)
    .filter((name) => !name.startsWith('x-'))
    .join(', ')
}

/** The request with an Accept-Encoding, or without one. A part of something coded cannot be decoded: no range of it. */
function asking(request: HttpRequest, accept: string | null): HttpRequest {
  const wanted = request.headers.has('range') ? null : accept
  if (request.headers.get('accept-encoding') === wanted) return request
  const headers = request.headers.clone()
  if (wanted === null) headers.delete('accept-encoding')
  else headers.set('accept-encoding', wanted)
  return request.with({ headers })
}

function decodedResponse(response: HttpResponse, settings: Settings): HttpResponse {
  const coding = response.headers.get('content-encoding')
  if (coding === null || hasNoWholeBody(response.status)) return response
  try {
    const body = decoded(response.body, coding, settings)
    if (body === null || body === response.body) return response
    return response.with({ body, headers: decodedHeaders(response.headers) })
  } catch (error) {
    response.body.cancel(error)
    throw error
  }
}

function decoded(body: Body, contentEncoding: string, settings: Settings): Body | null {
  const codings = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity')
  const { decoders } = settings
  const creates: CreateDecoder[] = []
  for (const name of codings) {
    const create = Object.hasOwn(decoders, name) ? decoders[name] : undefined
    if (create === undefined) return null
    creates.push(create)
  }
  if (creates.length > MAX_CODINGS)
    throw codingInvalid(`the body has ${creates.length} content codings, one over the other`)
  const coded = new CodedBytes()
  // RFC 9110 §8.4: in the order in which they were applied.
  return creates.reduceRight(
    (inner, create) => new DecodedBody(inner, create, settings, coded, inner === body),
    body,
  )
}

function decodedHeaders(given: HeaderMap): HeaderMap {
  const headers = given.clone()
  headers.delete('content-encoding')
  headers.delete('content-length')
  return headers
}

function hasNoWholeBody(status: number): boolean {
  return status < 200 || status === 204 || status === 206 || status === 304
}
