import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FULL, type Io } from '@hyper/core/rt'
import { testCertificate } from '@hyper/testkit'
import { duplex } from '@hyper/util/memory'
import { bunHandlers, dialTcp, dialUnix, listen, type Listener, secure } from '@hyper/util/bun'
import { afterAll, beforeAll } from 'vitest'
import { ioSuite, type IoPair } from '../src/io-suite.ts'

// What adapts Bun's own sockets, through the one suite. Kernel buffers of a loopback connection grow to several MiB each way.
const KERNEL = 32 * 1024 * 1024
const closing: (() => Promise<void> | void)[] = []
const certificate = testCertificate()

beforeAll(async () => {
  await certificate
})
afterAll(async () => {
  for (const close of closing.splice(0)) await close()
})

const tcp = lazily(async () => listener(listen({ port: 0, hostname: '127.0.0.1' })))
ioSuite('a socket of Bun', {
  connect: async () => {
    const { server, next } = await tcp()
    return pair(dialTcp('127.0.0.1', server.address?.port ?? 0), next())
  },
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})
ioSuite('a socket of Bun, the other way round', {
  connect: async () => {
    const { server, next } = await tcp()
    return turned(await pair(dialTcp('127.0.0.1', server.address?.port ?? 0), next()))
  },
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})

const tls = lazily(async () =>
  listener(listen({ port: 0, hostname: '127.0.0.1', tls: { ...(await certificate), alpn: ['http/1.1'] } })),
)
const secured = async (): Promise<IoPair> => {
  const { server, next } = await tls()
  const { cert } = await certificate
  const below = await dialTcp('127.0.0.1', server.address?.port ?? 0)
  return pair(secure(below, { host: '127.0.0.1', ca: cert, alpn: ['http/1.1'] }), next())
}
ioSuite('tls by Bun', { connect: secured, hasReset: true, noticesWhilePaused: true, readAhead: KERNEL })
ioSuite('tls by Bun, the other way round', {
  connect: async () => turned(await secured()),
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})

const unix = lazily(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-io-'))
  closing.push(() => rmSync(directory, { recursive: true, force: true }))
  return listener(listen({ path: join(directory, 'socket') }))
})
ioSuite('a unix socket of Bun', {
  connect: async () => {
    const { server, next } = await unix()
    return pair(dialUnix(server.address?.path ?? ''), next())
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

// A tunnel: what TLS runs over is a pipe in memory, pumped into a socket.
const overPipe = async (): Promise<IoPair> => {
  const { server, next } = await tls()
  const { cert } = await certificate
  const [left, right] = duplex()
  pump(right, await dialTcp('127.0.0.1', server.address?.port ?? 0))
  return pair(secure(left, { host: 'localhost', ca: cert }), next())
}
const PIPED = { hasReset: false, noticesWhilePaused: false, readAhead: KERNEL }
ioSuite('tls by Bun over what is no socket', { connect: overPipe, ...PIPED })
ioSuite('tls by Bun over what is no socket, the other way round', {
  connect: async () => turned(await overPipe()),
  ...PIPED,
  isHalfOpen: false,
})

const handlers = lazily(async () => {
  const accepted: ((io: Io) => void)[] = []
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    allowHalfOpen: true,
    socket: bunHandlers((io) => accepted.shift()?.(io)),
  })
  closing.push(() => server.stop())
  return { port: server.port, next: () => new Promise<Io>((resolve) => accepted.push(resolve)) }
})
ioSuite('handlers for a listener of one’s own', {
  connect: async () => {
    const { port, next } = await handlers()
    return pair(dialTcp('127.0.0.1', port), next())
  },
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})

async function pair(left: Promise<Io>, right: Promise<Io>): Promise<IoPair> {
  const [client, server] = await Promise.all([left, right])
  return { left: client, right: server }
}

/** What comes out of either goes into the other, no faster than it takes it. */
function pump(one: Io, other: Io): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.start({
      onData(chunk) {
        if (to.write(chunk) === FULL) from.pause()
        return true
      },
      onEnd: () => to.end(),
      // `from` can take more: what comes to it may come again.
      onDrain: () => to.resume(),
      onWriteError: () => undefined,
      onClose: () => to.close(),
    })
  }
}

function turned({ left, right }: IoPair): IoPair {
  return { left: right, right: left }
}

interface Accepting {
  readonly server: Listener
  readonly next: () => Promise<Io>
}

async function listener(server: Listener): Promise<Accepting> {
  closing.push(() => server.close())
  await server.ready
  const connections = server[Symbol.asyncIterator]()
  return {
    server,
    next: async () => {
      const result = await connections.next()
      if (result.done === true) throw new Error('the listener has closed')
      return result.value
    },
  }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => (made ??= make())
}

// What is used of Bun here, as in `@hyper/util/bun`: no types of Bun are installed.
declare const Bun: {
  listen(options: object): { readonly port: number; stop(): void }
}
