import { h1, HttpRequest, HttpResponse } from '@hyper/core'
import type { Body } from '@hyper/core'
import { handshake, serveConnection } from '@hyper/core/h2'
import { link, type LinkOptions } from './link.ts'
import { VirtualRuntime } from './virtual-clock.ts'

// One body over a link, by either protocol with its default options: how long it takes, in the link's own time. The wall
// has no part in it, so that the answer is the same on every machine.

/** What is moved. */
export interface Transfer {
  readonly protocol: 'h1' | 'h2'
  /** `down`: the response's body; `up`: the request's. */
  readonly direction: 'down' | 'up'
  readonly bytes: number
  readonly link: LinkOptions
  /** Bodies of the same size that went before, on the same connection and one after the other. Default 0. */
  readonly before?: number
}

const CHUNK = 65_536

/**
 * @returns milliseconds from the beginning, of the connection or of the last request, to the end of the response
 * @throws Error when it does not end
 */
export async function transferTime(transfer: Transfer): Promise<number> {
  const { protocol, direction, bytes, link: path, before = 0 } = transfer
  const runtime = new VirtualRuntime()
  const [near, far] = link(runtime, path)
  let began = runtime.clock.now()
  const service = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => answer(request, bytes)
  const options = { runtime }
  if (protocol === 'h1') h1.serveConnection(far, service, options)
  else serveConnection(far, service, options)
  const { sender } = protocol === 'h1' ? h1.handshake(near, options) : handshake(near, options)
  let end = -1
  const run = async (left: number): Promise<void> => {
    await sender.ready()
    began = runtime.clock.now()
    const response = await sender.send(requestOf(direction, bytes))
    const taken = await countOf(response.body)
    const expected = direction === 'down' ? bytes : String(bytes).length
    if (taken !== expected) throw new Error(`${taken} bytes came instead of ${expected}`)
    if (left > 0) await run(left - 1)
    else end = runtime.clock.now()
  }
  let failure: unknown = null
  run(before).catch((error: unknown) => (failure = error))
  while (end < 0) {
    await runtime.settle()
    if (failure !== null) throw failure
    if (end >= 0) break
    const { next } = runtime.timer
    if (next === Infinity) throw new Error('nothing more will happen')
    runtime.timer.runUntil(next)
  }
  return end - began
}

function requestOf(direction: 'down' | 'up', bytes: number): HttpRequest {
  const host = 'example.org'
  if (direction === 'down') return new HttpRequest('GET', '/', { headers: { host } })
  const headers = { host, 'content-length': String(bytes) }
  return new HttpRequest('POST', '/', { headers, body: chunks(bytes) })
}

async function answer(request: HttpRequest, bytes: number): Promise<HttpResponse> {
  if (request.method === 'POST') return new HttpResponse(String(await countOf(request.body)))
  return new HttpResponse(chunks(bytes), { headers: { 'content-length': String(bytes) } })
}

function countOf(body: Body): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0
    body.start({
      onData: (chunk) => void (count += chunk.length),
      onTrailers: () => undefined,
      onEnd: () => resolve(count),
      onError: reject,
    })
  })
}

function* chunks(bytes: number): Iterable<Uint8Array> {
  const chunk = new Uint8Array(CHUNK)
  for (let left = bytes; left > 0; left -= CHUNK) yield left >= CHUNK ? chunk : chunk.subarray(0, left)
}
