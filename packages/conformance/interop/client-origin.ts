// What stands behind the servers that a client is tried against, and at times is the server itself: an application of `node:http` and
// `node:http2`, the same for both. In: requests. Out: answers whose every byte the client can check, and what was counted.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { pipeline } from 'node:stream'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

/** Bytes that repeat nowhere near: `DATA.subarray(0, n)` is what `/bytes/n` answers with. */
export const DATA: Uint8Array = noise(4 * 1024 * 1024 + 77)
/** Worth compressing. */
export const TEXT: string = Array.from({ length: 2_000 }, (_, at) => `line ${at} of a long text\n`).join('')

/** What `/digest` says of a body that it has read. */
export interface Digest {
  readonly method: string
  readonly length: number
  readonly sha256: string
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * `/hello`, `/bytes/N`, `/stream/N` (no length), `/text` (in the coding that the query names), `/digest`, `/echo` (while it still
 * comes), `/trailers`, `/hints` (103), `/moved`, `/see-other`, `/again`, `/refused` (413, its body unread), `/silent` (never).
 */
export function application(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://origin')
  const [, name = '', size = ''] = pathname.split('/')
  switch (name) {
    case 'bytes':
    case 'stream':
      sendBytes(request, response, Number(size), name === 'bytes')
      break
    case 'text':
      sendText(response, searchParams.get('coding') ?? '')
      break
    case 'digest':
      void sendDigest(request, response)
      break
    case 'echo':
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
      pipeline(request, response, () => undefined)
      break
    case 'trailers':
      response.writeHead(200, { trailer: 'x-checksum' })
      response.write('with ')
      response.addTrailers({ 'x-checksum': sha256(Buffer.from('with trailers')) })
      response.end('trailers')
      break
    case 'hints':
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.end('after hints')
      break
    case 'moved':
      redirect(response, 302, '/hello')
      break
    case 'see-other':
      request.resume()
      redirect(response, 303, '/hello')
      break
    case 'again':
      request.resume()
      redirect(response, 307, '/digest')
      break
    case 'refused':
      response.writeHead(413, { 'content-length': '9' }).end('too large')
      break
    case 'silent':
      break
    default:
      response.writeHead(200, { 'content-length': '6', 'content-type': 'text/plain' }).end('hello\n')
  }
}

/** The same for `node:http2`, which has the methods of `node:http`. */
export const h2Application: (request: Http2ServerRequest, response: Http2ServerResponse) => void =
  application as never

function redirect(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location, 'content-length': '0' }).end()
}

function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  size: number,
  withLength: boolean,
): void {
  const bytes = DATA.subarray(0, size)
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    ...(withLength ? { 'content-length': String(size) } : {}),
  })
  if (request.method === 'HEAD' || withLength) {
    response.end(bytes)
    return
  }
  // In pieces of changing size, as fast as they are taken.
  let sent = 0
  const more = (): void => {
    while (sent < size) {
      const piece = bytes.subarray(sent, sent + 1 + ((sent * 7) % 50_000))
      sent += piece.length
      if (!response.write(piece)) {
        response.once('drain', more)
        return
      }
    }
    response.end()
  }
  more()
}

const CODERS: Readonly<Record<string, (text: string) => Buffer>> = {
  gzip: (text) => gzipSync(text),
  deflate: (text) => deflateSync(text),
  br: (text) => brotliCompressSync(text),
}

function sendText(response: ServerResponse, coding: string): void {
  const code = CODERS[coding]
  response.setHeader('content-type', 'text/plain')
  if (code === undefined) {
    response.end(TEXT)
    return
  }
  response.setHeader('content-encoding', coding)
  response.end(code(TEXT))
}

async function sendDigest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash('sha256')
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      hash.update(chunk)
      length += chunk.length
    }
  } catch {
    return
  }
  const digest: Digest = { method: request.method ?? '', length, sha256: hash.digest('hex') }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(digest))
}

/** A server in this process. */
export interface Origin {
  readonly port: number
  readonly server: Server
  close(): void
}

/** Listens on a port of 127.0.0.1 that is free. */
export async function listening(server: Server): Promise<Origin> {
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/**
 * {@link application} on `node:http`. It keeps idle connections for longer than any proxy before it: who closes one cannot know
 * whether a request is on its way.
 */
export function startOrigin(options: ServerOptions = {}): Promise<Origin> {
  return listening(createServer({ keepAliveTimeout: 120_000, ...options }, application))
}

function noise(size: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = 2_463_534_242
  for (let i = 0; i < words.length; i++) {
    // xorshift32: the same bytes in every run.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}
