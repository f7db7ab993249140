import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { HyperError } from '@hyper/core/error'
import type { Io } from '@hyper/core/rt'
import { programArguments, testCertificate, toBytes } from '@hyper/testkit'
import { dialTcp, listen, type Listener, type ListenOptions } from '../../src/deno/index.ts'
import { afterEach, expect, test } from 'vitest'

const open: (Listener | Io)[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await (Symbol.asyncDispose in one ? one.close() : one.abort())
})

async function listening(options: ListenOptions = {}, onIo?: (io: Io) => void): Promise<Listener> {
  const made = listen({ hostname: '127.0.0.1', ...options }, onIo)
  open.push(made)
  await made.ready
  return made
}

async function dial(listener: Listener): Promise<Io> {
  const io = await dialTcp('127.0.0.1', listener.address?.port ?? 0)
  open.push(io)
  return io
}

/** What a stream brings until it is gone. */
function all(io: Io): Promise<{ text: string; error: Error | null }> {
  return new Promise((resolve) => {
    let text = ''
    io.start({
      onData: (chunk) => {
        text += new TextDecoder().decode(chunk)
        return false
      },
      onEnd: () => io.end(),
      onDrain: () => {},
      onWriteError: () => {},
      onClose: (error) => resolve({ text, error }),
    })
  })
}

test('a connection knows both of its ends', async () => {
  const listener = await listening()
  const accepted = listener[Symbol.asyncIterator]().next()
  const client = await dial(listener)
  const { value: server } = await accepted
  expect(server?.peer).toMatchObject({ transport: 'tcp', encrypted: false, remoteAddress: '127.0.0.1' })
  expect(server?.peer.remotePort).toBe(client.peer.localPort)
  expect(client.peer.remotePort).toBe(listener.address?.port)
  expect(JSON.parse(JSON.stringify(client.peer))).toMatchObject({
    transport: 'tcp',
    localAddress: '127.0.0.1',
  })
  server?.abort()
})

test('by default every address of the machine, of both families where it has them', async () => {
  const listener = await listening({ hostname: undefined }, (io) => io.abort())
  expect(listener.address?.hostname).toMatch(/^(?:::|0\.0\.0\.0)$/)
  await expect(dial(listener)).resolves.toBeDefined()
})

test('a port that is taken: ready rejects with the system’s error, and so does the loop', async () => {
  const { address } = await listening()
  const second = listen({ hostname: '127.0.0.1', port: address?.port ?? 0 })
  await expect(second.ready).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await expect(second[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'EADDRINUSE' })
  expect(second.address).toBeNull()
  await second.close()
})

test('closed, its port is free at once; what was accepted goes on', async () => {
  const accepted = Promise.withResolvers<Io>()
  const first = await listening({}, accepted.resolve)
  const client = await dial(first)
  const server = await accepted.promise
  const port = first.address?.port ?? 0
  await first.close()
  expect(first.address).toBeNull()
  await listening({ port })
  server.write('still here')
  server.end()
  expect(await all(client)).toEqual({ text: 'still here', error: null })
})

test('a unix socket is taken away with its listener', async () => {
  const path = join(tmpdir(), `hyper-deno-${process.pid}.sock`)
  const listener = await listening({ hostname: undefined, path })
  expect([listener.address, existsSync(path)]).toEqual([{ hostname: null, port: null, path }, true])
  await listener.close()
  expect(existsSync(path)).toBe(false)
})

test('a signal closes it', async () => {
  const controller = new AbortController()
  const listener = await listening({ signal: controller.signal })
  controller.abort()
  expect(await listener[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
})

test('maxPending: what nobody takes is closed', async () => {
  const listener = await listening({ maxPending: 1 })
  const first = await dial(listener)
  const second = await dial(listener)
  expect((await all(second)).text).toBe('')
  const { value: server } = await listener[Symbol.asyncIterator]().next()
  expect(server?.peer.remotePort).toBe(first.peer.localPort)
  server?.abort()
})

test('what onIo throws goes to onError, and costs that connection', async () => {
  const errors: Error[] = []
  const throwing = (): void => {
    throw new Error('no')
  }
  const listener = await listening({ onError: (error) => errors.push(error) }, throwing)
  expect((await all(await dial(listener))).text).toBe('')
  expect((await all(await dial(listener))).text).toBe('')
  expect(errors.map(({ message }) => message)).toEqual(['no', 'no'])
})

test('clients that are gone before they are accepted hold nobody up, and nobody is told', async () => {
  const errors: Error[] = []
  const listener = await listening({ onError: (error) => errors.push(error) }, (io) => {
    io.write('hello')
    io.close()
  })
  // Here the loop stands still until they have come and gone.
  const resets = `import { connect } from 'node:net'
    for (let i = 0; i < 20; i++) await new Promise((resolve) => {
      const socket = connect(${listener.address?.port ?? 0}, '127.0.0.1', () => resolve(socket.resetAndDestroy()))
    })`
  execFileSync(process.execPath, ['eval', resets], { stdio: 'ignore' })
  expect((await all(await dial(listener))).text).toBe('hello')
  expect(errors).toEqual([])
})

test('no descriptor left: it is told, accepting goes on, and until then the process stays', async () => {
  const program = `
    const { listen } = Deno
    let count = 0
    Deno.listen = (place) => {
      const listener = listen(place)
      const accept = listener.accept.bind(listener)
      listener.accept = async () => {
        if (count++ > 0) return accept()
        throw Object.assign(new Error('too many'), { code: 'EMFILE' })
      }
      return listener
    }
    const { listen: ours, dialTcp } = await import('@hyper/util/deno')
    const onError = ({ code }) => console.log(code)
    const listener = ours({ hostname: '127.0.0.1', onError }, (io) => io.abort())
    await listener.ready
    const client = await dialTcp('127.0.0.1', listener.address.port)
    client.start({ onData() {}, onEnd: end, onDrain() {}, onWriteError() {}, onClose: end })
    client.unref()
    function end() { console.log('accepted'); Deno.exit() }`
  const { stdout } = await promisify(execFile)(process.execPath, programArguments(program), {
    cwd: join(import.meta.dirname, '..', '..'),
  })
  expect(stdout.trim().split('\n')).toEqual(['EMFILE', 'accepted'])
})

test('TLS: a handshake that fails, or is not done in time, is told of and costs that connection', async () => {
  const { cert, key } = await testCertificate()
  const errors: HyperError[] = []
  const onError = (error: Error): void => void errors.push(error as HyperError)
  const listener = await listening({ tls: { cert, key, handshakeTimeout: 1_000 }, onError }, () => {})
  const plain = await dial(listener)
  plain.write('GET / HTTP/1.1\r\n\r\n')
  await all(plain)
  const silent = await dial(listener)
  while (errors.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  // Deno itself keeps such a connection until its client leaves.
  silent.abort()
  expect(errors).toMatchObject([
    { code: 'TLS', by: 'peer', phase: 'tls', message: expect.stringContaining('corrupt message') },
    { code: 'TLS', by: 'peer', phase: 'tls', message: expect.stringContaining('not done within 1000 ms') },
  ])
})

test('TLS: closing gives up handshakes, and tells of none', async () => {
  const { cert, key } = await testCertificate()
  const errors: Error[] = []
  const listener = await listening({ tls: { cert, key }, onError: (error) => errors.push(error) })
  await dial(listener)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await listener.close()
  expect(errors).toEqual([])
})

const lacking: readonly [string, object][] = [
  ['fd', { fd: 3 }],
  ['reusePort', { reusePort: true }],
  ['tls.ca', { tls: { cert: 'x', key: 'x', ca: 'x' } }],
  ['tls.SNICallback', { tls: { cert: 'x', key: 'x', SNICallback: () => {} } }],
  ['handle', { handle: {} } as object],
  ['ipv6Only', { ipv6Only: true } as object],
  ['proxyProtocol with tls', { proxyProtocol: { trusted: ['unix'] }, tls: { cert: 'x', key: 'x' } }],
  ['tls.contexts', { tls: { cert: 'x', key: 'x', contexts: {} } } as object],
  ['path with tls', { path: '/tmp/x', tls: { cert: 'x', key: 'x' } }],
  ['tls.cert', { tls: { cert: 'x', key: 'x' } }],
]
test.each(lacking)('what Deno cannot do is refused by name: %s', (name, options) => {
  expect(() => listen(options)).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(name) }),
  )
})

test('what says nothing, or what is so anyway, is taken', async () => {
  const listener = await listening({
    exclusive: true,
    ipv6Only: false,
    ...({ fd: undefined, handle: undefined } as object),
  })
  expect(listener.address?.port).toBeGreaterThan(0)
})

test('reloadTls: refused, and nothing to change without TLS', async () => {
  const { cert, key } = await testCertificate()
  const secure = await listening({ tls: { cert, key } })
  expect(() => secure.reloadTls({ cert, key })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('reloadTls') }),
  )
  const plain = await listening()
  expect(() => plain.reloadTls({ cert, key })).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }))
})

test('behind a PROXY header the peer is the client; what is wrong with one is told', async () => {
  const errors: Error[] = []
  const listener = await listening({
    proxyProtocol: { trusted: ['127.0.0.1'] },
    onError: (error) => errors.push(error),
  })
  const accepted = listener[Symbol.asyncIterator]().next()
  const wrong = await dial(listener)
  wrong.write('GET / HTTP/1.1\r\n')
  await all(wrong)
  expect(errors).toMatchObject([{ code: 'PROXY', phase: 'connect' }])
  const client = await dial(listener)
  client.write('PROXY TCP4 192.0.2.1 198.51.100.2 4242 443\r\nhello')
  const { value: server } = await accepted
  expect(server?.peer).toMatchObject({ remoteAddress: '192.0.2.1', remotePort: 4242, localPort: 443 })
  client.end()
  expect((await all(server!)).text).toBe('hello')
})

test('close with grace takes what the system has connected, and waits for handshakes no longer than that', async () => {
  const { cert, key } = await testCertificate()
  let count = 0
  const plain = await listening({}, () => count++)
  const dialled = [dial(plain), dial(plain), dial(plain)]
  // The system connects them while the loop stands still.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  await plain.close({ grace: 1_000 })
  await Promise.all(dialled)
  expect(count).toBe(3)
  const errors: Error[] = []
  const secure = await listening({ tls: { cert, key }, onError: (error) => errors.push(error) })
  await dial(secure)
  await secure.close({ grace: 20 })
  expect([secure.address, errors]).toEqual([null, []])
})

test('a certificate that is none is refused, too', async () => {
  const nonsense = {
    cert: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----',
    key: '-----BEGIN X-----',
  }
  await expect(listen({ tls: nonsense }).ready).rejects.toMatchObject({ code: 'INVALID_OPTION' })
})

test('large and small reads, one after the other, and nothing is lost', async () => {
  const accepted = Promise.withResolvers<Io>()
  const listener = await listening({}, accepted.resolve)
  const client = await dial(listener)
  const server = await accepted.promise
  const sizes = [10, 5_000, 400_000, ...Array.from({ length: 40 }, () => 3), 100_000]
  const sent = sizes.map((size, at) => String.fromCharCode(97 + (at % 26)).repeat(size))
  const received = all(client)
  for (const text of sent) {
    server.write(toBytes(text))
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  server.end()
  expect((await received).text === sent.join('')).toBe(true)
})
