import { HyperError } from '@hyper/core/error'
import { Extensions } from '@hyper/core/http'
import type { Io } from '@hyper/core/rt'
import { MockIo, VirtualRuntime } from '@hyper/testkit'
import {
  CONNECT_PHASE,
  CONNECT_TIMINGS,
  type ConnectContext,
  destinationOf,
  directConnector,
  type DirectOptions,
  type ResolvedAddress,
  type Resolver,
  type SocketAddress,
} from '@hyper/util/connect'
import { describe, expect, test } from 'vitest'

// Names, ports and addresses, without a network: what would be dialled is written down.

interface Made {
  readonly connect: (url: string, extra?: object) => Promise<Io>
  readonly dialled: string[]
  readonly asked: string[]
  readonly forgotten: string[]
  readonly context: ConnectContext
  readonly resolver: Resolver
  readonly runtime: VirtualRuntime
}

function make(
  addresses: readonly ResolvedAddress[] = [{ address: '192.0.2.1', family: 4 }],
  options: Partial<DirectOptions> = {},
): Made {
  const runtime = new VirtualRuntime()
  const [dialled, asked, forgotten]: string[][] = [[], [], []]
  const context = { signal: new AbortController().signal, info: new Extensions() }
  const resolver: Resolver = {
    resolve: async (host) => {
      asked!.push(host)
      runtime.advance(7)
      return addresses
    },
    forget: (host) => forgotten!.push(host),
  }
  const dial = async ({ address, port }: SocketAddress): Promise<Io> => {
    dialled!.push(`${address} ${port}`)
    runtime.advance(11)
    return new MockIo()
  }
  const connector = directConnector({ runtime, resolver, dial, ...options })
  return {
    connect: (url, extra) => connector({ ...destinationOf(new URL(url)), ...extra }, context),
    dialled: dialled!,
    asked: asked!,
    forgotten: forgotten!,
    context,
    resolver,
    runtime,
  }
}

const tls = { secure: async (io: Io): Promise<Io> => io }

describe('row 314: which port', () => {
  const withPort: readonly ResolvedAddress[] = [{ address: '192.0.2.1', family: 4, port: 8080 }]
  test.each([
    ['that of the URL', 'http://a.test:81/', withPort, '192.0.2.1 81'],
    ['else that of the resolver', 'http://a.test/', withPort, '192.0.2.1 8080'],
    ['else that of the resolver, https:', 'https://a.test/', withPort, '192.0.2.1 8080'],
    ['0 is none', 'http://a.test/', [{ address: '192.0.2.1', family: 4, port: 0 }], '192.0.2.1 80'],
    ['else that of the scheme', 'http://a.test/', undefined, '192.0.2.1 80'],
    ['else that of the scheme, https:', 'https://a.test/', undefined, '192.0.2.1 443'],
  ] as const)('%s', async (_, url, addresses, expected) => {
    const { connect, dialled } = make(addresses, tls)
    await connect(url)
    expect(dialled).toEqual([expected])
  })
})

describe('row 314: addresses are not looked up', () => {
  test.each([
    ['http://192.0.2.7/', '192.0.2.7 80'],
    ['http://[2001:db8::7]:81/', '2001:db8::7 81'],
  ])('%s', async (url, expected) => {
    const { asked, connect, context, dialled } = make()
    await connect(url)
    expect([asked, dialled]).toEqual([[], [expected]])
    expect(context.info.get(CONNECT_TIMINGS)?.dnsMs).toBe(null)
  })
})

describe('what is kept of a name is dropped', () => {
  const hangs = (_: SocketAddress, signal: AbortSignal): Promise<Io> =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
  const timeout = new HyperError('CONNECT_TIMEOUT', null, { by: 'peer', phase: 'connect' })

  test.each([
    ['none answered in time', timeout, ['a.test']],
    ['but not because somebody gave up', new Error('enough'), []],
  ])('%s', async (_, reason, expected) => {
    const controller = new AbortController()
    const { context, forgotten, resolver, runtime } = make(undefined, { dial: hangs })
    const connector = directConnector({ runtime, resolver, dial: hangs })
    const asked = connector(destinationOf(new URL('http://a.test/')), {
      ...context,
      signal: controller.signal,
    })
    await runtime.settle()
    controller.abort(reason)
    await expect(asked).rejects.toMatchObject({ code: 'CANCELED' })
    expect(forgotten).toEqual(expected)
  })
})

describe('overrides', () => {
  const overrides = {
    'a.test': '192.0.2.9',
    'A.test:8080': ['192.0.2.10:9090', '[2001:db8::10]:9091', '2001:db8::11'],
    '[::1]:80': '192.0.2.11',
    '192.0.2.99': '192.0.2.12',
  }
  test.each([
    ['http://a.test/', '192.0.2.9 80'],
    ['http://A.TEST:81/', '192.0.2.9 81'],
    ['http://a.test:8080/', '192.0.2.10 9090'],
    ['http://[::1]/', '192.0.2.11 80'],
    ['http://192.0.2.99:82/', '192.0.2.12 82'],
  ])('%s', async (url, expected) => {
    const { asked, connect, dialled } = make(undefined, { overrides })
    await connect(url)
    expect([asked, dialled]).toEqual([[], [expected]])
  })

  test('of one name only', async () => {
    const { asked, connect } = make(undefined, { overrides })
    await connect('http://b.a.test/')
    expect(asked).toEqual(['b.a.test'])
  })

  test('several addresses are raced', async () => {
    const seen: string[] = []
    const { connect } = make(undefined, {
      overrides,
      dial: async ({ address, port }) => {
        seen.push(`${address} ${port}`)
        throw new Error('no')
      },
    })
    await connect('http://a.test:8080/').catch(() => undefined)
    expect(seen).toEqual(['192.0.2.10 9090', '2001:db8::10 9091', '2001:db8::11 8080'])
  })

  test.each([
    { 'a.test': 'b.test' },
    { 'a.test': [] },
    { 'a.test': '192.0.2.1:0' },
    { a: '192.0.2.1:70000' },
  ])('that cannot be: %j', (wrong) => {
    expect(() => make(undefined, { overrides: wrong as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('families', () => {
  const both: readonly ResolvedAddress[] = [
    { address: '2001:db8::1', family: 6 },
    { address: '192.0.2.1', family: 4 },
  ]
  test.each([
    [undefined, '2001:db8::1 80'],
    [4, '192.0.2.1 80'],
    [6, '2001:db8::1 80'],
  ] as const)('%s', async (family, expected) => {
    const { connect, dialled } = make(both, { family })
    await connect('http://a.test/')
    expect(dialled).toEqual([expected])
  })

  test('none of the one that is wanted', async () => {
    await expect(make(undefined, { family: 6 }).connect('http://a.test/')).rejects.toMatchObject({
      code: 'DNS',
      statusHint: 502,
      phase: 'dns',
      message: 'the name a.test could not be resolved: it has no IPv6 address',
    })
  })
})

test('plain text never goes where TLS was asked for', async () => {
  const { connect, dialled } = make()
  await expect(connect('https://a.test/')).rejects.toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  expect(dialled).toEqual([])
})

test('how long each part took, and what is waited for', async () => {
  const phases: unknown[] = []
  const { connect, context, runtime } = make(undefined, {
    secure: async (io, destination, { info }) => {
      phases.push(info.get(CONNECT_PHASE), destination.host)
      runtime.advance(13)
      return io
    },
  })
  await connect('https://a.test/')
  expect(context.info.get(CONNECT_TIMINGS)).toEqual({ dnsMs: 7, connectMs: 11, proxyMs: null, tlsMs: 13 })
  expect(phases).toEqual(['tls', 'a.test'])
})

test('when no address answers, the resolver is told', async () => {
  const { connect, context, forgotten } = make(undefined, {
    dial: () => Promise.reject(new Error('refused')),
  })
  await expect(connect('http://a.test/')).rejects.toMatchObject({
    code: 'CONNECT',
    phase: 'connect',
    by: 'io',
    retryable: true,
    address: '192.0.2.1:80',
  })
  expect([forgotten, context.info.get(CONNECT_PHASE)]).toEqual([['a.test'], 'connect'])
})

test('a TLS that fails, by an error of its own', async () => {
  const { connect } = make(undefined, { secure: () => Promise.reject(new Error('bad certificate')) })
  await expect(connect('https://a.test/')).rejects.toMatchObject({
    code: 'TLS',
    phase: 'tls',
    retryable: true,
    message: 'connecting to a.test:443 failed: bad certificate',
  })
})

test('a TLS that throws rather than rejects fails the same, and leaves neither the stream nor an alarm', async () => {
  const io = new MockIo()
  const { connect, runtime } = make(undefined, {
    dial: async () => io,
    secure: () => {
      throw new Error('no such certificate')
    },
  })
  await expect(connect('https://a.test/')).rejects.toMatchObject({
    code: 'TLS',
    message: 'connecting to a.test:443 failed: no such certificate',
  })
  expect([io.aborted, runtime.timer.pending]).toEqual([true, 0])
})

test.each([
  ['30,000 ms by default', undefined, 30_000],
  ['set', 500, 500],
])('handshakeTimeout, %s', async (_, handshakeTimeout, limit) => {
  let given: AbortSignal | null = null
  const { connect, runtime } = make(undefined, {
    handshakeTimeout,
    secure: (_io, _destination, { signal }) => {
      given = signal
      return new Promise(() => undefined)
    },
  })
  let isOver = false
  const connecting = connect('https://a.test/').catch((error: unknown) => {
    isOver = true
    return error
  })
  await runtime.settle()
  runtime.advance(limit - 1)
  await runtime.settle()
  expect(isOver).toBe(false)
  runtime.advance(1)
  expect(await connecting).toMatchObject({
    code: 'CONNECT_TIMEOUT',
    statusHint: 504,
    by: 'peer',
    phase: 'tls',
    address: 'a.test:443',
    elapsedMs: limit,
    retryable: true,
  })
  expect([(given as AbortSignal | null)?.aborted, runtime.timer.pending]).toEqual([true, 0])
})

test('handshakeTimeout: null is no limit', async () => {
  const { connect, runtime } = make(undefined, {
    handshakeTimeout: null,
    secure: () => new Promise(() => undefined),
  })
  connect('https://a.test/').catch(() => undefined)
  await runtime.settle()
  expect(runtime.timer.next).toBe(Infinity)
})

test('a stream that comes after its time is torn down', async () => {
  const late = new MockIo()
  let arrive: (io: Io) => void = () => undefined
  const { connect, runtime } = make(undefined, {
    handshakeTimeout: 100,
    secure: () => new Promise((resolve) => (arrive = resolve)),
  })
  const connecting = connect('https://a.test/').catch((error: { code: string }) => error.code)
  await runtime.settle()
  runtime.advance(100)
  expect(await connecting).toBe('CONNECT_TIMEOUT')
  arrive(late)
  await runtime.settle()
  expect(late.aborted).toBe(true)
})

test('giving up while a name is looked up: a resolver that does not heed it is not waited for', async () => {
  const stop = new AbortController()
  const runtime = new VirtualRuntime()
  const connector = directConnector({
    runtime,
    dial: async () => new MockIo(),
    resolver: { resolve: () => new Promise(() => undefined) },
  })
  const context = { signal: stop.signal, info: new Extensions() }
  const connecting = connector(destinationOf(new URL('http://a.test/')), context)
  stop.abort()
  await expect(connecting).rejects.toMatchObject({ code: 'CANCELED', phase: 'dns', by: 'user' })
  expect(context.info.get(CONNECT_PHASE)).toBe('dns')
})
