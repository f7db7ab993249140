import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from './http-proxy.ts'

// A small SOCKS proxy for tests: versions 4, 4a and 5 on one port, CONNECT only. It reads with promises, as the RFC tells it.

/** How a {@link SocksProxy} behaves. */
export interface SocksProxyOptions {
  /** Where names lead, as a name server would say. Others are looked up. */
  readonly hosts?: Readonly<Record<string, string>>
  /** `user:password` (for SOCKS4 the user alone); without it everybody may. */
  readonly credentials?: string
  /** What to answer for an address, as `host:port` was asked for; 0, or 90 for SOCKS4, makes the connection. */
  readonly reply?: (asked: string) => number
  /** Answer nothing, ever. */
  readonly isSilent?: boolean
}

export class SocksProxy {
  /** What was asked for: `4 ip 127.0.0.1:80`, `5 name example.test:443`. */
  readonly asked: string[]
  readonly sockets: Set<Socket>
  private readonly options: SocksProxyOptions
  private readonly server: Server

  private constructor(options: SocksProxyOptions) {
    this.asked = []
    this.sockets = new Set()
    this.options = options
    this.server = createServer((socket) => {
      this.keep(socket)
      this.serve(new Reader(socket)).catch(() => socket.destroy())
    })
  }

  static async start(options: SocksProxyOptions = {}): Promise<SocksProxy> {
    const proxy = new SocksProxy(options)
    proxy.server.listen(0, '127.0.0.1')
    await once(proxy.server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Its URL, with a user name and password before the host. */
  url(scheme: string, userInfo: string = ''): string {
    return `${scheme}://${userInfo === '' ? '' : `${userInfo}@`}127.0.0.1:${this.port}`
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }

  private async serve(reader: Reader): Promise<void> {
    if (this.options.isSilent === true) return
    const version = await reader.byte()
    if (version === 4) await this.serve4(reader)
    else if (version === 5) await this.serve5(reader)
    else reader.socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
  }

  private async serve4(reader: Reader): Promise<void> {
    await reader.byte()
    const port = (await reader.bytes(2)).readUInt16BE()
    const ip = await reader.bytes(4)
    const user = await reader.untilNul()
    const isName = ip.readUInt32BE() > 0 && ip.readUInt32BE() < 256
    const host = isName ? await reader.untilNul() : ip.join('.')
    this.asked.push(`4 ${isName ? 'name' : 'ip'} ${host}:${port}`)
    const isRefused = this.options.credentials !== undefined && this.options.credentials !== user
    const code = isRefused ? 93 : (this.options.reply?.(`${host}:${port}`) ?? 90)
    await this.connect(reader, host, port, code === 90, (isThere) =>
      Buffer.of(0, isThere ? 90 : code === 90 ? 91 : code, 0, 0, 0, 0, 0, 0),
    )
  }

  private async serve5(reader: Reader): Promise<void> {
    const methods = [...(await reader.bytes(await reader.byte()))]
    const wanted = this.options.credentials === undefined ? 0 : 2
    if (!methods.includes(wanted)) {
      reader.socket.end(Buffer.of(5, 0xff))
      return
    }
    reader.socket.write(Buffer.of(5, wanted))
    if (wanted === 2 && !(await this.authenticate(reader))) return
    await reader.bytes(3)
    const kind = await reader.byte()
    const address = await reader.bytes(kind === 1 ? 4 : kind === 4 ? 16 : await reader.byte())
    const port = (await reader.bytes(2)).readUInt16BE()
    const host = kind === 1 ? address.join('.') : kind === 4 ? ipv6(address) : address.toString('latin1')
    this.asked.push(`5 ${kind === 3 ? 'name' : 'ip'} ${host}:${port}`)
    const code = this.options.reply?.(`${host}:${port}`) ?? 0
    await this.connect(reader, host, port, code === 0, (isThere) =>
      Buffer.of(5, isThere ? 0 : code === 0 ? 5 : code, 0, 1, 127, 0, 0, 1, 0, 80),
    )
  }

  private async authenticate(reader: Reader): Promise<boolean> {
    await reader.byte()
    const user = (await reader.bytes(await reader.byte())).toString()
    const password = (await reader.bytes(await reader.byte())).toString()
    const isRight = `${user}:${password}` === this.options.credentials
    if (isRight) reader.socket.write(Buffer.of(1, 0))
    else reader.socket.end(Buffer.of(1, 1))
    return isRight
  }

  private async connect(
    reader: Reader,
    host: string,
    port: number,
    isAllowed: boolean,
    reply: (isThere: boolean) => Buffer,
  ): Promise<void> {
    if (!isAllowed) {
      reader.socket.end(reply(false))
      return
    }
    const there = this.keep(connect(port, this.options.hosts?.[host] ?? host))
    try {
      await once(there, 'connect')
    } catch {
      reader.socket.end(reply(false))
      return
    }
    reader.socket.write(reply(true))
    reader.release()
    join(reader.socket, there)
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.sockets.delete(socket))
    return socket
  }
}

/** Exactly as many bytes as are asked for. */
class Reader {
  readonly socket: Socket
  private held: Buffer
  private wake: (() => void) | null
  private readonly onData: (chunk: Buffer) => void

  constructor(socket: Socket) {
    this.socket = socket
    this.held = Buffer.alloc(0)
    this.wake = null
    this.onData = (chunk) => {
      this.held = Buffer.concat([this.held, chunk])
      this.wake?.()
    }
    socket.on('data', this.onData)
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.held.length < count) await this.more()
    const taken = this.held.subarray(0, count)
    this.held = this.held.subarray(count)
    return taken
  }

  async byte(): Promise<number> {
    return (await this.bytes(1)).readUInt8()
  }

  async untilNul(): Promise<string> {
    while (!this.held.includes(0)) await this.more()
    const text = await this.bytes(this.held.indexOf(0))
    await this.byte()
    return text.toString()
  }

  /** What follows is the other side's. */
  release(): void {
    this.socket.off('data', this.onData)
    this.socket.pause()
    if (this.held.length > 0) this.socket.unshift(this.held)
  }

  private more(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve
    })
  }
}

function ipv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}
