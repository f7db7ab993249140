import { VirtualRuntime } from '@hyper/testkit'
import { cachedResolver, type ResolvedAddress } from '@hyper/util/connect'
import { nodeResolver, nodeRuntime } from '@hyper/util/node'
import { afterEach, describe, expect, test } from 'vitest'
import { DnsServer, type Records } from './dns-server.ts'

const never = new AbortController().signal
const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

async function serve(records: Records): Promise<DnsServer> {
  const server = await DnsServer.start(records)
  cleanups.push(() => server.close())
  return server
}

const four = (last: number, ttl: number): [Uint8Array, number] => [Uint8Array.of(192, 0, 2, last), ttl]
const six = (last: number, ttl: number): [Uint8Array, number] => [
  Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last),
  ttl,
]
const brief = (addresses: readonly ResolvedAddress[]): string =>
  addresses.map(({ address, family, ttl }) => `${address} ${family} ${ttl}`).join(', ')

describe('the system', () => {
  test('localhost', async () => {
    const addresses = await nodeResolver().resolve('localhost', never)
    expect(addresses.map(({ address }) => address)).toContain('127.0.0.1')
    expect(addresses.every(({ ttl }) => ttl === undefined)).toBe(true)
  })

  test('one family', async () => {
    const addresses = await nodeResolver({ family: 4 }).resolve('localhost', never)
    expect(addresses).toEqual([{ address: '127.0.0.1', family: 4 }])
  })

  test('a name that does not exist', async () => {
    await expect(nodeResolver().resolve('nothing.invalid', never)).rejects.toMatchObject({
      code: 'DNS',
      phase: 'dns',
      by: 'io',
      retryable: true,
      address: 'nothing.invalid',
      cause: { syscall: 'getaddrinfo' },
      message: expect.stringMatching(
        /^the name nothing\.invalid could not be resolved: .* \((ENOTFOUND|EAI_AGAIN)\)$/,
      ),
    })
  })
})

describe('name servers', () => {
  test('both families, IPv6 first, with their TTL', async () => {
    const server = await serve({ 'A a.test': [four(1, 60), four(2, 60)], 'AAAA a.test': [six(1, 30)] })
    const resolver = nodeResolver({ servers: [server.address] })
    expect(brief(await resolver.resolve('a.test', never))).toBe(
      '2001:db8::1 6 30, 192.0.2.1 4 60, 192.0.2.2 4 60',
    )
    expect(server.asked.toSorted()).toEqual(['A a.test', 'AAAA a.test'])
  })

  test.each([
    ['one family only', { 'A a.test': [four(1, 60)], 'AAAA a.test': [] }, '192.0.2.1 4 60'],
    ['the other only', { 'A a.test': [], 'AAAA a.test': [six(1, 30)] }, '2001:db8::1 6 30'],
  ] as const)('%s', async (_, records, expected) => {
    const server = await serve(records)
    expect(brief(await nodeResolver({ servers: [server.address] }).resolve('a.test', never))).toBe(expected)
  })

  test.each([
    [4, '192.0.2.1 4 60', ['A a.test']],
    [6, '2001:db8::1 6 30', ['AAAA a.test']],
  ] as const)('family %i is all that is asked for', async (family, expected, asked) => {
    const server = await serve({ 'A a.test': [four(1, 60)], 'AAAA a.test': [six(1, 30)] })
    const resolver = nodeResolver({ servers: [server.address], family })
    expect([brief(await resolver.resolve('a.test', never)), server.asked]).toEqual([expected, asked])
  })

  test('an answer for IPv6 that is lost costs 50 ms (RFC 8305 §3)', async () => {
    const server = await serve({ 'A a.test': [four(1, 60)], 'AAAA a.test': 'lost' })
    const runtime = new VirtualRuntime()
    const resolving = nodeResolver({ servers: [server.address], runtime }).resolve('a.test', never)
    while (runtime.timer.pending === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(runtime.timer.next - runtime.clock.now()).toBe(50)
    runtime.advance(50)
    expect(brief(await resolving)).toBe('192.0.2.1 4 60')
    expect(runtime.timer.pending).toBe(0)
  })

  test('a name that does not exist, and one without addresses', async () => {
    const server = await serve({ 'TXT b.test': [] })
    const resolver = nodeResolver({ servers: [server.address] })
    await expect(resolver.resolve('a.test', never)).rejects.toMatchObject({
      code: 'DNS',
      message: 'the name a.test could not be resolved: there is no such name (ENOTFOUND)',
    })
    await expect(resolver.resolve('b.test', never)).rejects.toMatchObject({
      code: 'DNS',
      message: 'the name b.test could not be resolved: it has no address (ENODATA)',
    })
  })

  test('localhost is never asked for (RFC 6761)', async () => {
    const server = await serve({})
    for (const host of ['localhost', 'LOCALHOST.', 'a.localhost']) {
      const addresses = await nodeResolver({ servers: [server.address] }).resolve(host, never)
      expect(addresses.map(({ address }) => address)).toEqual(['::1', '127.0.0.1'])
    }
    expect(server.asked).toEqual([])
  })

  test('giving up stops the queries', async () => {
    const server = await serve({ 'A a.test': 'lost', 'AAAA a.test': 'lost' })
    const stop = new AbortController()
    const resolving = nodeResolver({ servers: [server.address] }).resolve('a.test', stop.signal)
    while (server.asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
    stop.abort()
    await expect(resolving).rejects.toMatchObject({ code: 'CANCELED', by: 'user', phase: 'dns' })
    // What the system looks up cannot be stopped, but it is not waited for.
    const late = new AbortController()
    const looking = nodeResolver().resolve('nothing.invalid', late.signal)
    late.abort()
    await expect(looking).rejects.toMatchObject({ code: 'CANCELED', by: 'user', phase: 'dns' })
  })

  test('behind a cache: one query for many, and again once its TTL is over', async () => {
    const server = await serve({ 'A a.test': [four(1, 5)], 'AAAA a.test': [] })
    const runtime = new VirtualRuntime()
    const resolver = cachedResolver(nodeResolver({ servers: [server.address], runtime: nodeRuntime }), {
      runtime,
    })
    await Promise.all([1, 2, 3].map(() => resolver.resolve('a.test', never)))
    runtime.advance(4_999)
    await resolver.resolve('a.test', never)
    expect(server.asked.length).toBe(2)
    runtime.advance(1)
    await resolver.resolve('a.test', never)
    expect(server.asked.length).toBe(4)
  })
})

test.each([{ from: 'system', servers: ['127.0.0.1'] }, { from: 'hosts' }])(
  'options that cannot be: %j',
  (options) => {
    expect(() => nodeResolver(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  },
)
