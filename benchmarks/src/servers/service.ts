// The service that this engine runs here, by itself and under `serve`: the same answers as the other servers.
// Where there is a choice it takes what costs least, as the peers' programs do.
import { HttpResponse } from '@hyper/core/http'
import type { HttpRequest } from '@hyper/core/http'
import { bytesWanted, CHUNK_SIZE, HELLO, paceDelay } from './common.ts'

export function service(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
  const path = request.target
  if (path === '/') return new HttpResponse(HELLO, { headers: { 'content-type': 'text/plain' } })
  if (path === '/json') return json(request)
  if (path === '/discard') return discard(request)
  if (path === '/discard-iterated') return discardIterated(request)
  if (path === '/discard-slow') return discardSlowly(request)
  const wanted = bytesWanted(path)
  if (wanted >= 0) return bytes(wanted)
  return new HttpResponse(null, { status: 404 })
}

async function json(request: HttpRequest): Promise<HttpResponse> {
  const value: unknown = await request.body.json()
  return new HttpResponse(JSON.stringify(value), { headers: { 'content-type': 'application/json' } })
}

// The body's own base, a push sink: what costs least here, as the data event does in `node:http`.
function discard(request: HttpRequest): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    let total = 0
    request.body.start({
      onData: (chunk) => void (total += chunk.length),
      onTrailers: () => undefined,
      onEnd: () => resolve(plain(String(total))),
      onError: reject,
    })
  })
}

async function discardIterated(request: HttpRequest): Promise<HttpResponse> {
  let total = 0
  for await (const chunk of request.body) total += chunk.length
  return plain(String(total))
}

async function discardSlowly(request: HttpRequest): Promise<HttpResponse> {
  const began = performance.now()
  let total = 0
  for await (const chunk of request.body) {
    total += chunk.length
    const wait = paceDelay(total, began)
    if (wait >= 1) await new Promise((resolve) => setTimeout(resolve, wait))
  }
  return plain(String(total))
}

function plain(text: string): HttpResponse {
  return new HttpResponse(text, { headers: { 'content-type': 'text/plain' } })
}

function bytes(length: number): HttpResponse {
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(length) }
  return new HttpResponse(chunks(length), { headers })
}

function* chunks(length: number): Iterable<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_SIZE)
  for (let left = length; left > 0; left -= CHUNK_SIZE) {
    yield left >= CHUNK_SIZE ? chunk : chunk.subarray(0, left)
  }
}
