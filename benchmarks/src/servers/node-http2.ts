// `node:http2` by its stream API (argument `stream`) or its compatibility API (`compat`), each answer written the way that costs
// least in it: one `respond` or `writeHead`, and one `end`.
import { createServer } from 'node:http2'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { announce, bytesWanted, CHUNK_SIZE, HELLO } from './common.ts'

const server = createServer()
if (process.argv[2] === 'compat') server.on('request', compat)
else server.on('stream', (stream, headers) => answer(stream, headers[':path'] ?? ''))
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
  announce((server.address() as AddressInfo).port),
)

function answer(stream: ServerHttp2Stream, path: string): void {
  const wanted = bytesWanted(path)
  stream.on('error', () => undefined)
  if (path === '/') {
    stream.respond({ ':status': 200, 'content-type': 'text/plain', 'content-length': HELLO.length })
    stream.end(HELLO)
  } else if (path === '/discard') {
    let total = 0
    stream.on('data', (chunk: Buffer) => (total += chunk.length))
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'text/plain' })
      stream.end(String(total))
    })
  } else if (wanted >= 0) {
    const type = 'application/octet-stream'
    stream.respond({ ':status': 200, 'content-type': type, 'content-length': wanted })
    write(stream, wanted)
  } else {
    stream.respond({ ':status': 404 }, { endStream: true })
  }
}

function compat(request: Http2ServerRequest, response: Http2ServerResponse): void {
  const path = request.url
  const wanted = bytesWanted(path)
  if (path === '/') {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': HELLO.length })
    response.end(HELLO)
  } else if (path === '/discard') {
    let total = 0
    request.on('data', (chunk: Buffer) => (total += chunk.length))
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.end(String(total))
    })
  } else if (wanted >= 0) {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': wanted })
    write(response.stream, wanted)
  } else {
    response.writeHead(404)
    response.end()
  }
}

// write + drain rather than a pipeline of streams: the least this API costs.
function write(stream: Writable, length: number): void {
  const chunk = Buffer.alloc(CHUNK_SIZE)
  let left = length
  const more = (): void => {
    while (left > 0) {
      const size = Math.min(left, CHUNK_SIZE)
      left -= size
      if (!stream.write(size === CHUNK_SIZE ? chunk : chunk.subarray(0, size))) {
        stream.once('drain', more)
        return
      }
    }
    stream.end()
  }
  more()
}
