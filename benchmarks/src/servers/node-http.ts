// A listener of `node:http`, with each answer written the fast way it offers: one `writeHead` and one `end`. Argument: `ours` has
// `@hyper/server/node` below it; Node itself otherwise.
import { createServer as createNodeServer } from 'node:http'
import { createServer as createOurServer } from '@hyper/server/node'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { announce, bytesWanted, CHUNK_SIZE, HELLO, paceDelay } from './common.ts'

const isOurs = process.argv[2] === 'ours'
const server = isOurs ? createOurServer(listener) : createNodeServer(listener)
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  announce((server.address() as AddressInfo).port),
)

function listener(request: IncomingMessage, response: ServerResponse): unknown {
  const path = request.url ?? ''
  if (path === '/') return hello(response)
  if (path === '/json') return json(request, response)
  if (path === '/discard') return discard(request, response)
  if (path === '/discard-iterated') return void discardIterated(request, response)
  if (path === '/discard-slow') return discardSlowly(request, response)
  const wanted = bytesWanted(path)
  if (wanted >= 0) return bytes(response, wanted)
  return response.writeHead(404).end()
}

function hello(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': HELLO.length })
  response.end(HELLO)
}

function json(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const whole = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    const text = JSON.stringify(JSON.parse(String(whole)))
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    response.end(text)
  })
}

function discard(request: IncomingMessage, response: ServerResponse): void {
  let total = 0
  request.on('data', (chunk: Buffer) => (total += chunk.length))
  request.on('end', () => plain(response, String(total)))
}

async function discardIterated(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let total = 0
  for await (const chunk of request as AsyncIterable<Buffer>) total += chunk.length
  plain(response, String(total))
}

function discardSlowly(request: IncomingMessage, response: ServerResponse): void {
  const began = performance.now()
  let total = 0
  request.on('data', (chunk: Buffer) => {
    total += chunk.length
    const wait = paceDelay(total, began)
    if (wait < 1) return
    request.pause()
    setTimeout(() => request.resume(), wait)
  })
  request.on('end', () => plain(response, String(total)))
}

function plain(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': text.length })
  response.end(text)
}

// write + drain rather than a pipeline of streams: the least this API costs.
function bytes(response: ServerResponse, length: number): void {
  const chunk = Buffer.alloc(CHUNK_SIZE)
  let left = length
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length })
  const more = (): void => {
    while (left > 0) {
      const size = Math.min(left, CHUNK_SIZE)
      left -= size
      if (!response.write(size === CHUNK_SIZE ? chunk : chunk.subarray(0, size))) {
        response.once('drain', more)
        return
      }
    }
    response.end()
  }
  more()
}
