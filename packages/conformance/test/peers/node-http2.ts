// The platform's own HTTP/2 server with the routes that the prober needs. Its known misses show that the prober can fail.
import { testCertificate } from '@hyper/testkit'
import {
  createSecureServer,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import type { WatchedServer } from './node-http.ts'

/** Starts `node:http2` on an ephemeral port of 127.0.0.1. */
export async function startNodeHttp2(tls = false): Promise<WatchedServer> {
  const seen = new Map<number, string[]>()
  const sessions = new Set<ServerHttp2Session>()
  const server = tls ? createSecureServer({ ...(await testCertificate()) }) : createServer()
  server.on('session', (session) => {
    // The kernel gives ports again.
    seen.delete(session.socket.remotePort ?? 0)
    sessions.add(session)
    session.on('error', () => undefined)
    session.on('close', () => sessions.delete(session))
  })
  server.on('sessionError', () => undefined)
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const from = stream.session?.socket.remotePort ?? 0
    const list = seen.get(from) ?? []
    seen.set(from, list)
    list.push(`${headers[':method']} ${headers[':path']}`)
    stream.on('error', () => undefined)
    handle(stream, headers)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    seen: (clientPort) => seen.get(clientPort) ?? [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}

function handle(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const path = headers[':path'] ?? ''
  if (path === '/echo') {
    stream.respond({ ':status': 200 })
    stream.pipe(stream)
  } else if (path === '/inspect') inspect(stream, headers)
  else if (path.startsWith('/bytes/')) {
    const body = Buffer.from(Array.from({ length: Number(path.slice(7)) }, (_, index) => 97 + (index % 26)))
    stream.respond({ ':status': 200 })
    stream.end(body)
  } else if (path === '/ignore-slow') {
    setTimeout(() => stream.destroyed || stream.close(), 3_000).unref()
  } else {
    stream.respond({ ':status': 200, 'content-length': 13 })
    stream.end('Hello, World!')
  }
}

function inspect(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  let bodyLength = 0
  let trailers: [string, string][] = []
  stream.on('data', (chunk: Buffer) => (bodyLength += chunk.length))
  stream.on('trailers', (list: IncomingHttpHeaders) => (trailers = pairs(list)))
  stream.on('end', () => {
    if (stream.destroyed || stream.headersSent) return
    stream.respond({ ':status': 200 })
    stream.end(
      JSON.stringify({
        method: headers[':method'],
        target: headers[':path'],
        headers: pairs(headers),
        bodyLength,
        trailers,
      }),
    )
  })
}

function pairs(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
}
