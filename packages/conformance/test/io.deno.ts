import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { testCertificate } from '@hyper/testkit'
import { denoConnector, dialTcp, dialUnix, listen, type Listener } from '@hyper/util/deno'
import { afterAll } from 'vitest'
import { ioSuite, type IoPair } from '../src/io-suite.ts'

// The adapter of Deno through the suite of all adapters, over each kind of connection that Deno has, from either side.

// Kernel buffers of a loopback connection grow to several MiB each way.
const KERNEL = 32 * 1024 * 1024
const closing: (() => Promise<void> | void)[] = []
const certificate = testCertificate()

afterAll(async () => {
  for (const close of closing.splice(0)) await close()
})

const without = { hasReset: false, noticesWhilePaused: false, readAhead: KERNEL }

const tcp = lazily(() => listener(listen({ port: 0, hostname: '127.0.0.1' })))
ioSuite('TcpConn', {
  connect: async () => {
    const { server, next } = await tcp()
    return pair(dialTcp('127.0.0.1', server.address?.port ?? 0), next())
  },
  ...without,
})

const tls = lazily(async () => {
  const { cert, key } = await certificate
  return listener(listen({ port: 0, hostname: '127.0.0.1', tls: { cert, key, alpn: ['http/1.1'] } }))
})
const connector = lazily(async () =>
  denoConnector({ tls: { ca: (await certificate).cert, alpn: ['http/1.1'] } }),
)
const connectTls = async (): Promise<IoPair> => {
  const { server, next } = await tls()
  const port = server.address?.port ?? 0
  const destination = {
    origin: `https://127.0.0.1:${port}`,
    secure: true,
    host: '127.0.0.1',
    port,
    authority: `127.0.0.1:${port}`,
  }
  const context = { signal: new AbortController().signal, info: new Extensions() }
  return pair((await connector())(destination, context), next())
}
ioSuite('TlsConn, from its client', { connect: connectTls, ...without })
ioSuite('TlsConn, from its server', {
  connect: async () => {
    const { left, right } = await connectTls()
    return { left: right, right: left }
  },
  ...without,
})

const unix = lazily(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'hyper-io-'))
  closing.push(() => rmSync(directory, { recursive: true, force: true }))
  return listener(listen({ path: join(directory, 'socket') }))
})
ioSuite('UnixConn', {
  connect: async () => {
    const { server, next } = await unix()
    return pair(dialUnix(server.address?.path ?? ''), next())
  },
  ...without,
})

async function pair(left: Promise<Io>, right: Promise<Io>): Promise<IoPair> {
  const [client, server] = await Promise.all([left, right])
  return { left: client, right: server }
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
