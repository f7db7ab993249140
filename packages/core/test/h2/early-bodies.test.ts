import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { channel, repeat } from '../../src/body/index.ts'
import { Dialled, DONE, type Box } from './dial-kit.ts'

// Before the server's SETTINGS nobody knows how many streams it takes. What a stream is refused for can be sent again, but
// for a body that can be had only once: a request with one waits for the SETTINGS, unless it is the first.

const { goAway, settings, settingsAck } = frames

const HEAD = (id: number): string =>
  `HEADERS ${id} :method=POST :scheme=http :authority=a :path=/ content-length=1`

async function fresh(options: ConstructorParameters<typeof Dialled>[0] = {}): Promise<Dialled> {
  const it = new Dialled(options)
  await it.written()
  return it
}

/** A POST whose body is there, and can be had once. */
function once(it: Dialled, text: string, signal?: AbortSignal): { box: Box; isClosed: () => boolean } {
  const { body, sender } = channel()
  void sender.send(text).catch(() => undefined)
  sender.end()
  const box = it.request({ method: 'POST', body }, signal === undefined ? undefined : { signal })
  return { box, isClosed: () => sender.isClosed }
}

describe('before the server’s SETTINGS', () => {
  test('the first request does not wait, nor does one whose body can be had again', async () => {
    const it = await fresh()
    once(it, 'a')
    expect(await it.written()).toEqual([HEAD(1), 'DATA 1 end a'])
    it.request({ method: 'POST', body: 'b' })
    it.request({ method: 'POST', body: repeat(() => 'c') })
    const lines = await it.written()
    expect(lines.filter((line) => line.startsWith('DATA'))).toEqual(['DATA 3 end b', 'DATA 5 end c'])
  })

  test('those with a body that can be had once wait, and are sent in order', async () => {
    const it = await fresh()
    it.request()
    once(it, 'a')
    once(it, 'b')
    expect(await it.written()).toEqual(['HEADERS 1 end :method=GET :scheme=http :authority=a :path=/'])
    expect([it.sender.capacity, it.connection.active]).toEqual([97, 3])
    expect(await it.receive(settings({ maxConcurrentStreams: 3 }), settingsAck())).toEqual([
      'SETTINGS ack',
      HEAD(3),
      HEAD(5),
      'DATA 3 end a',
      'DATA 5 end b',
    ])
    // From then on nobody waits.
    await it.receive(DONE(3), DONE(5))
    once(it, 'c')
    expect(await it.written()).toEqual([HEAD(7), 'DATA 7 end c'])
  })

  test('those that they leave no place for were not sent, and their bodies are untouched', async () => {
    const it = await fresh()
    it.request()
    const { box } = once(it, 'a')
    const { body } = channel()
    const second = it.request({ method: 'POST', body })
    await it.receive(settings({ maxConcurrentStreams: 2 }), settingsAck())
    expect([box.out, second.error, body.used]).toMatchObject([
      null,
      { code: 'NOT_READY', retryable: true },
      false,
    ])
  })

  test('one that is given up was not sent, and makes room', async () => {
    const it = await fresh({ initialMaxSendStreams: 2 })
    it.request()
    const controller = new AbortController()
    const { box } = once(it, 'a', controller.signal)
    await it.written()
    expect(it.sender.capacity).toBe(0)
    controller.abort()
    await it.written()
    expect([box.error, it.sender.capacity]).toMatchObject([{ code: 'CANCELED', phase: null }, 1])
    expect(await it.receive(settings(), settingsAck())).toEqual(['SETTINGS ack'])
  })

  test('the wait is bounded: without SETTINGS the connection ends, and nothing was sent', async () => {
    for (const end of [
      (it: Dialled) => it.after(10_000),
      (it: Dialled) => it.receive(goAway(0)),
      async (it: Dialled) => it.io.feedClose(),
    ]) {
      const it = await fresh()
      it.request()
      const { body } = channel()
      const box = it.request({ method: 'POST', body })
      await it.written()
      await end(it)
      await it.written()
      expect([box.error, body.used]).toMatchObject([
        { code: 'CLOSED', retryable: true, unanswered: false },
        false,
      ])
    }
  })
})
