import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client, type FetchFunction } from '../../src/index.ts'
import { eventually } from '../raw-server.ts'
import { Peer } from './peer.ts'

// A signal gives a fetch up in whatever phase it is: what was waited for rejects with the signal's own reason, and no
// listener stays behind.

let peer: Peer
let client: Client
let fetch: FetchFunction
let controller: AbortController
let signal: AbortSignal

beforeEach(async () => {
  peer = await Peer.start()
  client = new Client()
  fetch = client.fetch
  controller = new AbortController()
  signal = controller.signal
})

afterEach(() => {
  client.abort()
  peer.close()
})

const listeners = (of: AbortSignal = signal): number => getEventListeners(of, 'abort').length
const reason = new Error('my reason')

async function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not reject'),
    (error: unknown) => error,
  )
}

describe('before anything is sent', () => {
  test.each([[reason], ['text'], [null], [0]])('rejects with %s', async (given) => {
    expect(await caught(fetch(`${peer.url}/text`, { signal: AbortSignal.abort(given) }))).toBe(given)
    expect(peer.requests).toBe(0)
  })

  test('a request body that is a stream is cancelled with the reason', async () => {
    let cancelled: unknown = null
    const body = new ReadableStream({ cancel: (given) => void (cancelled = given) })
    controller.abort(reason)
    const sent = fetch(`${peer.url}/echo`, { method: 'POST', body, duplex: 'half', signal })
    expect(await caught(sent)).toBe(reason)
    expect(cancelled).toBe(reason)
  })

  test('a Request that was aborted', async () => {
    controller.abort(reason)
    expect(await caught(fetch(new Request(peer.url, { signal })))).toBe(reason)
  })
})

describe('when the whole response has come, and nobody has asked for its body', () => {
  test.each(['text', 'json', 'arrayBuffer', 'bytes', 'blob', 'formData'] as const)('%s()', async (method) => {
    const response = await fetch(`${peer.url}/text`, { signal })
    controller.abort(reason)
    expect(await caught(response[method]())).toBe(reason)
    expect(response.bodyUsed).toBe(true)
  })

  test('its stream', async () => {
    const response = await fetch(`${peer.url}/text`, { signal })
    controller.abort(reason)
    expect(await caught(response.body!.getReader().read())).toBe(reason)
    expect(await caught(response.text())).toBeInstanceOf(TypeError)
  })

  test('a response without a body has nothing to fail', async () => {
    const response = await fetch(`${peer.url}/text`, { method: 'HEAD', signal })
    controller.abort(reason)
    expect(await response.text()).toBe('')
  })
})

test('while a connection is made', async () => {
  const stuck = new Client({ connector: () => new Promise(() => {}) })
  const work = caught(stuck.fetch('http://peer.example/', { signal }))
  await eventually(() => listeners() > 0)
  controller.abort(reason)
  expect(await work).toBe(reason)
  expect(listeners()).toBe(0)
  stuck.abort()
})

test('while the head is waited for', async () => {
  const work = caught(fetch(`${peer.url}/no-answer`, { signal }))
  await eventually(() => peer.requests === 1)
  expect(listeners()).toBe(1)
  controller.abort(reason)
  expect(await work).toBe(reason)
  expect(listeners()).toBe(0)
})

test('without a reason: an AbortError', async () => {
  const work = caught(fetch(`${peer.url}/no-answer`, { signal }))
  await eventually(() => peer.requests === 1)
  controller.abort()
  expect(await work).toMatchObject({ name: 'AbortError', code: 20 })
})

test('AbortSignal.timeout: a TimeoutError', async () => {
  const given = AbortSignal.timeout(5)
  const error = await caught(fetch(`${peer.url}/no-answer`, { signal: given }))
  expect(error).toBe(given.reason)
  expect(error).toMatchObject({ name: 'TimeoutError' })
})

test('while the body is sent: its source is cancelled with the reason', async () => {
  let cancelled: unknown = null
  const body = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(new Uint8Array(10)),
    cancel: (given) => void (cancelled = given),
  })
  const work = caught(fetch(`${peer.url}/no-answer`, { method: 'POST', body, duplex: 'half', signal }))
  await eventually(() => peer.requests === 1)
  controller.abort(reason)
  expect(await work).toBe(reason)
  expect(cancelled).toBe(reason)
  expect(listeners()).toBe(0)
})

describe('while the response body comes', () => {
  test.each(['text', 'json', 'bytes', 'arrayBuffer', 'blob', 'formData'] as const)('%s()', async (method) => {
    const response = await fetch(`${peer.url}/stalled`, { signal })
    expect(listeners()).toBe(1)
    const work = caught(response[method]())
    controller.abort(reason)
    expect(await work).toBe(reason)
    expect(listeners()).toBe(0)
  })

  test('a reader of its stream', async () => {
    const response = await fetch(`${peer.url}/stalled`, { signal })
    const reader = response.body!.getReader()
    expect((await reader.read()).value).toEqual(new TextEncoder().encode('begun'))
    const work = caught(reader.read())
    controller.abort(reason)
    expect(await work).toBe(reason)
    expect(await caught(reader.closed)).toBe(reason)
    expect(listeners()).toBe(0)
  })

  test('both halves of a clone', async () => {
    const response = await fetch(`${peer.url}/stalled`, { signal })
    const work = [caught(response.clone().text()), caught(response.text())]
    controller.abort(reason)
    expect(await Promise.all(work)).toEqual([reason, reason])
  })

  test('nobody reads yet: who does is told', async () => {
    const response = await fetch(`${peer.url}/stalled`, { signal })
    controller.abort(reason)
    expect(await caught(response.text())).toBe(reason)
    expect(listeners()).toBe(0)
  })
})

describe('listeners', () => {
  test('none is left when a body has been read', async () => {
    const response = await fetch(`${peer.url}/chunks`, { signal })
    expect(await response.text()).toBe('one,two,three')
    expect(listeners()).toBe(0)
    controller.abort(reason)
    expect(response.bodyUsed).toBe(true)
  })

  test('none is left when the response has no body', async () => {
    await fetch(`${peer.url}/status/204`, { signal })
    await eventually(() => listeners() === 0)
  })

  test('none is left when the body was cancelled', async () => {
    const response = await fetch(`${peer.url}/stalled`, { signal })
    await response.body!.cancel()
    expect(listeners()).toBe(0)
  })

  test('none is left of a fetch that failed', async () => {
    await caught(fetch(`${peer.url}/reset`, { signal }))
    await caught(fetch('http://127.0.0.1:2/', { signal }))
    expect(listeners()).toBe(0)
  })

  test('many fetches share a signal', async () => {
    for (let round = 0; round < 50; round++) {
      const texts = [1, 2, 3, 4].map(async () => (await fetch(`${peer.url}/text`, { signal })).text())
      await Promise.all(texts)
    }
    expect(listeners()).toBe(0)
  })
})

describe('which signal counts', () => {
  test('that of the Request', async () => {
    const work = caught(fetch(new Request(`${peer.url}/no-answer`, { signal })))
    await eventually(() => peer.requests === 1)
    controller.abort(reason)
    expect(await work).toBe(reason)
  })

  test('that of the init, where there is one', async () => {
    const other = new AbortController()
    const work = caught(fetch(new Request(`${peer.url}/no-answer`, { signal: other.signal }), { signal }))
    await eventually(() => peer.requests === 1)
    other.abort()
    controller.abort(reason)
    expect(await work).toBe(reason)
  })

  test('none, when the init says null', async () => {
    controller.abort()
    const request = new Request(`${peer.url}/text`, { signal })
    expect((await fetch(request, { signal: null })).status).toBe(200)
  })
})
