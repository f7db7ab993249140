import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel } from '../../src/body/index.ts'
import { HttpResponse } from '../../src/http/response.ts'
import { dialled, DONE } from './dial-kit.ts'
import { served, type Served } from './serve-kit.ts'

// The last that a connection has to say, when the transport takes nothing at present: it is not lost as long as the peer
// still reads, and it is not waited for without end.

const { data, ping, request, settings } = frames

const SHUTDOWN = ping(Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x73, 0x64, 0x03), true)
/** One waits in its stream until the transport takes it, the other one is written already. */
const ANSWERS = [50_000, 500]

describe.each(ANSWERS)('a server that is being drained, with an answer of %i bytes', (size) => {
  /** The last answer is on its way into a transport that has just become full. */
  async function draining(): Promise<Served> {
    const gate = Promise.withResolvers<HttpResponse>()
    const it = await served(() => gate.promise)
    await it.send(request(1))
    it.connection.gracefulShutdown()
    await it.send(SHUTDOWN)
    it.io.hold()
    // Fills the transport.
    await it.send(ping('pingpong'))
    gate.resolve(new HttpResponse('x'.repeat(size)))
    expect(await it.written()).toEqual([])
    return it
  }

  test('waits for a client that is slow, and then for its end', async () => {
    const it = await draining()
    await it.after(10_000)
    expect([it.io.ended, it.io.released, it.code]).toEqual([false, false, null])
    it.io.drain()
    expect(await it.written()).toEqual([
      `HEADERS 1 :status=200 content-length=${size}`,
      ...Array<string>(Math.floor(size / 16_384)).fill('DATA 1 [16384]'),
      `DATA 1 end [${size % 16_384}]`,
    ])
    expect([it.io.ended, it.io.released]).toEqual([true, false])
    await it.after(1_999)
    expect(it.io.released).toBe(false)
    await it.after(1)
    expect([it.io.released, it.code]).toEqual([true, ''])
  })

  test('waits when the client has ended its half', async () => {
    const it = await draining()
    it.io.feedEnd()
    await it.written()
    expect([it.io.ended, it.io.released]).toEqual([false, false])
    it.io.drain()
    expect((await it.written()).at(-1)).toMatch(/^DATA 1 end /)
    expect([it.io.ended, it.io.released, it.code]).toEqual([true, true, ''])
  })

  test('does not wait for ever', async () => {
    const it = await draining()
    await it.after(29_999)
    expect(it.code).toBe(null)
    await it.after(2)
    expect([it.io.aborted, it.code]).toEqual([true, 'SEND_TIMEOUT'])
    expect(it.runtime.timer.pending).toBe(0)
  })

  test('drops what a client sends meanwhile', async () => {
    const it = await draining()
    await it.send(request(3, [], { method: 'POST' }))
    for (let i = 0; i < 20; i++) await it.send(data(3, new Uint8Array(16_384)))
    expect(it.code).toBe(null)
    it.io.drain()
    expect((await it.written()).at(-1)).toMatch(/^DATA 1 end /)
  })
})

test('a server that has failed says so when it can, and does not wait longer than for a reader', async () => {
  for (const isDrained of [true, false]) {
    const it = await served()
    it.io.hold()
    await it.send(ping('pingpong'))
    it.io.take()
    await it.send(ping('pingpong'), data(0, 'x'))
    if (isDrained) it.io.drain()
    const lines = await it.written()
    expect(lines).toEqual(isDrained ? ['PING ack pingpong', 'GOAWAY 0 PROTOCOL_ERROR malformed frame'] : [])
    await it.after(2_000)
    expect([it.io.released, it.code]).toEqual([true, 'H2_CONNECTION'])
    expect(it.runtime.timer.pending).toBe(0)
  }
})

describe('a client that is being drained', () => {
  test('sends the last of its request, although it has its answer', async () => {
    const it = await dialled({}, settings({ initialWindowSize: 100_000 }))
    const { sender, body } = channel()
    const box = it.request({ method: 'POST', body })
    await it.receive(DONE(1))
    it.connection.gracefulShutdown()
    await it.written()
    it.io.hold()
    void sender.send('first')
    expect(await it.written()).toEqual(['DATA 1 first'])
    void sender.send('last')
    sender.end()
    expect(await it.written()).toEqual([])
    expect(box.response.status).toBe(200)
    expect([it.io.ended, it.io.released, it.end]).toEqual([false, false, null])
    it.io.drain()
    const lines = await it.written()
    expect(lines.join(' ')).toMatch(/DATA 1 (end )?last( DATA 1 end)?/)
    expect([it.io.ended, it.io.released]).toEqual([true, true])
    expect(it.end).toMatchObject({ error: null })
  })

  test('does not wait for ever', async () => {
    const it = await dialled()
    const { sender, body } = channel()
    it.request({ method: 'POST', body })
    await it.receive(DONE(1))
    it.connection.gracefulShutdown()
    await it.written()
    it.io.hold()
    void sender.send('first')
    await it.written()
    sender.end()
    await it.written()
    await it.after(30_001)
    expect([it.io.aborted, it.end!.error!.code]).toEqual([true, 'SEND_TIMEOUT'])
    expect(it.runtime.timer.pending).toBe(0)
  })
})
