import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { HttpRequest } from '../../src/http/request.ts'
import { DONE, dialled, type Dialled } from './dial-kit.ts'

// The places of a connection: who waits for one gets it in turn, one waiter for each, and none is lost.

const { goAway, rst, settings } = frames

const get = (): HttpRequest => new HttpRequest('GET', '/', { headers: { host: 'a' } })
const full = (places: number): Promise<Dialled> => dialled({}, settings({ maxConcurrentStreams: places }))

/** Waits for a place and says so; `use` is what it does with it. */
function wait(
  it: Dialled,
  log: string[],
  name: string,
  use: () => unknown = () => it.sender.send(get()),
): void {
  it.sender.ready().then(
    () => {
      log.push(name)
      Promise.resolve(use()).catch((error: { code: string }) => log.push(`${name} ${error.code}`))
    },
    (error: { code: string }) => log.push(`${name} ${error.code}`),
  )
}

describe('who waits for a place', () => {
  test('gets one in turn, one waiter for each place', async () => {
    const it = await full(2)
    it.request()
    it.request()
    const log: string[] = []
    for (const name of ['a', 'b', 'c', 'd', 'e']) wait(it, log, name)
    await it.written()
    expect(log).toEqual([])
    await it.receive(DONE(3))
    expect(log).toEqual(['a'])
    await it.receive(DONE(1))
    expect(log).toEqual(['a', 'b'])
    await it.receive(DONE(7), DONE(5))
    expect(log).toEqual(['a', 'b', 'c', 'd'])
    await it.receive(rst(9))
    expect(log).toEqual(['a', 'b', 'c', 'd', 'c STREAM_RESET', 'e'])
    expect(it.connection.machine.requests).toBe(7)
  })

  test('does not lose its turn to one who asks later', async () => {
    const it = await full(1)
    it.request()
    const log: string[] = []
    wait(it, log, 'first')
    await it.written()
    it.io.feed(DONE(1))
    // The place is free and promised; nothing of it was used yet.
    expect(it.sender.capacity).toBe(1)
    wait(it, log, 'second')
    await it.written()
    expect(log).toEqual(['first'])
    await it.receive(DONE(3))
    expect(log).toEqual(['first', 'second'])
  })

  test('leaves a place that it does not use to the next one', async () => {
    const it = await full(1)
    it.request()
    const log: string[] = []
    for (const name of ['a', 'b', 'c']) wait(it, log, name, () => {})
    wait(it, log, 'd')
    wait(it, log, 'e')
    await it.receive(DONE(1))
    expect(log).toEqual(['a', 'b', 'c', 'd'])
    await it.receive(DONE(3))
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('leaves it too when its request cannot be sent', async () => {
    const it = await full(1)
    it.request()
    const log: string[] = []
    wait(it, log, 'a', () => it.sender.send(get(), { maxHeadSize: -1 }))
    const controller = new AbortController()
    controller.abort()
    wait(it, log, 'b', () => it.sender.send(get(), { signal: controller.signal }))
    wait(it, log, 'c')
    await it.receive(DONE(1))
    expect(log).toEqual(['a', 'a INVALID_OPTION', 'b', 'b CANCELED', 'c'])
  })

  test('is woken by a higher limit, for each place once', async () => {
    const it = await full(0)
    const log: string[] = []
    for (const name of ['a', 'b', 'c']) wait(it, log, name)
    await it.receive(settings({ maxConcurrentStreams: 2 }))
    expect(log).toEqual(['a', 'b'])
    await it.receive(settings({ maxConcurrentStreams: 0 }), DONE(1), DONE(3))
    expect(log).toEqual(['a', 'b'])
    await it.receive(settings({ maxConcurrentStreams: 5 }))
    expect(log).toEqual(['a', 'b', 'c'])
  })

  test('hears at once when no place will ever be free', async () => {
    for (const end of ['goaway', 'shutdown', 'close', 'abort', 'write'] as const) {
      const it = await full(1)
      it.request()
      const log: string[] = []
      wait(it, log, 'a')
      wait(it, log, 'b')
      await it.written()
      if (end === 'goaway') it.io.feed(goAway(1))
      else if (end === 'shutdown') it.connection.gracefulShutdown()
      else if (end === 'close') it.io.feedClose()
      else if (end === 'write') it.io.failWrites()
      else it.connection.abort()
      await it.written()
      expect([end, ...log]).toEqual([end, 'a CLOSED', 'b CLOSED'])
    }
  })

  test('gets as many at once as there are', async () => {
    const it = await full(3)
    const log: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) wait(it, log, name)
    await it.written()
    expect(log).toEqual(['a', 'b', 'c'])
  })
})
