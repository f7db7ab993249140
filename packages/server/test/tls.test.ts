import { once } from 'node:events'
import { connect as connectPlain } from 'node:net'
import { connect, createSecureContext, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { lacks, makeTestCertificate, named, type TestCertificate } from '@hyper/testkit'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'

// Certificates: by name, and changed while the server runs.

const cleanup: (() => unknown)[] = []
const made: Record<'a' | 'b' | 'c', TestCertificate> = {} as never

beforeAll(async () => {
  for (const name of ['a', 'b', 'c'] as const)
    made[name] = await makeTestCertificate({ names: [`${name}.example`] })
})

afterEach(async () => {
  for (const task of cleanup.splice(0).toReversed()) await task()
})

async function start(tls: ServeOptions['tls'], options: Partial<ServeOptions> = {}): Promise<Server> {
  const server = await serve({ hostname: '127.0.0.1', fetch: () => new Response('hello'), tls, ...options })
  cleanup.push(() => server.close({ deadline: 0 }))
  return server
}

async function open(server: Server, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  cleanup.push(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** For whom the certificate is that a client gets who asks for `servername`. */
async function shown(server: Server, servername?: string): Promise<string> {
  const socket = await open(server, servername === undefined ? {} : { servername })
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return String(subject.CN)
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return String(answer)
}

describe.skipIf(lacks.nodeTls !== null)(named('SNI', lacks.nodeTls), () => {
  test('contexts: one name, names below one, and everybody else', async () => {
    const server = await start({ ...made.a, contexts: { 'B.Example.': made.b, '*.c.example': made.c } })
    expect(await shown(server)).toBe('a.example')
    expect(await shown(server, 'b.example')).toBe('b.example')
    expect(await shown(server, 'B.EXAMPLE')).toBe('b.example')
    expect(await shown(server, 'www.c.example')).toBe('c.example')
    expect(await shown(server, 'c.example')).toBe('a.example')
    expect(await shown(server, 'x.www.c.example')).toBe('a.example')
    expect(await shown(server, 'www.b.example')).toBe('a.example')
  })

  test('contexts alone: who asks for another name gets no connection', async () => {
    const server = await start({ contexts: { 'b.example': made.b } })
    expect(await shown(server, 'b.example')).toBe('b.example')
    await expect(shown(server, 'c.example')).rejects.toThrow()
  })

  test('SNICallback', async () => {
    const names: string[] = []
    const server = await start({
      ...made.a,
      SNICallback: (name, answer) => {
        names.push(name)
        answer(null, name === 'b.example' ? createSecureContext(made.b) : undefined)
      },
    })
    expect(await shown(server, 'b.example')).toBe('b.example')
    expect(await shown(server, 'c.example')).toBe('a.example')
    expect(names).toEqual(['b.example', 'c.example'])
  })

  test('ALPN goes with it', async () => {
    const server = await start({ ...made.a, contexts: { 'b.example': made.b } })
    const socket = await open(server, { servername: 'b.example', ALPNProtocols: ['http/1.1', 'h2'] })
    expect(socket.alpnProtocol).toBe('h2')
  })

  test.each([
    [
      'both',
      () => ({ contexts: {}, SNICallback: () => {} }),
      'tls takes `contexts` or `SNICallback`, not both',
    ],
    [
      'no object',
      () => ({ ...made.a, contexts: 3 }),
      'tls.contexts must be an object: { name: { cert, key } }',
    ],
    ['a certificate that is none', () => ({ cert: 'c', key: 'k' }), /^tls: .*PEM/],
    [
      'a key of another',
      () => ({ cert: made.a.cert, key: made.b.key }),
      /^tls: .*key[ _]values[ _]mismatch/i,
    ],
    ['an unknown version', () => ({ ...made.a, minVersion: 'TLSv9' }), /^tls: .*TLSv9/],
    ['no callback', () => ({ ...made.a, SNICallback: 'a.example' }), 'tls.SNICallback must be a function'],
    ['no certificate', () => ({ contexts: { x: { cert: 'c', key: 'k' } } }), /^tls\.contexts\['x'\]: /],
  ])('%s is refused', async (_, tls, message) => {
    await expect(start(tls() as unknown as ServeOptions['tls'])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    })
  })
})

/** A test for where a certificate can be changed; elsewhere that is refused, as a mistake is. */
function reloads(name: string, run: () => Promise<void>): void {
  test.skipIf(lacks.reloadTls !== null)(named(name, lacks.reloadTls), run)
}

describe('reloadTls', () => {
  reloads('new connections see the new certificate, and those that are open go on', async () => {
    const server = await start(made.a)
    const old = await open(server)
    expect(await ask(old)).toContain('hello')
    server.reloadTls(made.b)
    expect(await shown(server)).toBe('b.example')
    expect(await ask(old)).toContain('hello')
    expect(old.getPeerCertificate().subject.CN).toBe('a.example')
    server.reloadTls(made.c)
    expect(await shown(server)).toBe('c.example')
  })

  reloads('a handshake that is under way is finished', async () => {
    const server = await start(made.a)
    const opening = open(server)
    server.reloadTls(made.b)
    expect(await ask(await opening)).toContain('hello')
  })

  reloads('what is not named stays: ALPN, the lowest version, the names', async () => {
    const server = await start({ ...made.a, minVersion: 'TLSv1.3', contexts: { 'b.example': made.b } })
    server.reloadTls(made.c)
    expect(await shown(server)).toBe('c.example')
    expect(await shown(server, 'b.example')).toBe('b.example')
    expect((await open(server, { ALPNProtocols: ['h2'] })).alpnProtocol).toBe('h2')
    await expect(open(server, { maxVersion: 'TLSv1.2' })).rejects.toThrow()
  })

  reloads('names come, change and go', async () => {
    const server = await start(made.a)
    server.reloadTls({ contexts: { 'b.example': made.b } })
    expect([await shown(server), await shown(server, 'b.example')]).toEqual(['a.example', 'b.example'])
    server.reloadTls({ SNICallback: (_, answer) => answer(null, createSecureContext(made.c)) })
    expect(await shown(server, 'b.example')).toBe('c.example')
    server.reloadTls({ contexts: {} })
    expect(await shown(server, 'b.example')).toBe('a.example')
  })

  reloads('what is undefined is not named, and a certificate alone leaves the key', async () => {
    const server = await start({ ...made.a, ca: made.b.cert, requestCert: true, rejectUnauthorized: true })
    server.reloadTls({ cert: made.a.cert })
    server.reloadTls({ cert: undefined, key: undefined, ca: undefined, pfx: undefined })
    expect(await shown(server)).toBe('a.example')
    expect(await ask(await open(server, made.b))).toContain('hello')
    // Others are still refused.
    const other = await open(server, made.c)
    other.on('error', () => undefined)
    if (!other.closed) await once(other, 'close')
  })

  test('a mistake is told, and the old certificate stays', async () => {
    const server = await start(made.a)
    for (const wrong of [
      { cert: 'c', key: 'k' },
      { cert: made.b.cert, key: made.c.key },
      { cert: made.b.cert }, // the key that stays is of another
      { cert: '', key: '' }, // files that are being written
      { cert: made.b.cert, key: Buffer.alloc(0) },
      { pfx: '' },
      { cert: null },
      { contexts: { x: { cert: 'c' } } },
      { SNICallback: 'x.example' },
      null,
      'pem',
    ])
      expect(() => server.reloadTls(wrong as object)).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION' }),
      )
    expect(await shown(server)).toBe('a.example')
  })

  test.each([
    ['a plain server', { tls: undefined }],
    ['no place', { tls: undefined, listen: false, hostname: undefined }],
  ])('%s has none to change', async (_, options) => {
    const server = await start(undefined, options)
    expect(() => server.reloadTls(made.a)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
  })
})

describe.skipIf(lacks.nodeTls !== null)(named('a handshake', lacks.nodeTls), () => {
  test('a client that ends before it, as probes of a port do, is let go at once', async () => {
    const server = await start(made.a, { timeouts: { handshake: null } })
    for (const hello of ['', '\x16\x03\x01\x02\x00']) {
      const socket = connectPlain({ port: server.port, host: '127.0.0.1', allowHalfOpen: true }).resume()
      cleanup.push(() => socket.destroy())
      socket.on('error', () => {})
      await once(socket, 'connect')
      socket.end(hello, 'latin1')
      if (!socket.destroyed) await Promise.race([once(socket, 'end'), once(socket, 'close')])
    }
  })

  test('after it, a client may end its half and be answered', async () => {
    const asked = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    const server = await start(made.a, {
      http1: { halfClose: true },
      async fetch(request) {
        asked.resolve()
        await ended.promise
        return new Response(new URL(request.url).pathname)
      },
    })
    const socket = await open(server, { allowHalfOpen: true } as ConnectionOptions)
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += String(chunk)))
    socket.end('GET /later HTTP/1.1\r\nhost: x\r\n\r\n')
    await Promise.all([asked.promise, once(socket, 'finish')])
    ended.resolve()
    await once(socket, 'end')
    expect(received).toMatch(/\r\n\r\n\/later$/)
  })

  const failing = new Error('no such file')
  test.each<[string, NonNullable<ServeOptions['tls']>['SNICallback']]>([
    [
      'throws',
      () => {
        throw failing
      },
    ],
    ['rejects', (() => Promise.reject(failing)) as () => void],
  ])('an SNICallback that %s costs its connection, and is told to onError', async (_, SNICallback) => {
    const told: unknown[] = []
    const server = await start({ ...made.a, SNICallback }, { onError: (error) => told.push(error) })
    await expect(open(server, { servername: 'b.example' })).rejects.toThrow()
    expect(told).toEqual([failing])
    expect(await ask(await open(server))).toMatch(/hello$/)
  })

  test('an SNICallback that refuses a name, as any client may cause it to, is told to nobody', async () => {
    const told: unknown[] = []
    const server = await start(
      { ...made.a, SNICallback: (_name, answer) => answer(new Error('unknown')) },
      { onError: (error) => told.push(error) },
    )
    await expect(open(server, { servername: 'b.example' })).rejects.toThrow()
    expect(told).toEqual([])
  })
})
