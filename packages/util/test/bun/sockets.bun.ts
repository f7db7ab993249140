import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createSecureContext, type PeerCertificate } from 'node:tls'
import { HyperError } from '@hyper/core/error'
import type { Io, IoSink } from '@hyper/core/rt'
import { makeTestCertificate, testCertificate, toText } from '@hyper/testkit'
import {
  bunConnector,
  bunHandlers,
  bunRuntime,
  connectTcp,
  dialTcp,
  listen,
  type Listener,
  type ListenOptions,
  secure,
} from '@hyper/util/bun'
import { connector, listen as platformListen, runtime } from '@hyper/util/platform'
import { afterEach, describe, expect, test } from 'vitest'

// What Bun's sockets do that Node's do not, and what they cannot do. Everything else is in the tests that run on both.

const host = '127.0.0.1'
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

async function listening(options: ListenOptions, onIo?: (io: Io) => void): Promise<Listener> {
  const listener = listen({ hostname: host, ...options }, onIo)
  cleanups.push(() => listener.close())
  await listener.ready
  return listener
}

const portOf = (listener: Listener): number => listener.address?.port ?? 0

/** Writes down what a stream does. */
function log(events: string[], more: Partial<IoSink> = {}): IoSink {
  return {
    onData(chunk) {
      events.push(`data ${toText(chunk)}`)
      return false
    },
    onEnd: () => void events.push('end'),
    onDrain: () => void events.push('drain'),
    onWriteError: () => void events.push('write error'),
    onClose: (error) =>
      void events.push(`close ${String(error === null ? null : Reflect.get(error, 'code'))}`),
    ...more,
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

test('the door of the platform is Bun’s', () => {
  expect([platformListen, connector, runtime]).toEqual([listen, bunConnector, bunRuntime])
})

describe('what Bun cannot do is refused by name', () => {
  test.each([
    ['backlog', { backlog: 5 }],
    ['handle', { handle: {} }],
    ['tls.ALPNCallback', { tls: { ALPNCallback: () => undefined } }],
    ['tls.pskCallback', { tls: { pskCallback: () => null } }],
    ['tls.ticketKeys', { tls: { ticketKeys: Buffer.alloc(48) } }],
    ['tls.enableTrace', { tls: { enableTrace: true } }],
  ] as [string, ListenOptions][])('listen: %s', (name, options) => {
    expect(() => listen({ hostname: host, ...options })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
    )
  })

  test.each([
    ['tls.pskCallback', { pskCallback: () => null }],
    ['tls.requestOCSP', { requestOCSP: true }],
    ['tls.minDHSize', { minDHSize: 2_048 }],
  ] as [string, object][])('TLS of a client: %s', async (name, tls) => {
    const expected = { code: 'INVALID_OPTION', message: expect.stringContaining(name) }
    expect(() => bunConnector({ tls })).toThrow(expect.objectContaining(expected))
    await expect(connectTcp({ host, port: 1, tls })).rejects.toMatchObject(expected)
  })

  test('a certificate that is none', () => {
    expect(() => listen({ hostname: host, tls: { cert: 'x', key: 'y' } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('listen', () => {
  test('ipv6Only: no connection by IPv4', async () => {
    for (const [ipv6Only, isOpen] of [
      [false, true],
      [true, false],
    ] as const) {
      const listener = await listening({ hostname: '::', ipv6Only, exclusive: true }, (io) => io.abort())
      const outcome = await dialTcp(host, portOf(listener)).then(
        (io) => (io.abort(), true),
        () => false,
      )
      expect(outcome).toBe(isOpen)
    }
  })

  test('behind a PROXY header the peer is the client; what is wrong with one is told', async () => {
    const errors: Error[] = []
    const seen = Promise.withResolvers<Io>()
    const listener = await listening(
      { proxyProtocol: { trusted: [host] }, onError: (error) => errors.push(error) },
      seen.resolve,
    )
    const wrong = await dialTcp(host, portOf(listener))
    await new Promise<void>((resolve) => {
      wrong.start(log([], { onClose: () => resolve() }))
      wrong.write('GET / HTTP/1.1\r\n')
    })
    expect(errors).toMatchObject([{ code: 'PROXY', phase: 'connect' }])
    const client = await dialTcp(host, portOf(listener))
    cleanups.push(() => client.abort())
    client.write('PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\nhello')
    const server = await seen.promise
    cleanups.push(() => server.abort())
    expect(server.peer).toMatchObject({ remoteAddress: '192.0.2.1', remotePort: 4242, localPort: 443 })
  })

  test('close with grace takes what the system has connected, and waits for handshakes no longer than that', async () => {
    let count = 0
    const plain = await listening({}, () => count++)
    const dialled = [1, 2, 3].map(() => dialTcp(host, portOf(plain)))
    // The system connects them while the loop stands still.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    await plain.close({ grace: 1_000 })
    for (const io of await Promise.all(dialled)) io.abort()
    expect(count).toBe(3)
    const errors: Error[] = []
    const secured = await listening({ tls: await testCertificate(), onError: (error) => errors.push(error) })
    const io = await dialTcp(host, portOf(secured))
    cleanups.push(() => io.abort())
    await secured.close({ grace: 20 })
    expect([secured.address, errors]).toEqual([null, []])
  })

  test('reloadTls: connections from now on have the new certificate; a mistake changes nothing', async () => {
    const [first, second] = await Promise.all([testCertificate(), makeTestCertificate({ names: ['b.test'] })])
    const listener = await listening({ tls: { ...first, alpn: ['h2'] } }, (io) => io.start(log([])))
    const port = portOf(listener)
    const names: string[] = []
    const shown = async (ca: string): Promise<string> => {
      const tls = {
        ca,
        alpn: ['h2'],
        checkServerIdentity: (_: string, { subject }: PeerCertificate) => void names.push(String(subject.CN)),
      }
      const io = await connectTcp({ host, port, tls })
      cleanups.push(() => io.abort())
      return io.peer.alpnProtocol ?? ''
    }
    expect(await shown(first.cert)).toBe('h2')
    listener.reloadTls(second)
    expect(await shown(second.cert)).toBe('h2')
    expect(() => listener.reloadTls({ cert: 'x', key: 'y' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
    expect(() => listener.reloadTls({ ticketKeys: Buffer.alloc(48) })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('tls.ticketKeys') }),
    )
    expect(await shown(second.cert)).toBe('h2')
    expect(names).toEqual([expect.any(String), 'b.test', 'b.test'])
    const plain = await listening({})
    expect(() => plain.reloadTls(first)).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
  })

  test.each([
    ['what is no TLS', 'GET / HTTP/1.1\r\n\r\n', []],
    [
      'what is no TLS, behind its header',
      'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n',
      [host],
    ],
    ['a reset within it', null, []],
    ['an end within it', '', []],
    ['an end behind the header', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n', [host]],
  ])('a handshake that fails by %s is told once, and the next succeeds', async (_, bytes, trusted) => {
    const certificate = await testCertificate()
    const errors: Error[] = []
    const ios: Io[] = []
    const proxyProtocol = trusted.length === 0 ? {} : { proxyProtocol: { trusted, others: 'serve' as const } }
    const listener = await listening(
      { tls: certificate, onError: (error) => errors.push(error), ...proxyProtocol },
      (io) => ios.push(io),
    )
    const client = await dialTcp(host, portOf(listener))
    client.start(log([]))
    if (bytes === null) client.abort()
    else {
      if (bytes !== '') client.write(bytes)
      client.end()
    }
    await until(() => errors.length > 0)
    if (trusted.length === 0) {
      const next = await connectTcp({
        host,
        port: portOf(listener),
        tls: { ca: certificate.cert, servername: 'localhost' },
      })
      cleanups.push(() => next.abort())
      await until(() => ios.length > 0)
    }
    expect(errors).toMatchObject([{ code: 'TLS', phase: 'tls', by: 'peer' }])
  })

  test('reusePort: two listeners on one port, and not without it', async () => {
    const first = await listening({ reusePort: true })
    const second = await listening({ reusePort: true, port: portOf(first) })
    expect(portOf(second)).toBe(portOf(first))
    const third = listen({ hostname: host, port: portOf(first) })
    await expect(third.ready).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  test('every address of the machine by default', async () => {
    const listener = listen({}, (io) => io.abort())
    cleanups.push(() => listener.close())
    await listener.ready
    ;(await dialTcp(host, portOf(listener))).abort()
    expect(listener.address?.hostname).toMatch(/^(?:::|0\.0\.0\.0)$/)
  })

  test.each([
    ['at once', (work: () => void) => work()],
    ['later', (work: () => void) => void setTimeout(work, 5)],
  ])('SNICallback chooses the certificate: %s', async (_, when) => {
    const one = await makeTestCertificate({ names: ['one.test'] })
    const two = await makeTestCertificate({ names: ['two.test'] })
    const contexts = new Map([['two.test', createSecureContext(two)]])
    const listener = await listening(
      { tls: { ...one, SNICallback: (name, done) => when(() => done(null, contexts.get(name))) } },
      (io) => io.start(log([])),
    )
    for (const [servername, { cert }] of Object.entries({ 'one.test': one, 'two.test': two })) {
      const io = await connectTcp({ host, port: portOf(listener), tls: { ca: cert, servername } })
      expect(io.peer.serverName).toBe(servername)
      io.abort()
    }
  })

  test('SNICallback that fails: the handshake does, and is reported', async () => {
    const errors: Error[] = []
    const SNICallback = (_name: string, done: (error: Error | null) => void): void => done(new Error('no'))
    const certificate = await testCertificate()
    const tls = { ...certificate, SNICallback }
    const listener = await listening({ tls, onError: (error) => errors.push(error) })
    await expect(
      connectTcp({ host, port: portOf(listener), tls: { ca: certificate.cert, servername: 'localhost' } }),
    ).rejects.toMatchObject({ code: 'TLS' })
    await until(() => errors.length === 1)
    expect(errors[0]).toBeInstanceOf(HyperError)
  })

  test('requestCert: who shows one gets in, who shows none or another does not', async () => {
    const issuer = await makeTestCertificate({ names: ['authority'] })
    const known = await makeTestCertificate({ names: ['client'], issuer })
    const stranger = await makeTestCertificate({ names: ['stranger'] })
    const certificate = await testCertificate()
    const errors: Error[] = []
    let accepted = 0
    const tls = { ...certificate, ca: issuer.cert, requestCert: true }
    const listener = await listening({ tls, onError: (error) => errors.push(error) }, (io) => {
      accepted++
      io.start(log([]))
    })
    const connect = (own: object): Promise<Io> =>
      connectTcp({ host, port: portOf(listener), tls: { ca: certificate.cert, ...own } })
    const good = await connect(known)
    await until(() => accepted === 1)
    good.abort()
    expect(errors).toEqual([])
    for (const own of [{}, stranger]) {
      const events: string[] = []
      // Bun may judge when the client takes its handshake for done already.
      await connect(own).then(
        (io) => io.start(log(events)),
        () => events.push('close'),
      )
      await until(() => events.some((event) => /^(?:end|close)/.test(event)))
    }
    await until(() => errors.length === 2)
    expect(accepted).toBe(1)
  })
})

describe('a socket', () => {
  test('after a failed write the answer is still read, but its end is told as none', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write('too large', () => socket.resetAndDestroy()))
    })
    server.listen(0, host)
    await once(server, 'listening')
    cleanups.push(() => server.close())
    const io = await dialTcp(host, (server.address() as AddressInfo).port)
    const events: string[] = []
    io.start(log(events))
    io.write('x')
    // The reset is there before anything of this side has looked: the first to hear of it is a write.
    const began = performance.now()
    while (performance.now() - began < 30);
    await until(() => {
      io.write('y')
      return events.some((event) => event.startsWith('close'))
    })
    expect(events.includes('end')).toBe(false)
    expect(events.at(-1)).toMatch(/^close E(?:PIPE|CONNRESET)$/)
  })

  test('a connection with TLS that is left closes, whatever the peer does', async () => {
    const certificate = await testCertificate()
    const listener = await listening({ tls: certificate }, (io) => io.start(log([])))
    const io = await connectTcp({ host, port: portOf(listener), tls: { ca: certificate.cert } })
    const events: string[] = []
    io.start(log(events))
    io.close()
    // The peer keeps its half open: it is given up after a second.
    await until(() => events.length > 0)
    expect(events).toEqual(['close null'])
  })

  test('handlers for a listener of one’s own: with TLS when the handshake is done', async () => {
    const certificate = await testCertificate()
    const ios: Io[] = []
    const server = Bun.listen({
      hostname: host,
      port: 0,
      allowHalfOpen: true,
      tls: certificate,
      socket: bunHandlers((io) => ios.push(io)),
    })
    cleanups.push(() => server.stop())
    const raw = await dialTcp(host, server.port)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(ios.length).toBe(0)
    const io = await secure(raw, { host: 'localhost', ca: certificate.cert })
    await until(() => ios.length === 1)
    expect(ios[0]?.peer).toMatchObject({ transport: 'tls', encrypted: true, serverName: 'localhost' })
    io.abort()
  })

  test('what is put off runs once, behind the callbacks of all sockets that were ready', async () => {
    const order: string[] = []
    const listener = await listening({}, (io) =>
      io.start(
        log([], {
          onData() {
            order.push('data')
            bunRuntime.defer(() => order.push('deferred'))
            return false
          },
        }),
      ),
    )
    const clients = await Promise.all(Array.from({ length: 8 }, () => dialTcp(host, portOf(listener))))
    await new Promise((resolve) => setTimeout(resolve, 5))
    for (const client of clients) client.write('x')
    const began = performance.now()
    while (performance.now() - began < 50);
    await until(() => order.length === 16)
    expect(order.lastIndexOf('data')).toBeLessThan(order.indexOf('deferred'))
    for (const client of clients) client.abort()
  })
})

/** No types of Bun are installed. */
declare const Bun: {
  listen(options: object): { readonly port: number; stop(): void }
}
