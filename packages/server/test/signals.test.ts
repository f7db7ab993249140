import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { lacks, named, programArguments, VirtualRuntime } from '@hyper/testkit'
import { nodeRuntime } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import { type ServeOptions, serve, type Server } from '../src/index.ts'
import { Wire } from './wire.ts'

// Signals that close a server: here in this process, and in programs of their own.

const cleanup: (() => unknown)[] = []

afterEach(async () => {
  for (const task of cleanup.splice(0).toReversed()) await task()
})

const GET = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n'

/** A program; its lines, one by one. */
class Program {
  readonly child: ChildProcess
  /** Listened to from the beginning: it may end with its last word. */
  private readonly ended: Promise<unknown[]>
  private readonly lines: AsyncIterator<string>

  constructor(text: string) {
    this.child = spawn(process.execPath, programArguments(text), {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    cleanup.push(() => this.child.kill('SIGKILL'))
    this.ended = once(this.child, 'exit')
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    return String((await this.lines.next()).value)
  }

  exit(): Promise<unknown[]> {
    return this.ended
  }
}

function serving(signals: string, answer: string = 'new Response("a")'): Program {
  return new Program(`
    import { serve } from '@hyper/server'
    const server = await serve({ hostname: '127.0.0.1', signals: ${signals}, fetch: async () => {
      console.log('asked')
      return ${answer}
    } })
    console.log(server.port)
    process.on('exit', () => console.log('ready:', server.ready))`)
}

describe('a program', () => {
  test.each([
    ['a tunnel that nobody reads', 'context.upgrade().response', 'upgrade: x\r\nconnection: upgrade\r\n'],
    ['work that does not end', '(context.waitUntil(new Promise(() => {})), new Response("a"))', ''],
  ])('that closes with a deadline lives until then: %s', async (_, answer, fields) => {
    const program = new Program(`
      import { serve } from '@hyper/server'
      const server = await serve({ hostname: '127.0.0.1', fetch: (_, context) => ${answer} })
      console.log(server.port)
      await new Promise((resolve) => process.once('SIGTERM', resolve))
      await server.close({ deadline: 300 })
      console.log('closed')`)
    const wire = await Wire.open(Number(await program.line()))
    wire.send(`GET / HTTP/1.1\r\nhost: x\r\n${fields}\r\n`)
    await wire.until('\r\n\r\n')
    wire.socket.destroy()
    process.kill(program.child.pid!, 'SIGTERM')
    expect(await program.line()).toBe('closed')
    expect(await program.exit()).toEqual([0, null])
  })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: what runs is finished, and it ends by itself with 0',
    async (name) => {
      const slow = `new Promise((r) => process.once('${name}', () => setTimeout(r, 50, new Response('a'))))`
      const program = serving('true', slow)
      const wire = await Wire.open(Number(await program.line()))
      wire.send(GET)
      expect(await program.line()).toBe('asked')
      process.kill(program.child.pid!, name)
      await wire.ended()
      expect(wire.received).toMatch(/connection: close\r\n[^]*\r\n\r\na$/)
      wire.socket.end()
      expect(await program.exit()).toEqual([0, null])
      expect(await program.line()).toBe('ready: false')
    },
  )

  test('the second signal ends it at once, and that is a clean end too', async () => {
    const never = `new Promise(() => process.once('SIGTERM', () => console.log('heard')))`
    const program = serving('{ deadline: Infinity }', never)
    const wire = await Wire.open(Number(await program.line()))
    wire.send(GET)
    expect(await program.line()).toBe('asked')
    process.kill(program.child.pid!, 'SIGTERM')
    // Two that come before the first was heard are one.
    expect(await program.line()).toBe('heard')
    await expect(Promise.race([wire.closed(), new Promise((r) => setTimeout(r, 200, 'open'))])).resolves.toBe(
      'open',
    )
    process.kill(program.child.pid!, 'SIGTERM')
    await wire.ended()
    expect(await program.exit()).toEqual([0, null])
  })

  test('the deadline ends it', async () => {
    const program = serving('{ deadline: 50 }', 'new Promise(() => {})')
    const wire = await Wire.open(Number(await program.line()))
    wire.send(GET)
    await program.line()
    process.kill(program.child.pid!, 'SIGTERM')
    await wire.ended()
    expect(await program.exit()).toEqual([0, null])
  })

  test('without the option the platform does what it does', async () => {
    const program = serving('false')
    await program.line()
    process.kill(program.child.pid!, 'SIGTERM')
    expect(await program.exit()).toEqual([null, 'SIGTERM'])
  })
})

async function start(options: Partial<ServeOptions>): Promise<Server> {
  const server = await serve({
    hostname: '127.0.0.1',
    fetch: () => new Response('a'),
    ...options,
  } as ServeOptions)
  cleanup.push(() => server.close({ deadline: 0 }))
  return server
}

/** A signal of this very process. */
function here(name: string, run: () => Promise<void>): void {
  test.skipIf(lacks.signalOfThread !== null)(named(name, lacks.signalOfThread), run)
}

here('other signals, and nobody listens once the server is closed', async () => {
  const before = process.listenerCount('SIGUSR2')
  const server = await start({ signals: ['SIGUSR2', 'SIGUSR2'] })
  expect(process.listenerCount('SIGUSR2')).toBe(before + (lacks.processSignals === null ? 1 : 0))
  process.kill(process.pid, 'SIGUSR2')
  await server.closed
  await Promise.resolve()
  expect(process.listenerCount('SIGUSR2')).toBe(before)
})

here('delay: served as before, but not ready', async () => {
  const virtual = new VirtualRuntime()
  const { clock, timer, text } = virtual
  const runtime = { clock, timer, text, defer: nodeRuntime.defer.bind(nodeRuntime), onError: () => {} }
  const server = await start({ runtime, signals: { names: ['SIGUSR2'], delay: 150 } })
  const heard = once(process, 'SIGUSR2')
  process.kill(process.pid, 'SIGUSR2')
  await heard
  expect(server.ready).toBe(false)
  virtual.advance(149)
  const wire = await Wire.open(server.port)
  wire.send(GET)
  expect(await wire.until('\r\n\r\na')).not.toContain('connection: close')
  wire.socket.destroy()
  virtual.advance(1)
  await server.closed
})

here('a second signal does not wait for the delay', async () => {
  const server = await start({ signals: { names: ['SIGUSR2'], delay: 60_000 } })
  for (let i = 0; i < 2; i++) {
    const heard = once(process, 'SIGUSR2')
    process.kill(process.pid, 'SIGUSR2')
    await heard
  }
  await server.closed
})

test.each([
  [3, '`signals` must be true, a list of names, or an object'],
  [null, '`signals` must be true, a list of names, or an object'],
  [[], "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught"],
  [['TERM'], "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught"],
  [['SIGTREM'], "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught"],
  [['SIGKILL'], "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught"],
  [{ names: 'SIGTERM' }, "`signals` takes names such as 'SIGTERM'; SIGKILL and SIGSTOP cannot be caught"],
  [{ deadline: -1 }, 'signals.deadline must be a number of at least 0, not -1'],
  [{ grace: '1' }, "signals.grace must be a number of at least 0, not '1'"],
  [{ delay: Number.NaN }, 'signals.delay must be a number of at least 0, not NaN'],
  [{ delay: Infinity }, 'signals.delay must be finite'],
])('signals: %j is refused', async (signals, message) => {
  await expect(start({ signals: signals as unknown as boolean })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message,
  })
})
