import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Client } from '@hyper/client'
import { type HyperDispatcher, install, toDispatcher } from '@hyper/client/undici'
import type { Runtime } from '@hyper/core/rt'
import { nodeRuntime } from '@hyper/util/node'
import type * as Undici from 'undici8'
import { type Check, FETCH_CHECKS, type FetchSubject } from './fetch-checks.ts'
import { type Asked, startServer } from './server.ts'
import { UNDICI_CHECKS, type UndiciSubject } from './undici-checks.ts'

// One cell of the matrix: this Node with one undici of npm. In: both lines. Out: one line of JSON, what became of
// each check, null where it holds; and a process that ends by itself.

const nodeLine = Number(process.argv[2])
const line = Number(process.argv[3])

/** An own check, of things that belong together in one process. */
interface Cell {
  readonly asked: Asked
  readonly client: Client
  readonly dispatcher: HyperDispatcher
  undici: typeof Undici
}

const results: Record<string, string | null> = {}

async function run<T>(
  group: keyof typeof GROUPS,
  checks: Readonly<Record<string, Check<T>>>,
  subject: T,
): Promise<void> {
  for (const [name, check] of Object.entries(checks)) {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('it never ended')), 30_000)
    })
    try {
      await Promise.race([check(subject), late])
      results[`${group}: ${name}`] = null
    } catch (error) {
      results[`${group}: ${name}`] = error instanceof Error ? (error.stack ?? error.message) : String(error)
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The clock goes a thousand times as fast. */
const hasty: Runtime = {
  ...nodeRuntime,
  text: nodeRuntime.text,
  clock: { now: () => nodeRuntime.clock.now() * 1_000, wall: () => nodeRuntime.clock.wall() },
  timer: {
    alarm: (target) => {
      const inner = nodeRuntime.timer.alarm({ onAlarm: (now) => target.onAlarm(now * 1_000) })
      return { move: (at) => inner.move(at / 1_000), cancel: () => inner.cancel() }
    },
  },
  defer: (task) => nodeRuntime.defer(task),
  onError: (error) => nodeRuntime.onError(error),
}

async function echo(WebSocketOf: typeof WebSocket, origin: string, over: object): Promise<string> {
  const socket = new WebSocketOf(origin.replace('http', 'ws'), over as never)
  await once(socket as never, 'open')
  socket.send('hello')
  const [event] = (await once(socket as never, 'message')) as [{ data: string }]
  socket.close()
  await once(socket as never, 'close')
  return event.data
}

const requestsOf = (client: Client): number => {
  const { dials, reuses } = client.stats()
  return dials + reuses
}

const OWN: Readonly<Record<string, Check<Cell>>> = {
  async 'installed before undici was loaded: its requests, too'({ asked, client, undici }) {
    const before = requestsOf(client)
    assert.equal((await undici.request(`${asked.origin}/json`)).statusCode, 200)
    assert.equal((await undici.fetch(`${asked.origin}/204`)).status, 204)
    assert.equal(requestsOf(client), before + 2)
  },

  async 'a WebSocket of the platform, and of undici'({ asked, dispatcher, undici }) {
    assert.equal(await echo(WebSocket, asked.origin, {}), 'hello')
    const own = undici.WebSocket as unknown as typeof WebSocket
    assert.equal(await echo(own, asked.origin, { dispatcher }), 'hello')
  },

  async 'a head that takes 320 s, on a clock that is as fast as that'({ asked }) {
    const patient = toDispatcher(new Client({ runtime: hasty, timeouts: { connect: null, keepAlive: null } }))
    const over = { dispatcher: patient } as unknown as RequestInit
    assert.equal(await (await fetch(`${asked.origin}/slow`, over)).text(), 'late')
    const timeouts = { connect: null, keepAlive: null, headers: 310_000 }
    const impatient = toDispatcher(new Client({ runtime: hasty, timeouts }))
    const error: unknown = await fetch(`${asked.origin}/never`, {
      dispatcher: impatient,
    } as unknown as RequestInit).catch((thrown: unknown) => thrown)
    const { cause } = error as { cause: { code: string; phase: string; elapsedMs: number } }
    assert.deepEqual([cause.code, cause.phase], ['UND_ERR_HEADERS_TIMEOUT', 'headers'])
    assert.ok(cause.elapsedMs >= 310_000, `after ${cause.elapsedMs} ms`)
  },
}

const AFTER: Readonly<Record<string, Check<Cell>>> = {
  async 'the platform’s fetch is its own again'({ asked, client }) {
    const before = requestsOf(client)
    assert.equal(await (await fetch(`${asked.origin}/204`)).text(), '')
    assert.equal(requestsOf(client), before)
  },

  async 'undici has a dispatcher'({ asked, undici }) {
    assert.equal((await undici.request(`${asked.origin}/json`)).statusCode, 200)
  },

  async 'as the global dispatcher of undici: its requests, and those of the platform where it looks there'({
    asked,
    client,
    dispatcher,
    undici,
  }) {
    undici.setGlobalDispatcher(dispatcher)
    const before = requestsOf(client)
    assert.equal((await undici.request(`${asked.origin}/json`)).statusCode, 200)
    assert.equal(await (await fetch(`${asked.origin}/204`)).text(), '')
    // Node 26 looks where undici 6 puts nothing.
    const expected = nodeLine >= 26 && line === 6 ? 1 : 2
    assert.equal(requestsOf(client) - before, expected)
  },
}

/** Groups of checks, in the order in which they are done. */
const GROUPS = {
  installed: OWN,
  'fetch of the platform, installed': FETCH_CHECKS,
  'fetch of undici, given the dispatcher': FETCH_CHECKS,
  'undici, given the dispatcher': UNDICI_CHECKS,
  uninstalled: AFTER,
  'fetch of the platform, given the dispatcher': FETCH_CHECKS,
  'undici, over its global dispatcher': UNDICI_CHECKS,
  'fetch of undici, over its global dispatcher': FETCH_CHECKS,
} as const

export const CHECK_NAMES: readonly string[] = Object.entries(GROUPS).flatMap(([group, checks]) =>
  Object.keys(checks).map((name) => `${group}: ${name}`),
)

async function main(): Promise<void> {
  assert.equal(process.versions.node.split('.')[0], String(nodeLine))
  const asked = await startServer()
  const client = new Client()
  const installation = install({ client })
  const undici = (await import(`undici${line}`)) as typeof Undici
  const cell: Cell = { asked, client, dispatcher: installation.dispatcher, undici }
  const dispatcher = installation.dispatcher as Undici.Dispatcher
  const platform: FetchSubject = { fetch, FormData, init: {}, asked }
  const own = {
    fetch: undici.fetch,
    FormData: undici.FormData,
    init: { dispatcher },
  } as unknown as FetchSubject
  const given: UndiciSubject = { undici, line, over: { dispatcher }, dispatcher, asked }
  await run('installed', OWN, cell)
  await run('fetch of the platform, installed', FETCH_CHECKS, platform)
  await run('fetch of undici, given the dispatcher', FETCH_CHECKS, { ...own, asked })
  await run('undici, given the dispatcher', UNDICI_CHECKS, given)
  installation.uninstall()
  await run('uninstalled', AFTER, cell)
  await run('fetch of the platform, given the dispatcher', FETCH_CHECKS, { ...platform, init: own.init })
  await run('undici, over its global dispatcher', UNDICI_CHECKS, { ...given, over: {} })
  await run('fetch of undici, over its global dispatcher', FETCH_CHECKS, { ...own, init: {}, asked })
  await dispatcher.destroy()
  asked.close()
  process.stdout.write(`${JSON.stringify(results)}\n`)
}

// The matrix asks for the names only.
if (import.meta.filename === process.argv[1]) await main()
