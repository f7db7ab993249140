import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect as connectTls } from 'node:tls'
import { MockIo, testCertificate, toBytes } from '@hyper/testkit'
import { duplex } from '@hyper/util/memory'
import { connectTcp, duplexFrom, type IoDuplex, listen } from '@hyper/util/node'
import { afterEach, expect, test, vi } from 'vitest'

const cleanup: (() => unknown)[] = []
afterEach(async () => {
  for (const task of cleanup.splice(0)) await task()
})

function pair(): [IoDuplex, IoDuplex] {
  const [left, right] = duplex()
  return [duplexFrom(left), duplexFrom(right)]
}

async function readAll(stream: Duplex): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += (chunk as Buffer).toString('latin1')
  return text
}

test('TLS runs over it', async () => {
  const certificate = await testCertificate()
  const listener = listen({ hostname: '127.0.0.1', tls: certificate }, (io) => {
    const stream = duplexFrom(io)
    stream.pipe(stream)
  })
  cleanup.push(() => listener.close())
  await listener.ready
  const io = await connectTcp({ host: '127.0.0.1', port: listener.address?.port ?? 0 })
  const secure = connectTls({ socket: duplexFrom(io), ca: certificate.cert, servername: 'localhost' })
  await once(secure, 'secureConnect')
  expect(secure.authorized).toBe(true)
  const sent = 'x'.repeat(300_000)
  secure.end(sent)
  expect(await readAll(secure)).toBe(sent)
})

test('a raw echo, frame by frame', async () => {
  const [client, server] = pair()
  server.on('data', (chunk: Buffer) => server.write(chunk))
  server.on('end', () => server.end())
  for (let frame = 0; frame < 50; frame++) {
    client.write(Uint8Array.of(0x82, 1, frame))
    const [echoed] = (await once(client, 'data')) as [Buffer]
    expect([...echoed]).toEqual([0x82, 1, frame])
  }
  client.end()
  client.resume()
  await once(client, 'close')
  expect(client.destroyed).toBe(true)
})

test('backpressure both ways: a slow reader stops the writer, and everything arrives', async () => {
  const [client, server] = pair()
  let produced = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < 200; index++) {
      produced++
      yield new Uint8Array(16_384).fill(index)
    }
  }
  const sending = pipeline(source, client)
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(produced).toBeLessThan(40)
  let length = 0
  for await (const chunk of server) length += (chunk as Buffer).length
  server.end()
  await sending
  expect([produced, length]).toEqual([200, 200 * 16_384])
})

test('half-open: after the peer has ended, writing goes on', async () => {
  const [client, server] = pair()
  client.end('question')
  expect(await readAll(server)).toBe('question')
  server.end('answer')
  expect(await readAll(client)).toBe('answer')
})

test('a reader that leaves early destroys it, and aborts what is beneath', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io, toBytes('first'))
  for await (const chunk of stream) {
    expect((chunk as Buffer).toString('latin1')).toBe('first')
    break
  }
  expect([stream.destroyed, io.aborted]).toEqual([true, true])
})

test('the leftover is read first', async () => {
  const [left, right] = duplex()
  right.write('second')
  right.end()
  expect(await readAll(duplexFrom(left, toBytes('first ')))).toBe('first second')
})

test('a leftover larger than the high-water mark pauses the Io', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io, new Uint8Array(1_000_000))
  expect(io.paused).toBe(true)
  stream.resume()
  await once(stream, 'data')
  await new Promise((resolve) => setImmediate(resolve))
  expect(io.paused).toBe(false)
})

test('strings go out in their encoding', () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  stream.write('é')
  stream.write('é', 'latin1')
  stream.write('4142', 'hex')
  expect(io.text).toBe('\xc3\xa9\xe9AB')
})

test('a corked run is one gathered write', () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  stream.cork()
  stream.write('a')
  stream.write('b')
  stream.write('c')
  stream.uncork()
  expect(io.writes.map(({ text, more }) => [text, more])).toEqual([
    ['a', true],
    ['b', true],
    ['c', false],
  ])
})

test('FULL holds the callback until the drain', () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  io.hold()
  let isDone = false
  stream.write('x', () => {
    isDone = true
  })
  expect(isDone).toBe(false)
  io.drain()
  expect(stream.writableLength).toBe(0)
})

test('destroy aborts, once', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  stream.on('error', () => {})
  const closed = new Promise<void>((resolve) => stream.once('close', resolve))
  stream.destroy(new Error('enough'))
  await closed
  expect(io.calls.filter((call) => call === 'abort')).toEqual(['abort'])
})

test('a clean end of both halves does not abort', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  stream.resume()
  stream.end('bye')
  io.feedEnd()
  await once(stream, 'close')
  expect(io.calls).not.toContain('abort')
  expect(io.text).toBe('bye')
})

test('an error of the Io destroys the stream with it', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  const failed = once(stream, 'error')
  io.feedClose(new Error('reset'))
  expect(((await failed)[0] as Error).message).toBe('reset')
  expect(io.calls).not.toContain('abort')
})

test('a failed write destroys the stream with the error', async () => {
  const io = new MockIo()
  const stream = duplexFrom(io)
  io.hold()
  const failed = once(stream, 'error')
  stream.write('x')
  io.failWrites()
  expect(((await failed)[0] as NodeJS.ErrnoException).code).toBe('EPIPE')
  expect(io.aborted).toBe(true)
})

test('setTimeout: silence is told, again and again moved on by bytes, until it is off', async () => {
  const [client, server] = pair()
  server.resume()
  // The client is destroyed in the end, which resets the other one.
  server.on('error', () => undefined)
  const told: string[] = []
  const listener = (): void => void told.push('listener')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    client.on('timeout', () => told.push('event'))
    client.setTimeout(100, listener)
    vi.advanceTimersByTime(90)
    client.write('a')
    vi.advanceTimersByTime(90)
    expect(told).toEqual([])
    vi.advanceTimersByTime(10)
    expect(told).toEqual(['event', 'listener'])
    client.setTimeout(100, listener)
    client.setTimeout(0, listener)
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual(['event', 'listener'])
    client.setTimeout(100)
    client.destroy()
    vi.advanceTimersByTime(1_000)
    expect(told).toEqual(['event', 'listener'])
  } finally {
    vi.useRealTimers()
  }
})
