import { once } from 'node:events'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import type { HyperError } from '@hyper/core/error'
import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { makeTestCertificate, testCertificate } from '@hyper/testkit'
import {
  type ConnectContext,
  type Destination,
  destinationOf,
  type Secure,
  TLS_INFO,
} from '@hyper/util/connect'
import type { ConnectTls } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import { TLS_FAILURES } from '../../src/node/tls-failure-table.ts'
import { SessionCache } from '../../src/node/session-cache.ts'
import { dialTcp, secure, secureBy } from '../here.ts'

// TLS against node:tls, on real sockets: what it agrees on, and each way in which it fails.

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Serving {
  readonly port: number
  readonly sockets: Socket[]
}

async function serving(server: Server): Promise<Serving> {
  const sockets: Socket[] = []
  const keep = (socket: Socket): void => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  }
  server.on('connection', keep)
  server.on('secureConnection', keep)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { sockets, port: (server.address() as AddressInfo).port }
}

async function serveTls(options: TlsOptions = {}): Promise<Serving> {
  return serving(
    createServer({ ...(await testCertificate()), ...options }, (socket) => socket.write('hello')),
  )
}

async function connect(port: number, tls: ConnectTls = {}, host: string = 'localhost'): Promise<Io> {
  const { cert } = await testCertificate()
  const io = await dialTcp('127.0.0.1', port)
  return secure(io, { ca: cert, ...tls, host, address: `${host}:${port}` })
}

/** What arrives until the connection ends, or until it is as much as is expected. */
function read(io: Io, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    io.start({
      onData(chunk) {
        text += Buffer.from(chunk).toString('latin1')
        if (text.length >= length) resolve(text)
        return false
      },
      onEnd: () => resolve(text),
      onDrain: () => undefined,
      onWriteError: () => undefined,
      onClose: (error) => resolve(`${text}${error === null ? '' : ` ${String(error)}`}`),
    })
  })
}

describe('what it agrees on', () => {
  test('a stream, its peer, the name that was asked for', async () => {
    const names: string[] = []
    const { port } = await serveTls({
      SNICallback: (name, done) => {
        names.push(name)
        done(null)
      },
    })
    const io = await connect(port)
    expect(await read(io, 5)).toBe('hello')
    expect(io.peer).toMatchObject({
      transport: 'tls',
      encrypted: true,
      remoteAddress: '127.0.0.1',
      remotePort: port,
    })
    io.abort()
    ;(await connect(port, {}, '127.0.0.1')).abort()
    ;(await connect(port, { servername: 'example.test' })).abort()
    ;(await connect(port, {}, 'example.test.')).abort()
    // RFC 6066 §3: an address is no server name, and no dot ends one.
    expect(names).toEqual(['localhost', 'example.test', 'example.test'])
  })

  test.each([
    [['h2', 'http/1.1'], ['http/1.1', 'h2'], 'http/1.1'],
    [['http/1.1'], ['h2', 'http/1.1'], 'http/1.1'],
    [undefined, ['h2'], undefined],
    [['h2'], undefined, undefined],
    [[], ['h2'], undefined],
  ])('ALPN: %j here, %j there: %s', async (ours, theirs, expected) => {
    const { port } = await serveTls(theirs === undefined ? {} : { ALPNProtocols: theirs })
    const io = await connect(port, ours === undefined ? {} : { alpn: ours })
    expect(io.peer.alpnProtocol).toBe(expected)
    io.abort()
  })

  test.each([
    ['minVersion', { minVersion: 'TLSv1.3' }, 'TLSv1.3'],
    ['maxVersion', { maxVersion: 'TLSv1.2' }, 'TLSv1.2'],
  ] as [string, ConnectTls, string][])('%s', async (_, tls, protocol) => {
    const { port } = await serveTls()
    const { context } = await bySecure(port, { ...tls, ca: (await testCertificate()).cert })
    expect(context.info.get(TLS_INFO)).toMatchObject({ protocol, isResumed: false, isAuthorized: true })
  })

  test('a certificate of ours', async () => {
    const issuer = await makeTestCertificate({ names: ['authority'] })
    const ours = await makeTestCertificate({ names: ['client'], issuer })
    const { port, sockets } = await serveTls({ requestCert: true, rejectUnauthorized: true, ca: issuer.cert })
    const io = await connect(port, { cert: ours.cert, key: ours.key })
    expect(await read(io, 5)).toBe('hello')
    const certificate = (
      sockets.at(-1) as unknown as { getPeerCertificate(): { subject: { CN: string } } }
    ).getPeerCertificate()
    expect(certificate.subject.CN).toBe('client')
    io.abort()
  })

  test('rejectUnauthorized: false takes any certificate, and says so', async () => {
    const { port } = await serveTls()
    const { context } = await bySecure(port, { rejectUnauthorized: false })
    expect(context.info.get(TLS_INFO)?.isAuthorized).toBe(false)
  })

  test('an authority that signed the server’s certificate', async () => {
    const issuer = await makeTestCertificate({ names: ['authority'] })
    const { port } = await serveTls(await makeTestCertificate({ issuer }))
    const io = await connect(port, { ca: issuer.cert })
    expect(await read(io, 5)).toBe('hello')
    io.abort()
  })
})

describe('each failure in its words', () => {
  const DAY = 86_400_000
  interface Failure {
    readonly name: string
    /** Over the usual certificate. */
    readonly server?: () => Promise<object>
    readonly tls?: ConnectTls
    readonly host?: string
    readonly words: RegExp
  }
  const failures: readonly Failure[] = [
    {
      name: 'self-signed',
      tls: { ca: [] },
      words: /^the certificate is self-signed.*\(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    },
    {
      name: 'an authority that is not known',
      server: async () =>
        makeTestCertificate({ issuer: await makeTestCertificate({ names: ['authority'] }) }),
      tls: { ca: [] },
      words: /^the authority behind the certificate is not known.*\(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)$/,
    },
    {
      name: 'expired',
      server: () =>
        makeTestCertificate({
          notBefore: new Date(Date.now() - 2 * DAY),
          notAfter: new Date(Date.now() - DAY),
        }),
      words: /^the certificate has expired \(CERT_HAS_EXPIRED\)$/,
    },
    {
      name: 'not valid yet',
      server: () =>
        makeTestCertificate({
          notBefore: new Date(Date.now() + DAY),
          notAfter: new Date(Date.now() + 2 * DAY),
        }),
      words: /^the certificate is not valid yet; or the clock here is wrong \(CERT_NOT_YET_VALID\)$/,
    },
    {
      name: 'another name',
      host: 'other.test',
      words: /^the certificate is for another name, DNS:localhost, .*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
    },
    {
      name: 'another address',
      host: '127.0.0.2',
      words: /^the certificate is for another name, 127\.0\.0\.1, .*\(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
    },
    {
      name: 'no version that both accept',
      server: async () => ({ maxVersion: 'TLSv1.2' }),
      tls: { minVersion: 'TLSv1.3' },
      words: /^there is no version of TLS that both sides accept \(ERR_SSL_.*PROTOCOL.*\)$/,
    },
    {
      name: 'no cipher that both accept',
      server: async () => ({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }),
      tls: { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' },
      words: /^the server accepts none of our ciphers.*\(ERR_SSL_.*HANDSHAKE_FAILURE\)$/,
    },
    {
      name: 'no protocol of ALPN that both speak',
      server: async () => ({ ALPNProtocols: ['h2'] }),
      tls: { alpn: ['http/1.1'] },
      words:
        /^the server speaks none of the protocols that ALPN offers \(ERR_SSL_.*NO_APPLICATION_PROTOCOL\)$/,
    },
    {
      name: 'a server that wants a certificate of ours',
      server: async () => ({ requestCert: true, rejectUnauthorized: true, maxVersion: 'TLSv1.2' }),
      words:
        /^the server (accepts none of our ciphers, or wants|wants) a certificate of ours.*\(ERR_SSL_.*\)$|hung up/,
    },
  ]

  test.each(failures)('$name', async ({ host = 'localhost', server, tls, words }) => {
    const options = (await server?.()) ?? {}
    const { port } = await serveTls(options)
    const ca = 'cert' in options ? { ca: String(options.cert) } : {}
    const connecting = connect(port, { ...ca, ...tls }, host)
    const error = (await connecting.catch((failure: unknown) => failure)) as HyperError
    expect(error).toMatchObject({
      code: 'TLS',
      phase: 'tls',
      by: 'io',
      retryable: true,
      address: `${host}:${port}`,
      elapsedMs: expect.any(Number),
      cause: { code: expect.any(String) },
    })
    const prefix = `TLS with ${host}:${port} failed: `
    expect(error.message.slice(0, prefix.length)).toBe(prefix)
    expect(error.message.slice(prefix.length)).toMatch(words)
  })

  test.each([
    ['HTTP, which waits for a request', 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
  ])('plain text: %s', async (_, answer) => {
    const { port } = await serving(createTcpServer((socket) => socket.once('data', () => socket.end(answer))))
    await expect(connect(port)).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringMatching(
        /failed: what answered does not speak TLS; is it an http: server\? \(ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)\)$/,
      ),
    })
  })

  test.each([
    ['ends', (socket: Socket) => socket.end()],
    ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ])('a server that %s the connection', async (_, leave) => {
    const { port } = await serving(createTcpServer((socket) => socket.once('data', () => leave(socket))))
    await expect(connect(port)).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('failed: the server hung up during the handshake (ECONNRESET)'),
    })
  })

  test('bytes that came before the handshake are not lost', async () => {
    const { port, sockets } = await serving(
      createTcpServer((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')),
    )
    const io = await dialTcp('127.0.0.1', port)
    while (sockets[0]?.bytesWritten !== 21) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 5))
    await expect(secure(io, { host: 'localhost' })).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('what answered does not speak TLS'),
    })
  })

  test('a stream that has ended before the handshake', async () => {
    const { port, sockets } = await serving(createTcpServer((socket) => socket.end()))
    const io = await dialTcp('127.0.0.1', port)
    while (sockets[0]?.writableFinished !== true) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 5))
    await expect(secure(io, { host: 'localhost' })).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('the server hung up during the handshake'),
    })
  })

  test('giving up, before and during the handshake', async () => {
    const { port, sockets } = await serving(createTcpServer())
    const stop = new AbortController()
    const io = await dialTcp('127.0.0.1', port)
    const securing = secure(io, { host: 'localhost', signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(securing).rejects.toMatchObject({
      code: 'CANCELED',
      by: 'user',
      phase: 'tls',
      cause: { message: 'enough' },
    })
    const other = await dialTcp('127.0.0.1', port)
    await expect(secure(other, { host: 'localhost', signal: stop.signal })).rejects.toMatchObject({
      code: 'CANCELED',
    })
    while (sockets.length < 2 || !sockets.every(({ closed }) => closed)) {
      for (const socket of sockets) socket.resume()
      await new Promise((resolve) => setImmediate(resolve))
    }
  })

  test('options that Node cannot read', async () => {
    const { port } = await serveTls()
    const error = bySecure(port, { cert: 'nonsense', key: 'nonsense' })
    await expect(error).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  })

  test('words for every code', () => {
    for (const [code, words] of Object.entries(TLS_FAILURES)) {
      expect([code, /^[A-Z_]+$/.test(code), words.length > 10]).toEqual([code, true, true])
    }
  })
})

interface Secured {
  readonly io: Io
  readonly context: ConnectContext
}

async function bySecure(
  port: number,
  tls: ConnectTls,
  by: Secure = secureBy(tls),
  extra: Partial<Destination> = {},
): Promise<Secured> {
  const destination = { ...destinationOf(new URL(`https://localhost:${port}`)), ...extra }
  const context = { signal: new AbortController().signal, info: new Extensions() }
  const io = await by(await dialTcp('127.0.0.1', port), destination, context)
  cleanups.push(() => io.abort())
  return { io, context }
}

describe('sessions', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)(
    'the second connection resumes the first: %s',
    async (maxVersion) => {
      const { port } = await serveTls({ maxVersion })
      const by = secureBy({ ca: (await testCertificate()).cert })
      const resumed: (boolean | undefined)[] = []
      for (let i = 0; i < 3; i++) {
        const { context, io } = await bySecure(port, {}, by)
        // With TLS 1.3 the session comes behind the handshake, here before the first bytes.
        expect(await read(io, 5)).toBe('hello')
        resumed.push(context.info.get(TLS_INFO)?.isResumed)
      }
      expect(resumed).toEqual([false, true, true])
    },
  )

  test('not for another origin, also on the same port', async () => {
    const { port } = await serveTls()
    const by = secureBy({ ca: (await testCertificate()).cert })
    await read((await bySecure(port, {}, by)).io, 5)
    const other = { origin: `https://example.test:${port}`, host: 'example.test' }
    const { context } = await bySecure(port, {}, by, other)
    expect(context.info.get(TLS_INFO)?.isResumed).toBe(false)
  })

  test('maxSessions: 0 keeps none', async () => {
    const { port } = await serveTls()
    const by = secureBy({ ca: (await testCertificate()).cert, maxSessions: 0 })
    for (let i = 0; i < 2; i++) {
      const { context, io } = await bySecure(port, {}, by)
      await read(io, 5)
      expect(context.info.get(TLS_INFO)?.isResumed).toBe(false)
    }
  })

  test('one that the server no longer knows is no failure', async () => {
    const first = await serveTls({ ticketKeys: Buffer.alloc(48, 1) })
    const second = await serveTls({ ticketKeys: Buffer.alloc(48, 2) })
    const by = secureBy({ ca: (await testCertificate()).cert })
    const origin = { origin: 'https://localhost' }
    await read((await bySecure(first.port, {}, by, origin)).io, 5)
    const { context, io } = await bySecure(second.port, {}, by, origin)
    expect([await read(io, 5), context.info.get(TLS_INFO)?.isResumed]).toEqual(['hello', false])
  })

  test('a certificate that was refused leaves no session', async () => {
    const { port } = await serveTls({ maxVersion: 'TLSv1.2' })
    const by = secureBy({ ca: (await testCertificate()).cert })
    const wrong = { origin: 'https://other.test', host: 'other.test' }
    for (let i = 0; i < 2; i++) {
      await expect(bySecure(port, {}, by, wrong)).rejects.toMatchObject({
        cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
    }
  })

  test('the cache is bounded: the one that was not used for the longest goes', () => {
    const cache = new SessionCache(2)
    for (const key of ['a', 'b']) cache.put(key, Buffer.from(key))
    expect(String(cache.get('a'))).toBe('a')
    cache.put('c', Buffer.from('c'))
    expect([cache.size, cache.get('b'), String(cache.get('a'))]).toEqual([2, undefined, 'a'])
    cache.drop('a')
    expect([cache.size, cache.get('a')]).toEqual([1, undefined])
  })

  test.each([-1, 1.5])('maxSessions: %i cannot be', (maxSessions) => {
    expect(() => secureBy({ maxSessions })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

test('ALPN of a destination wins over that of the connector', async () => {
  const { port } = await serveTls({ ALPNProtocols: ['h2', 'http/1.1'] })
  const by = secureBy({ ca: (await testCertificate()).cert, alpn: ['h2', 'http/1.1'] })
  expect((await bySecure(port, {}, by)).io.peer.alpnProtocol).toBe('h2')
  const { io } = await bySecure(port, {}, by, { alpn: ['http/1.1'] })
  expect(io.peer.alpnProtocol).toBe('http/1.1')
})

test('an option that Node refuses when it begins leaves no connection behind', async () => {
  const { port, sockets } = await serveTls()
  const io = await dialTcp('127.0.0.1', port)
  const error = await secure(io, { host: 'localhost', alpn: ['x'.repeat(256)] }).catch(
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({
    code: 'INVALID_OPTION',
    by: 'user',
    message: expect.stringMatching(/^tls: /),
  })
  await expect.poll(() => sockets[0]?.destroyed).toBe(true)
})
