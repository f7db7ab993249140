import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Io } from '@hyper/core/rt'
import { lacks, named } from '@hyper/testkit'
import { MemoryListener } from '@hyper/util/memory'
import { listen } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { eventually, Wire } from './wire.ts'

// Where the connections of a server come from: handles, descriptors, iterables, shared ports.

const cleanup: (() => unknown)[] = []

afterEach(async () => {
  for (const task of cleanup.splice(0).toReversed()) await task()
})

async function start(options: ServeOptions): Promise<Server> {
  const server = await serve(options)
  cleanup.push(() => server.close({ deadline: 0 }))
  return server
}

async function listening(place: { port: number; host: string } | { path: string }): Promise<NetServer> {
  const server = createServer(() => expect.unreachable('the old listener was called'))
  server.listen(place)
  await once(server, 'listening')
  cleanup.push(() => server.close())
  return server
}

const hello = (): Response => new Response('hello')
const CLOSE = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'

describe.skipIf(lacks.handle !== null)(named('handle', lacks.handle), () => {
  test('a net.Server is taken over, and closed with the server', async () => {
    const handle = await listening({ port: 0, host: '127.0.0.1' })
    const server = await start({ handle, fetch: hello })
    expect(server.address).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(await (await fetch(server.url)).text()).toBe('hello')
    await server.close({ deadline: 0 })
    expect(handle.listening).toBe(false)
    await expect(Wire.open(server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('its connections are half-open, as all are', async () => {
    const handle = await listening({ port: 0, host: '127.0.0.1' })
    const server = await start({ handle, fetch: hello, http1: { halfClose: true } })
    const wire = await Wire.open(server.port)
    wire.socket.end(CLOSE)
    await wire.ended()
    expect(wire.received).toContain('hello')
    wire.socket.destroy()
  })

  test('the handle of one', async () => {
    const owner = await listening({ port: 0, host: '127.0.0.1' })
    const handle: unknown = '_handle' in owner ? owner._handle : null
    const server = await start({ handle: handle as object, fetch: hello })
    expect(await (await fetch(server.url)).text()).toBe('hello')
  })

  test('one of a unix socket', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'hyper-places-'))
    cleanup.push(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'socket')
    const server = await start({ handle: await listening({ path }), fetch: hello })
    expect([server.url, server.port]).toEqual([`unix:${path}`, 0])
  })

  test('one that does not listen is refused', async () => {
    await expect(serve({ handle: createServer(), fetch: hello })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'handle: the server does not listen',
    })
  })
})

describe.skipIf(lacks.fd !== null)(named('fd', lacks.fd), () => {
  test('a listening descriptor, as systemd passes it', async () => {
    const owner = await listening({ port: 0, host: '127.0.0.1' })
    const { port } = owner.address() as { port: number }
    const fd = (owner as unknown as { _handle: { fd: number } })._handle.fd
    const program = `
      import { serve } from '@hyper/server'
      const { LISTEN_FDS, LISTEN_PID } = process.env
      if (Number(LISTEN_PID) !== process.pid || LISTEN_FDS !== '1') throw new Error('not for us')
      const server = await serve({ fd: 3, fetch: () => new Response('by ' + process.pid) })
      console.log(server.port)`
    // The shell says whom it is for, and becomes that program.
    const child = spawn(
      'sh',
      [
        '-c',
        'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --conditions=source --input-type=module -e "$1"',
        process.execPath,
        program,
      ],
      { stdio: ['ignore', 'pipe', 'inherit', fd], cwd: import.meta.dirname },
    )
    cleanup.push(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stdout!, 'data')) as [Buffer]
    expect(Number(String(line))).toBe(port)
    // Our own copy must not take the connection.
    owner.close()
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
    expect(await response.text()).toBe(`by ${child.pid}`)
  })

  test('one that is none rejects with the error of the system', async () => {
    await expect(serve({ fd: 9_999, fetch: hello })).rejects.toMatchObject({ code: 'EINVAL' })
  })
})

describe('connections', () => {
  test('a listener in memory', async () => {
    const connections = new MemoryListener({ peer: { remoteAddress: '192.0.2.7' } })
    const server = await start({ connections, fetch: (_, context) => new Response(context.remoteAddress) })
    const io = connections.connect()
    expect(await exchange(io, CLOSE)).toMatch(/\r\n\r\n192\.0\.2\.7$/)
    expect([server.url, server.address, server.port]).toEqual(['http://localhost/', '', 0])
  })

  test('a listener of another place, and inject beside it', async () => {
    const connections = listen({ hostname: '127.0.0.1' })
    await connections.ready
    const server = await start({ connections, fetch: hello })
    expect(await Wire.exchange(connections.address!.port!, CLOSE)).toContain('hello')
    expect(await (await server.inject('/')).text()).toBe('hello')
    await server.close({ deadline: 0 })
    await eventually(() => connections.address === null)
  })

  test('when it ends, the server closes', async () => {
    const listener = new MemoryListener()
    const server = await start({ connections: listener, fetch: hello })
    const asked = exchange(listener.connect(), CLOSE)
    listener.close()
    expect(await asked).toContain('hello')
    await server.closed
  })

  test('when it fails, that is told, and the server closes', async () => {
    const errors: unknown[] = []
    const failing = async function* (): AsyncGenerator<Io> {
      yield* []
      throw new Error('no more')
    }
    const server = await start({ connections: failing(), fetch: hello, onError: (e) => errors.push(e) })
    await server.closed
    expect(errors).toEqual([new Error('no more')])
  })

  test('what is no stream is told, and the next one served', async () => {
    const errors: unknown[] = []
    const memory = new MemoryListener()
    const mixed = async function* (): AsyncGenerator<Io> {
      yield 'nonsense' as unknown as Io
      yield* memory
    }
    await start({ connections: mixed(), fetch: hello, onError: (error) => errors.push(error) })
    expect(await exchange(memory.connect(), CLOSE)).toContain('hello')
    expect(errors).toMatchObject([{ code: 'INVALID_STATE' }])
  })

  test.each([undefined, { trusted: ['192.0.2.1'], others: 'serve' as const }])(
    'a stream that throws is told, counts for nobody, and the next one is served: %s',
    async (proxyProtocol) => {
      const errors: unknown[] = []
      const aborted: string[] = []
      const broken = (): Io =>
        ({
          peer: { remoteAddress: '192.0.2.7', encrypted: false, transport: 'own' },
          start() {
            throw new Error('broken')
          },
          abort: () => void aborted.push('aborted'),
        }) as unknown as Io
      const memory = new MemoryListener({ peer: { remoteAddress: '192.0.2.7' } })
      const mixed = async function* (): AsyncGenerator<Io> {
        yield broken()
        yield broken()
        yield* memory
      }
      await start({
        connections: mixed(),
        fetch: hello,
        proxyProtocol,
        limits: { maxConnectionsPerAddress: 1 },
        onError: (error) => errors.push(error),
      })
      expect(await exchange(memory.connect(), CLOSE)).toContain('hello')
      expect(errors).toMatchObject([{ message: 'broken' }, { message: 'broken' }])
      expect(aborted).toEqual(['aborted', 'aborted'])
    },
  )

  test('closing ends the iteration, and does not wait for a generator that waits', async () => {
    let isEnded = false
    const waiting = async function* (): AsyncGenerator<Io> {
      try {
        yield* []
        await new Promise(() => {})
      } finally {
        isEnded = true
      }
    }
    const stuck = await start({ connections: waiting(), fetch: hello })
    await stuck.close()
    expect(isEnded).toBe(false)
    const memory = new MemoryListener()
    const server = await start({ connections: memory, fetch: hello })
    await server.close()
    expect(() => memory.connect()).toThrow('the listener is closed')
  })

  test('an iterator that throws when it is closed is told, and holds up nothing', async () => {
    const errors: unknown[] = []
    const connections: AsyncIterable<Io> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return() {
          throw new Error('not now')
        },
      }),
    }
    const server = await start({ connections, fetch: hello, onError: (e) => errors.push(e) })
    await server.close()
    expect(errors).toEqual([new Error('not now')])
  })
})

describe.skipIf(lacks.reusePort !== null)(named('reusePort', lacks.reusePort), () => {
  test('two servers on one port', async () => {
    const options = { hostname: '127.0.0.1', reusePort: true } as const
    const first = await start({ ...options, fetch: () => new Response('first') })
    const second = await start({ ...options, port: first.port, fetch: () => new Response('second') })
    expect(second.port).toBe(first.port)
    const seen = new Set<string>()
    const headers = { connection: 'close' }
    for (let i = 0; i < 200 && seen.size < 2; i++)
      seen.add(await (await fetch(first.url, { headers })).text())
    expect([...seen].toSorted()).toEqual(['first', 'second'])
  })
})

const memory = new MemoryListener()
const tls = { cert: 'c', key: 'k' }

test.each([
  [{ port: 0, path: '/p' }, 'serve() takes `port` or `path`, not both'],
  [{ port: 0, fd: 3 }, 'serve() takes `port` or `fd`, not both'],
  [{ path: '/p', handle: {} }, 'serve() takes `path` or `handle`, not both'],
  [{ connections: memory, port: 0 }, 'serve() takes `port` or `connections`, not both'],
  [{ listen: false, fd: 3 }, 'serve() takes `fd` or `listen: false`, not both'],
  [{ listen: 'no' }, '`listen` must be true or false'],
  [{ path: '/p', hostname: 'x' }, '`hostname` does not go with `path`'],
  [{ fd: 3, hostname: 'x' }, '`hostname` does not go with `fd`'],
  [{ path: '/p', reusePort: true }, '`reusePort` does not go with `path`'],
  [{ listen: false, hostname: 'x' }, '`hostname` does not go with `listen: false`'],
  [{ listen: false, backlog: 1 }, '`backlog` does not go with `listen: false`'],
  [{ connections: memory, tls }, '`tls` does not go with `connections`'],
  [{ port: -1 }, 'port must be a number from 0 to 65535, not -1'],
  [{ port: 65_536 }, 'port must be a number from 0 to 65535, not 65536'],
  [{ port: '80' }, "port must be an integer, not '80'"],
  [{ fd: -1 }, 'fd must be a number from 0 to 2147483647, not -1'],
  [{ fd: 1.5 }, 'fd must be an integer, not 1.5'],
  [{ handle: 3 }, 'handle must be a net.Server that listens, or its handle'],
  [{ handle: null }, 'handle must be a net.Server that listens, or its handle'],
  [{ connections: [] }, '`connections` must be an async iterable of streams'],
  [{ connections: null }, '`connections` must be an async iterable of streams'],
  [{ reusePort: 1 }, 'reusePort must be true or false, not 1'],
] as [object, string][])('%j is refused', async (options, message) => {
  const given = { fetch: hello, ...options } as ServeOptions
  await expect(serve(given)).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user', message })
})

/** Sends, and gives what comes until the end. */
function exchange(io: Io, text: string): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    io.start({
      onData(chunk) {
        received += Buffer.from(chunk).toString('latin1')
        return false
      },
      onEnd: () => io.end(),
      onDrain() {},
      onWriteError() {},
      onClose: () => resolve(received),
    })
    io.write(text)
  })
}
