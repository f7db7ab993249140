import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectNet, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { HttpRequest, HttpResponse } from '@hyper/core'
import * as h2 from '@hyper/core/h2'
import type { Io } from '@hyper/core/rt'
import { testCertificate } from '@hyper/testkit'
import { completionIo, type CompletionSource } from '@hyper/util/completion'
import { duplex } from '@hyper/util/memory'
import { connectTcp, duplexFrom, listen, type Listener, nodeIo, nodeRuntime, secure } from '@hyper/util/node'
import { webIo } from '@hyper/util/web'
import { afterAll, beforeAll } from 'vitest'
import { ioSuite, type IoPair } from '../src/io-suite.ts'

// Every adapter through the one suite. Kernel buffers of a loopback connection grow to several MiB each way.
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
ioSuite('net socket', {
  connect: async () => {
    const { server, next } = await tcp()
    return pair(connectTcp({ host: '127.0.0.1', port: server.address?.port ?? 0 }), next())
  },
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})

const tls = lazily(async () =>
  listener(listen({ port: 0, hostname: '127.0.0.1', tls: { ...(await certificate), alpn: ['http/1.1'] } })),
)
ioSuite('tls socket', {
  connect: async () => {
    const { server, next } = await tls()
    const { cert } = await certificate
    const options = {
      host: '127.0.0.1',
      port: server.address?.port ?? 0,
      tls: { ca: cert, alpn: ['http/1.1'] },
    }
    return pair(connectTcp(options), next())
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

const unix = lazily(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-io-'))
  closing.push(() => rmSync(directory, { recursive: true, force: true }))
  return listener(listen({ path: join(directory, 'socket') }))
})
ioSuite('unix socket', {
  connect: async () => {
    const { server, next } = await unix()
    return pair(connectTcp({ path: server.address?.path ?? '' }), next())
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

ioSuite('tls over something that is no socket', {
  connect: async () => {
    const [left, right] = duplex()
    const { cert, key } = await certificate
    const server = new TLSSocket(duplexFrom(right), { isServer: true, cert, key })
    return pair(
      secure(left, { host: 'localhost', ca: cert }),
      once(server, 'secure').then(() => nodeIo(server)),
    )
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

const below = lazily(async () => {
  const { cert, key } = await certificate
  return listener(listen({ port: 0, hostname: '127.0.0.1', tls: { cert, key } }))
})
ioSuite('tls in tls', {
  connect: async () => {
    const { server, next } = await below()
    const { cert, key } = await certificate
    const port = server.address?.port ?? 0
    const outer = await pair(connectTcp({ host: '127.0.0.1', port, tls: { ca: cert } }), next())
    const inner = new TLSSocket(duplexFrom(outer.right), { isServer: true, cert, key })
    return pair(
      secure(outer.left, { host: 'localhost', ca: cert }),
      once(inner, 'secure').then(() => nodeIo(inner)),
    )
  },
  hasReset: false,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

ioSuite('memory', {
  connect: async () => toPair(duplex()),
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: 1024 * 1024,
})

ioSuite('memory on a runtime', {
  connect: async () => toPair(duplex({ runtime: nodeRuntime, highWaterMark: 16_384 })),
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: 1024 * 1024,
})

ioSuite('web streams', {
  connect: async () => {
    const there = new TransformStream<Uint8Array, Uint8Array>()
    const back = new TransformStream<Uint8Array, Uint8Array>()
    return {
      left: webIo({ readable: back.readable, writable: there.writable }),
      right: webIo({ readable: there.readable, writable: back.writable }),
    }
  },
  hasReset: true,
  noticesWhilePaused: false,
  readAhead: 1024 * 1024,
})

ioSuite('completion over memory', {
  connect: async () => {
    const [left, right] = duplex()
    return { left: completionIo(overIo(left)), right: completionIo(overIo(right), { bufferSize: 4096 }) }
  },
  hasReset: true,
  noticesWhilePaused: false,
  readAhead: 1024 * 1024,
})

const raw = lazily(async () => {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => void server.close())
  return server
})
ioSuite('completion over a socket', {
  connect: async () => {
    const server = await raw()
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const accepted = once(server, 'connection')
    const left = connectNet({ host: '127.0.0.1', port, allowHalfOpen: true })
    const [right] = (await accepted) as [Socket]
    return { left: completionIo(overIo(nodeIo(left))), right: completionIo(overIo(nodeIo(right))) }
  },
  hasReset: true,
  noticesWhilePaused: false,
  readAhead: KERNEL,
})

// A tunnel through HTTP/2: one stream of a connection in memory, from either side.
const tunnel = async (): Promise<[Io, Io]> => {
  const runtime = nodeRuntime
  const [near, far] = duplex({ runtime })
  const accepted = Promise.withResolvers<Io>()
  h2.serveConnection(
    far,
    (_request, exchange) => {
      void exchange.upgrade().then(({ io }) => accepted.resolve(io), accepted.reject)
      return new HttpResponse()
    },
    { runtime },
  )
  const { sender } = h2.handshake(near, { runtime })
  const response = await sender.send(new HttpRequest('CONNECT', 'b:1'))
  return [(await h2.upgraded(response)).io, await accepted.promise]
}
ioSuite('a stream of HTTP/2, from its client', {
  connect: async () => toPair(await tunnel()),
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})
ioSuite('a stream of HTTP/2, from its server', {
  connect: async () => {
    const [left, right] = await tunnel()
    return { left: right, right: left }
  },
  hasReset: true,
  noticesWhilePaused: true,
  readAhead: KERNEL,
})

async function pair(left: Promise<Io>, right: Promise<Io>): Promise<IoPair> {
  const [client, server] = await Promise.all([left, right])
  return { left: client, right: server }
}

function toPair([left, right]: [Io, Io]): IoPair {
  return { left, right }
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

/** `read(buffer) → Promise<n>` over an Io: one chunk ahead, as a ring with one slot. */
function overIo(io: Io): CompletionSource {
  let chunks: Uint8Array[] = []
  let isEnded = false
  let error: Error | null = null
  let isClosed = false
  let wakeRead: (() => void) | null = null
  let wakeWrite: ((error: Error | null) => void) | null = null
  const wake = (): void => {
    wakeRead?.()
    wakeRead = null
  }
  io.start({
    onData(chunk) {
      chunks.push(chunk)
      io.pause()
      wake()
      return true
    },
    onEnd() {
      isEnded = true
      wake()
    },
    onDrain() {
      wakeWrite?.(null)
      wakeWrite = null
    },
    onWriteError(failure) {
      wakeWrite?.(failure)
      wakeWrite = null
    },
    onClose(failure) {
      isClosed = true
      error = failure
      wakeWrite?.(failure ?? new Error('closed'))
      wakeWrite = null
      wake()
    },
  })
  return {
    async read(buffer) {
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          const length = Math.min(buffer.length, chunk.length)
          buffer.set(chunk.subarray(0, length))
          if (length < chunk.length) chunks = [chunk.subarray(length), ...chunks]
          else io.resume()
          return length
        }
        if (isEnded) return null
        if (error !== null) throw error
        if (isClosed) return null
        await new Promise<void>((resolve) => {
          wakeRead = resolve
        })
      }
    },
    async write(bytes) {
      if (isClosed) throw error ?? new Error('closed')
      const part = bytes.slice(0, 10_000)
      if (io.write(part) !== 2) return part.length
      await new Promise<void>((resolve, reject) => {
        wakeWrite = (failure) => (failure === null ? resolve() : reject(failure))
      })
      return part.length
    },
    closeWrite() {
      io.end()
    },
    close() {
      io.close()
    },
    abort() {
      io.abort()
    },
  }
}
