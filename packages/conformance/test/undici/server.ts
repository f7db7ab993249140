import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'

// What the cells of the matrix ask: node:http, and a server that closes every connection that it has answered on.

export interface Asked {
  readonly origin: string
  /** Answers once on each connection; the next request on it resets it. */
  readonly stale: string
  /** Nobody listens there. */
  readonly refused: string
  /** Bytes of `/large` that the server could write so far. */
  written(): number
  close(): void
}

export const LARGE: number = 64 * 1024 * 1024

export async function startServer(): Promise<Asked> {
  let written = 0
  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
    '/json': (request, response) => {
      void bodyOf(request).then((body) => {
        response.setHeader('content-type', 'application/json')
        const { headers, method } = request
        response.end(
          JSON.stringify({
            method,
            body,
            type: headers['content-type'] ?? null,
            length: headers['content-length'] ?? null,
          }),
        )
      })
    },
    '/echo': (request, response) => void request.pipe(response),
    '/303': (request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(303, { location: '/json' }).end('see there'))
    },
    '/307': (request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(307, { location: '/json' }).end())
    },
    '/gzip': (_request, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync('hello, gzip'))
    },
    '/trailers': (_request, response) => {
      response.writeHead(200, { trailer: 'x-digest' })
      response.write('body')
      response.addTrailers({ 'x-digest': 'abc' })
      response.end()
    },
    '/early': (_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => {
        response.writeProcessing()
        response.end('ok')
      })
    },
    '/never': () => {},
    '/begun': (_request, response) => void response.write('begun'),
    '/slow': (_request, response) => void setTimeout(() => response.end('late'), 320),
    '/cookies': (_request, response) => void response.setHeader('set-cookie', ['a=1', 'b=2']).end(),
    '/204': (_request, response) => void response.writeHead(204).end(),
    '/busy': (_request, response) => void response.writeHead(503).end('busy'),
    '/large': (_request, response) => {
      written = 0
      const chunk = Buffer.alloc(64 * 1024, 'x')
      const more = (): void => {
        while (written < LARGE) {
          written += chunk.length
          if (!response.write(chunk)) {
            response.once('drain', more)
            return
          }
        }
        response.end()
      }
      more()
    },
  }
  const server = createServer((request, response) => {
    const route = routes[request.url?.split('?')[0] ?? '']
    if (route === undefined) response.writeHead(404).end('not here')
    else route(request, response)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    if (request.url === '/refuses') socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno')
    else if (request.headers.upgrade === 'websocket') speakWebSocket(request, socket)
    else shout(socket, 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: shout\r\n\r\n')
  })
  server.on('connect', (_request, socket) => shout(socket as Socket, 'HTTP/1.1 200 OK\r\n\r\n'))
  const sockets = new Set<Socket>()
  const stale = createNetServer((socket) => {
    let asked = 0
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', () => {
      if (asked++ > 0) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
    })
  })
  const nobody = createNetServer()
  for (const one of [server, stale, nobody]) await once(one.listen(0, '127.0.0.1'), 'listening')
  const urls = [server, stale, nobody].map((one) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`)
  nobody.close()
  const [origin = '', staleOrigin = '', refused = ''] = urls
  const close = (): void => {
    server.closeAllConnections()
    server.close()
    stale.close()
    for (const socket of sockets) socket.destroy()
  }
  return { origin, stale: staleOrigin, refused, written: () => written, close }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Sends back what comes, in upper case. */
function shout(socket: Socket, head: string): void {
  socket.write(head)
  socket.on('error', () => {})
  socket.on('data', (bytes) => void socket.write(bytes.toString().toUpperCase()))
}

/** As much of RFC 6455 as an echo of one short text needs. */
function speakWebSocket(request: IncomingMessage, socket: Socket): void {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`
  const accept = createHash('sha1').update(key).digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
  socket.on('error', () => {})
  socket.on('data', (frame) => {
    const length = (frame[1] ?? 0) & 127
    const mask = frame.subarray(2, 6)
    const content = frame.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
    socket.write(Buffer.concat([Buffer.of(frame[0] ?? 0, length), content]))
    // A close is answered by a close.
    if (((frame[0] ?? 0) & 15) === 8) socket.end()
  })
}
