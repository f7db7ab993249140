import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'

// The server that both fetches talk to: node:http, so that it is neither's own. `/echo` says what it was sent; the other
// paths are named after what they answer.

/** What `/echo` answers. */
export interface Echoed {
  readonly method: string
  readonly url: string
  /** Names in lower case with their values, in the order of the wire. */
  readonly headers: Record<string, string>
  /** One character per byte. */
  readonly body: string
}

type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => void

export class Peer {
  readonly server: Server
  /** Requests that the server has seen. */
  requests: number

  private constructor() {
    this.requests = 0
    this.server = createServer((request, response) => {
      this.requests += 1
      const url = new URL(request.url ?? '/', 'http://peer')
      const route = ROUTES[url.pathname.split('/')[1] ?? '']
      if (route === undefined) response.writeHead(404).end()
      else route(request, response, url)
    })
  }

  static async start(): Promise<Peer> {
    const peer = new Peer()
    peer.server.listen(0, '127.0.0.1')
    await once(peer.server, 'listening')
    return peer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }
}

const ROUTES: Readonly<Record<string, Route>> = {
  echo(request, response) {
    let body = ''
    request.setEncoding('latin1')
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { headers, method, url } = request
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ method, url, headers, body }))
    })
  },
  text(_, response) {
    response.setHeader('content-type', 'text/plain; charset=utf-8')
    response.end('grüße, world')
  },
  bom(_, response) {
    response.end(Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62]))
  },
  empty(_, response) {
    response.setHeader('content-length', '0')
    response.end()
  },
  chunks(_, response) {
    response.write('one,')
    setImmediate(() => {
      response.write('two,')
      setImmediate(() => response.end('three'))
    })
  },
  'not-json'(_, response) {
    response.setHeader('content-type', 'application/json')
    response.end('{"a":')
  },
  fields(_, response) {
    response.setHeader('set-cookie', ['a=1', 'b=2; path=/'])
    response.setHeader('x-twice', ['one', 'two'])
    response.setHeader('x-latin', 'caf\u00e9')
    response.setHeader('X-Case', 'Kept')
    response.end()
  },
  form(_, response) {
    response.setHeader('content-type', 'application/x-www-form-urlencoded')
    response.end('a=b+c&d=%C3%BC')
  },
  multipart(_, response) {
    response.setHeader('content-type', 'multipart/form-data; boundary=xx')
    response.end(
      '--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' +
        '--xx\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\n--xx--\r\n',
    )
  },
  gzip(_, response) {
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync('unpacked'))
  },
  status(_, response, url) {
    const [, , status, reason] = url.pathname.split('/')
    if (reason === undefined) response.writeHead(Number(status))
    else response.writeHead(Number(status), decodeURIComponent(reason))
    response.end('content')
  },
  redirect(request, response, url) {
    request.resume()
    const [, , status] = url.pathname.split('/')
    const to = url.searchParams.get('to')
    response.writeHead(Number(status), to === null ? {} : { location: to })
    response.end('moved')
  },
  loop(request, response, url) {
    request.resume()
    const left = Number(url.searchParams.get('n'))
    if (left === 0) response.end('arrived')
    else response.writeHead(302, { location: `/loop?n=${left - 1}` }).end()
  },
  // Promises more than it sends.
  truncated(_, response) {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('partial')
    setTimeout(() => response.destroy(), 10)
  },
  'truncated-chunked'(_, response) {
    response.write('partial')
    setTimeout(() => response.destroy(), 10)
  },
  reset(request) {
    request.socket.resetAndDestroy()
  },
  close(request) {
    request.socket.destroy()
  },
  malformed(request) {
    request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n')
  },
  'no-answer'(request) {
    request.resume()
  },
  // A head, some data, and then nothing.
  stalled(_, response) {
    response.write('begun')
  },
  hints(_, response) {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    response.end('hinted')
  },
  trailers(_, response) {
    response.writeHead(200, { trailer: 'x-sum' })
    response.write('content')
    response.addTrailers({ 'x-sum': 'c0ffee' })
    response.end()
  },
}
