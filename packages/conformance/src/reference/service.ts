// The service behind the reference server: one route for each thing that a peer or a suite may want to see. In: a request and its
// exchange. Out: an answer made of nothing but the engine's own values. It holds no state between requests.
import { StreamFramesBody } from '@hyper/core/body'
import { HeaderMap, HttpResponse, type HttpRequest } from '@hyper/core/http'
import type { Exchange, Service } from '@hyper/core/service'
import { byteStream, framesFrom, lineStream, patternBytes, tornStream } from './content.ts'
import { echoConnection } from './echo.ts'

type Route = (
  request: HttpRequest,
  exchange: Exchange,
  argument: string,
) => HttpResponse | Promise<HttpResponse>

const IGNORE_SLOW = 3_000
const LONGEST_DELAY = 3_600_000
const PLAIN = { 'content-type': 'text/plain' } as const
const OCTETS = { 'content-type': 'application/octet-stream' } as const

// Looked up by the first part of the path; what follows the second slash is the argument.
const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['', hello],
  ['echo', echo],
  ['inspect', inspect],
  ['bytes', bytes],
  ['stream', stream],
  ['status', status],
  ['delay', delay],
  ['trailers', trailers],
  ['early-hints', earlyHints],
  ['discard', discard],
  ['ignore', (request) => text(`ignored ${request.method}\n`)],
  ['ignore-slow', ignoreSlow],
  ['throw', fail],
  ['reset', reset],
  ['upgrade', upgrade],
])

/** Answers every route of the reference server. */
export const referenceService: Service = (request, exchange) => {
  if (request.method === 'CONNECT') return tunnel(exchange)
  if (request.target === '*') return text('', 200)
  const [, name = '', argument = ''] = request.uri.path.split('/')
  const route = ROUTES.get(name)
  return route === undefined ? text('not found\n', 404) : route(request, exchange, argument)
}

function text(content: string, code = 200): HttpResponse {
  return new HttpResponse(content, { status: code, headers: PLAIN })
}

function hello(): HttpResponse {
  return text('Hello, World!')
}

// The body is handed on as it comes: what was framed by length goes back by length, and trailers follow chunks.
// A client that waits for 100 (RFC 9110 §10.1.1) gets it before the answer begins, since the first frame is wanted first.
function echo(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
  if (request.headers.has('expect')) return echoWhenItComes(request)
  return new HttpResponse(request.body, { headers: OCTETS })
}

async function echoWhenItComes(request: HttpRequest): Promise<HttpResponse> {
  const { upper, lower } = request.body.sizeHint
  const frames = request.body.frames()
  const first = await frames.next()
  const headers = upper === lower ? { ...OCTETS, 'content-length': String(lower) } : OCTETS
  return new HttpResponse(new StreamFramesBody(first.done === true ? [] : framesFrom(first.value, frames)), {
    headers,
  })
}

async function inspect(request: HttpRequest): Promise<HttpResponse> {
  const collected = await request.body.collect()
  const seen = {
    method: request.method,
    target: request.target,
    version: request.version,
    authority: request.uri.authority ?? request.headers.first('host'),
    headers: [...request.headers],
    bodyLength: collected.bytes().length,
    trailers: collected.trailers === null ? [] : [...collected.trailers],
  }
  return new HttpResponse(`${JSON.stringify(seen)}\n`, { headers: { 'content-type': 'application/json' } })
}

function bytes(_request: HttpRequest, _exchange: Exchange, argument: string): HttpResponse {
  const length = naturalNumber(argument)
  if (length === null) return text('how many bytes?\n', 400)
  const small = patternBytes(length)
  if (small !== null) return new HttpResponse(small, { headers: OCTETS })
  return new HttpResponse(byteStream(length), { headers: { ...OCTETS, 'content-length': String(length) } })
}

function stream(_request: HttpRequest, _exchange: Exchange, argument: string): HttpResponse {
  const lines = naturalNumber(argument)
  return lines === null
    ? text('how many lines?\n', 400)
    : new HttpResponse(lineStream(lines), { headers: PLAIN })
}

function status(_request: HttpRequest, _exchange: Exchange, argument: string): HttpResponse {
  const code = naturalNumber(argument)
  if (code === null || code < 200 || code > 999) return text('a final status has three digits\n', 400)
  // RFC 9110 §15.3.5, §15.3.6, §15.4.5: these have no content.
  if (code === 204 || code === 205 || code === 304) return new HttpResponse(null, { status: code })
  return text(`status ${code}\n`, code)
}

async function delay(_request: HttpRequest, exchange: Exchange, argument: string): Promise<HttpResponse> {
  const wait = naturalNumber(argument)
  if (wait === null || wait > LONGEST_DELAY) return text('how many milliseconds?\n', 400)
  await pause(wait, exchange)
  return text(`waited ${wait} ms\n`)
}

function trailers(): HttpResponse {
  return new HttpResponse(lineStream(3), {
    headers: { ...PLAIN, trailer: 'x-lines, x-done' },
    trailers: () =>
      new HeaderMap([
        ['x-lines', '3'],
        ['x-done', 'yes'],
      ]),
  })
}

function earlyHints(_request: HttpRequest, exchange: Exchange): HttpResponse {
  exchange.informational(103, { link: '</style.css>; rel=preload; as=style' })
  return text('hinted\n')
}

async function discard(request: HttpRequest): Promise<HttpResponse> {
  let length = 0
  for await (const chunk of request.body) length += chunk.length
  return text(`${length}\n`)
}

async function ignoreSlow(_request: HttpRequest, exchange: Exchange): Promise<HttpResponse> {
  await pause(IGNORE_SLOW, exchange)
  return text('ignored slowly\n')
}

function fail(): never {
  throw new Error('this route always fails')
}

function reset(): HttpResponse {
  return new HttpResponse(tornStream(), { headers: { ...OCTETS, 'content-length': '1048576' } })
}

// RFC 9110 §7.8: only for HTTP/1.1, only when Connection names it, and only for a protocol that we speak.
function upgrade(request: HttpRequest, exchange: Exchange): HttpResponse {
  const wanted =
    listOf(request, 'upgrade').includes('echo') && listOf(request, 'connection').includes('upgrade')
  if (!wanted || request.version === '1.0') {
    return new HttpResponse('Upgrade: echo\n', {
      status: 426,
      headers: { ...PLAIN, upgrade: 'echo', connection: 'upgrade' },
    })
  }
  takeOver(exchange)
  return new HttpResponse(null, { status: 101, headers: { upgrade: 'echo', connection: 'upgrade' } })
}

function tunnel(exchange: Exchange): HttpResponse {
  takeOver(exchange)
  return new HttpResponse(null, { status: 200 })
}

// When the peer has gone before the switch there is nothing to take over.
function takeOver(exchange: Exchange): void {
  exchange.upgrade().then(echoConnection, () => undefined)
}

function listOf(request: HttpRequest, name: string): string[] {
  return (request.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase())
}

function naturalNumber(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : null
}

// A client that has left ends the wait.
function pause(milliseconds: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    exchange.onCancel(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
