// The platform's own server with the routes that the prober needs. Its known misses show that the prober can fail.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server, and what its handler saw, by the port that the request came from. */
export interface WatchedServer {
  readonly port: number
  readonly seen: (clientPort: number) => readonly string[]
  close(): Promise<void>
}

/** Starts `node:http` on an ephemeral port of 127.0.0.1. */
export async function startNodeHttp(): Promise<WatchedServer> {
  const seen = new Map<number, string[]>()
  const server = createServer((request, response) => {
    const from = request.socket.remotePort ?? 0
    const list = seen.get(from) ?? []
    seen.set(from, list)
    list.push(`${request.method} ${request.url}`)
    handle(request, response)
  })
  // The kernel gives ports again.
  server.on('connection', (socket) => seen.delete(socket.remotePort ?? 0))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen: (clientPort) => seen.get(clientPort) ?? [],
    close: () => {
      return new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? '').replace(/^http:\/\/[^/]*/i, '').split('?')[0]
  request.on('error', () => response.destroy())
  if (path === '/echo') {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    request.pipe(response)
  } else if (path === '/inspect') {
    inspect(request, response)
  } else {
    response.writeHead(path === '/' || path === '' || path === '*' ? 200 : 404, {
      'content-type': 'text/plain',
      'content-length': 13,
    })
    response.end('Hello, World!')
  }
}

function inspect(request: IncomingMessage, response: ServerResponse): void {
  let bodyLength = 0
  request.on('data', (chunk: Buffer) => {
    bodyLength += chunk.length
  })
  request.on('end', () => {
    const { method, url: target, httpVersion: version } = request
    const headers = pairs(request.rawHeaders)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ method, target, version, headers, bodyLength, trailers: pairs(request.rawTrailers) }),
    )
  })
}

function pairs(raw: string[]): [string, string][] {
  const list: [string, string][] = []
  for (let index = 0; index + 1 < raw.length; index += 2)
    list.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? ''])
  return list
}
