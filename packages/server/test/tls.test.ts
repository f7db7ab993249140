import { once } from 'node:events'
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
