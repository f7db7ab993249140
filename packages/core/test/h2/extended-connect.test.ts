import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import type { Tracer } from '../../src/trace/tracer.ts'
import { DONE, Dialled, dialled, type Box } from './dial-kit.ts'

// Extended CONNECT before the server has said whether it knows it (RFC 8441 §3): the request waits for the first SETTINGS,
// and for nothing longer.

const { goAway, response, settings, settingsAck } = frames

const OFFER = settings({ enableConnectProtocol: 1 })
const NOT_OFFERED = { code: 'NO_UPGRADE', by: 'peer', phase: 'upgrade', retryable: true }
const HEAD = 'HEADERS 1 :method=CONNECT :scheme=http :authority=a :path=/ :protocol=chat'

/** @param it a connection on which nothing has arrived yet, or the SETTINGS */
function connect(it: Dialled, signal?: AbortSignal): Box {
  return it.request({ method: 'CONNECT' }, { protocol: 'chat', ...(signal === undefined ? {} : { signal }) })
}

async function fresh(options: ConstructorParameters<typeof Dialled>[0] = {}): Promise<Dialled> {
  const it = new Dialled(options)
  await it.written()
  return it
}

describe('before the server’s SETTINGS', () => {
  test('it is sent when they offer it, and other requests do not wait', async () => {
    const it = await fresh()
    const tunnel = connect(it)
    const other = it.request()
    expect(await it.written()).toEqual(['HEADERS 1 end :method=GET :scheme=http :authority=a :path=/'])
    expect(await it.receive(OFFER, settingsAck())).toEqual(['SETTINGS ack', HEAD.replace('S 1', 'S 3')])
    await it.receive(DONE(1), response(3))
    expect([tunnel.response.status, other.response.status]).toEqual([200, 200])
  })

  test.each([
    ['do not mention it', settings()],
    ['say no', settings({ enableConnectProtocol: 0 })],
  ])('it fails when they %s, and nothing of it is sent', async (_, wire) => {
    const it = await fresh()
    const tunnel = connect(it)
    expect(await it.receive(wire, settingsAck())).toEqual(['SETTINGS ack'])
    expect(tunnel.error).toMatchObject(NOT_OFFERED)
    expect(it.end).toBe(null)
    const next = it.request()
    await it.receive(DONE(1))
    expect(next.isAnswered).toBe(true)
  })

  test('it takes a place while it waits', async () => {
    const it = await fresh({ initialMaxSendStreams: 2 })
    connect(it)
    expect(it.sender.capacity).toBe(1)
    it.request()
    const over = it.request()
    await it.written()
    expect(over.error).toMatchObject({ code: 'NOT_READY', retryable: true })
  })

  test('it fails when they leave no place for it', async () => {
    const it = await fresh()
    const boxes = [connect(it), connect(it)]
    const wire = settings({ enableConnectProtocol: 1, maxConcurrentStreams: 1 })
    expect(await it.receive(wire, settingsAck())).toEqual(['SETTINGS ack', HEAD])
    expect(boxes[1]!.error).toMatchObject({ code: 'NOT_READY', retryable: true })
    await it.receive(response(1))
    expect(boxes[0]!.isAnswered).toBe(true)
  })

  test('it may be given up, and its place is free again', async () => {
    const it = await fresh({ initialMaxSendStreams: 1 })
    const controller = new AbortController()
    const tunnel = connect(it, controller.signal)
    let isReady = false
    void it.sender.ready().then(() => (isReady = true))
    await it.written()
    expect(isReady).toBe(false)
    controller.abort()
    expect(await it.written()).toEqual([])
    expect(tunnel.error).toMatchObject({ code: 'CANCELED', by: 'user', phase: null })
    expect(isReady).toBe(true)
    expect(await it.receive(OFFER, settingsAck())).toEqual(['SETTINGS ack'])
  })

  test('it was never sent when the connection ends first', async () => {
    const ends: [name: string, end: (it: Dialled) => unknown][] = [
      ['closed', (it) => it.io.feedClose()],
      ['half closed', (it) => it.io.feedEnd()],
      ['lost', (it) => it.io.feedClose(new Error('gone'))],
      ['aborted', (it) => it.connection.abort()],
      ['shut down', (it) => it.connection.gracefulShutdown()],
      ['garbled', (it) => it.io.feed('HTTP/1.1 400 Bad Request\r\n\r\n')],
      ['shut down while another one runs', (it) => (it.request(), it.connection.gracefulShutdown())],
      ['ended by SETTINGS and GOAWAY', (it) => it.io.feed(frames.join(goAway(0)))],
      ['silent', (it) => it.after(10_000)],
    ]
    for (const [name, end] of ends) {
      const it = await fresh()
      const tunnel = connect(it)
      await it.written()
      await end(it)
      await it.written()
      const { code, retryable, unanswered } = tunnel.error
      expect([name, code, retryable, unanswered]).toEqual([name, 'CLOSED', true, false])
    }
  })

  test('an observer sees it begin and end once', async () => {
    const seen: string[] = []
    const tracer: Tracer = {
      onRequestStart: (request) => void seen.push(`start ${request.method}`),
      onRequestEnd: (_request, error) => void seen.push(`end ${error?.code ?? ''}`),
    }
    const it = await fresh({ tracer })
    connect(it)
    await it.receive(settings(), settingsAck())
    expect(seen).toEqual(['start CONNECT', 'end NO_UPGRADE'])
  })
})

test('once the SETTINGS are here there is nothing to wait for', async () => {
  const with8441 = await dialled({}, OFFER)
  connect(with8441)
  expect(await with8441.written()).toEqual([HEAD])
  const without = await dialled()
  const tunnel = connect(without)
  expect(await without.written()).toEqual([])
  expect(tunnel.error).toMatchObject(NOT_OFFERED)
})

test('it belongs to CONNECT; what cannot be sent rejects, and is not thrown', async () => {
  const it = await dialled({}, OFFER)
  const wrong = it.request({ method: 'GET' }, { protocol: 'chat' })
  const nowhere = it.request({ target: 'nowhere' })
  expect(await it.written()).toEqual([])
  expect(wrong.error).toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  expect(nowhere.error).toMatchObject({ code: 'INVALID_TARGET', by: 'user' })
})
