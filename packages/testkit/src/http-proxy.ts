import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'

// A small HTTP proxy for tests: CONNECT, and requests with absolute targets. It writes down what it was asked, and does as
// much of HTTP as that takes.

/** How a {@link HttpProxy} behaves. */
export interface HttpProxyOptions {
  /** Speak TLS to clients. */
  readonly tls?: TlsOptions
  /** Where names lead, as a name server would say. Others are looked up. */
  readonly hosts?: Readonly<Record<string, string>>
  /** The `proxy-authorization` that is wanted; without it the answer is 407. */
  readonly authorization?: string
  /** Answer every request with these bytes, and end; null answers nothing. */
  readonly answer?: string | null
  /** Follows the head of a 200 to CONNECT in the same write. */
  readonly early?: string
}

export class HttpProxy {
  /** Every request head, in the order of arrival. */
  readonly heads: string[]
  /** What clients connected to, those behind tunnels included. */
  readonly sockets: Set<Socket>
  private readonly options: HttpProxyOptions
  private readonly server: Server

  private constructor(options: HttpProxyOptions) {
    this.heads = []
    this.sockets = new Set()
    this.options = options
    const accept = (socket: Socket): void => this.accept(socket)
    this.server =
      options.tls === undefined
        ? createServer(accept)
        : createTlsServer({ ...options.tls, ALPNProtocols: ['http/1.1'] }, accept)
  }

  static async start(options: HttpProxyOptions = {}): Promise<HttpProxy> {
    const proxy = new HttpProxy(options)
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Its URL, with a user name and password before the host. */
  url(userInfo: string = ''): string {
    const at = userInfo === '' ? '' : `${userInfo}@`
    return `${this.options.tls === undefined ? 'http' : 'https'}://${at}127.0.0.1:${this.port}`
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }

  private accept(socket: Socket): void {
    this.keep(socket)
    let held = ''
    const read = (chunk: Buffer): void => {
      held += chunk.toString('latin1')
      const end = held.indexOf('\r\n\r\n')
      if (end < 0) return
      socket.off('data', read)
      socket.pause()
      this.handle(socket, held.slice(0, end + 4), held.slice(end + 4))
    }
    socket.on('data', read)
  }

  private handle(socket: Socket, head: string, rest: string): void {
    this.heads.push(head)
    const { answer, authorization } = this.options
    if (answer === null) return
    if (answer !== undefined) {
      socket.end(answer, 'latin1')
      return
    }
    const given = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1]
    if (authorization !== undefined && given !== authorization) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n',
      )
      return
    }
    const [method = '', target = ''] = head.split(' ', 2)
    if (method === 'CONNECT') this.tunnel(socket, target, rest)
    else this.forward(socket, target, head, rest)
  }

  private tunnel(socket: Socket, target: string, rest: string): void {
    const there = this.open(target)
    there.once('connect', () => {
      socket.write(`HTTP/1.1 200 Connection established\r\n\r\n${this.options.early ?? ''}`, 'latin1')
      if (rest !== '') there.write(rest, 'latin1')
      join(socket, there)
    })
    there.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'))
  }

  /** One connection to one origin: enough for tests. */
  private forward(socket: Socket, target: string, head: string, rest: string): void {
    const url = new URL(target)
    const there = this.open(`${url.hostname}:${url.port === '' ? 80 : url.port}`)
    there.once('connect', () => {
      there.write(head.replace(target, `${url.pathname}${url.search}`) + rest, 'latin1')
      join(socket, there)
    })
    there.once('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'))
  }

  private open(authority: string): Socket {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(authority) ?? []
    return this.keep(connect(Number(port), this.options.hosts?.[host] ?? host))
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.sockets.delete(socket))
    return socket
  }
}

/** Both ways, until both have ended. */
export function join(one: Socket, other: Socket): void {
  one.pipe(other)
  other.pipe(one)
  one.once('close', () => other.destroy())
  other.once('close', () => one.destroy())
}
