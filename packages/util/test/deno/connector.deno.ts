import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { makeTestCertificate, testCertificate } from '@hyper/testkit'
import { CONNECT_TIMINGS, destinationOf, TLS_INFO } from '../../src/connect/index.ts'
import {
  denoConnector,
  type DenoConnectorOptions,
  denoIo,
  denoSecure,
  dialTcp,
  listen,
  type Listener,
} from '../../src/deno/index.ts'
import { duplex } from '../../src/memory/index.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const { cert, key } = await testCertificate()
const accepted: Io[] = []
let plain: Listener
let secure: Listener

beforeAll(async () => {
  const onIo = (io: Io): void => void accepted.push(io)
  plain = listen({ hostname: '127.0.0.1' }, onIo)
  secure = listen({ hostname: '127.0.0.1', tls: { cert, key, alpn: ['h2', 'http/1.1'] } }, onIo)
  await Promise.all([plain.ready, secure.ready])
})
afterAll(async () => {
  for (const io of accepted.splice(0)) io.abort()
  await Promise.all([plain.close(), secure.close()])
})

async function connect(
  url: string,
  options: DenoConnectorOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ io: Io; info: Extensions }> {
  const info = new Extensions()
  const io = await denoConnector(options)(destinationOf(new URL(url)), { signal, info })
  accepted.push(io)
  return { io, info }
}

const urlOf = (scheme: string, host: string, listener: Listener): string =>
  `${scheme}://${host}:${listener.address?.port}/`

test('a name, by the system’s resolver', async () => {
  const { io, info } = await connect(urlOf('http', 'localhost', plain))
  expect(io.peer).toMatchObject({ transport: 'tcp', remoteAddress: '127.0.0.1' })
  expect(info.get(CONNECT_TIMINGS)).toMatchObject({
    dnsMs: expect.any(Number),
    connectMs: expect.any(Number),
  })
})

test('addresses are raced: one that does not answer costs little', async () => {
  const resolver = {
    resolve: async () =>
      [
        { address: '127.0.0.1', family: 4, port: 1 },
        { address: '127.0.0.1', family: 4 },
      ] as const,
  }
  const { io } = await connect('http://a.test/', {
    resolver,
    overrides: { 'a.test': ['127.0.0.1:1', `127.0.0.1:${plain.address?.port}`] },
  })
  expect(io.peer.remotePort).toBe(plain.address?.port)
})

test('nobody listens', async () => {
  await expect(connect('http://127.0.0.1:1/')).rejects.toMatchObject({
    code: 'CONNECT',
    phase: 'connect',
    retryable: true,
    message: expect.stringContaining('nobody listens there (ECONNREFUSED)'),
  })
})

test('a signal gives an attempt up, before and during TLS', async () => {
  await expect(connect('http://127.0.0.1:1/', {}, AbortSignal.abort())).rejects.toMatchObject({
    code: 'CANCELED',
  })
  const controller = new AbortController()
  // It accepts, and says nothing.
  const before = accepted.length
  const silent = connect(urlOf('https', '127.0.0.1', plain), { tls: { ca: cert } }, controller.signal)
  void (async () => {
    while (accepted.length === before) await new Promise((resolve) => setTimeout(resolve, 1))
    setTimeout(() => controller.abort(), 20)
  })()
  await expect(silent).rejects.toMatchObject({ code: 'CANCELED', phase: 'tls' })
})

test('a server that says nothing: the handshake has a limit', async () => {
  await expect(
    connect(urlOf('https', '127.0.0.1', plain), { tls: { ca: cert }, handshakeTimeout: 60 }),
  ).rejects.toMatchObject({ code: 'CONNECT_TIMEOUT', phase: 'tls' })
})

test.each([
  ['http/1.1', ['http/1.1']],
  ['h2', ['http/1.1', 'h2']],
  [undefined, undefined],
])('TLS with ALPN: %s', async (protocol, alpn) => {
  const { io, info } = await connect(urlOf('https', 'localhost', secure), { tls: { ca: cert, alpn } })
  expect(io.peer).toMatchObject({ transport: 'tls', encrypted: true, alpnProtocol: protocol })
  expect(info.get(TLS_INFO)).toMatchObject({ isAuthorized: true })
})

test('TLS: a certificate of somebody else, in words and with the code', async () => {
  const other = await makeTestCertificate()
  await expect(connect(urlOf('https', 'localhost', secure))).rejects.toMatchObject({
    code: 'TLS',
    phase: 'tls',
    retryable: true,
    message: expect.stringContaining('the authority behind the certificate is not known'),
  })
  await expect(
    connect(urlOf('https', 'localhost', secure), { tls: { ca: other.cert } }),
  ).rejects.toMatchObject({
    code: 'TLS',
  })
  await expect(
    connect(urlOf('https', 'localhost', secure), { tls: { ca: cert, servername: 'other.test' } }),
  ).rejects.toMatchObject({ code: 'TLS', message: expect.stringContaining('for another name') })
  const { io } = await connect(urlOf('https', 'localhost', secure), {
    tls: { ca: new TextEncoder().encode(cert), servername: 'example.test' },
  })
  expect(io.peer.encrypted).toBe(true)
})

const lacking: readonly [string, DenoConnectorOptions][] = [
  ['tls.rejectUnauthorized', { tls: { rejectUnauthorized: false } }],
  ['tls.ca', { tls: { ca: 'no PEM' } }],
  ['cert and key go together', { tls: { cert } }],
  ['tls.ciphers', { tls: { ciphers: 'x' } as object }],
  ['tcp.localAddress', { tcp: { localAddress: '127.0.0.1' } as object }],
  ['tcp.keepAlive', { tcp: { keepAlive: 1_000 } as object }],
  ['maxSessions', { maxSessions: 3 } as object],
  ['tls.cert', { proxy: 'http://127.0.0.1:1', tls: { cert, key } }],
  ['tls.cert with.servername', { tls: { cert, key, servername: 'a' } }],
]
test.each(lacking)('what Deno cannot do is refused by name: %s', (name, options) => {
  expect(() => denoConnector(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
  )
})

test('TLS over what is no TCP connection is refused, and the stream let go', async () => {
  const context = { signal: new AbortController().signal, info: new Extensions() }
  const [inner] = duplex()
  const destination = destinationOf(new URL('https://localhost/'))
  await expect(denoSecure({ ca: cert })(inner, destination, context)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
  const { io } = await connect(urlOf('https', 'localhost', secure), { tls: { ca: cert } })
  await expect(denoSecure({ ca: cert })(io, destination, context)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining('none inside of TLS'),
  })
  await expect(connect('https://localhost/', { socketPath: '/tmp/none' })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
  })
})

test('a name is no address, and a path that is not there is told of', async () => {
  await expect(dialTcp('localhost', 80)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  await expect(connect('http://localhost/', { socketPath: '/tmp/there is none' })).rejects.toMatchObject({
    code: 'CONNECT',
    message: expect.stringContaining('there is no such socket'),
  })
})

test('a connection of one’s own', async () => {
  const { Deno } = globalThis as unknown as {
    Deno: { connect(to: object): Promise<Parameters<typeof denoIo>[0]> }
  }
  const io = denoIo(await Deno.connect({ hostname: '127.0.0.1', port: plain.address?.port }))
  expect(io.peer.transport).toBe('tcp')
  io.abort()
})
