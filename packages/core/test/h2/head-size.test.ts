import { frames } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { DONE, dialled } from './dial-kit.ts'

// What the head of a response may be, for one request alone: counted as RFC 9113 §6.5.2 does. Nothing but that request is
// lost when it is more.

const { data, headers, response } = frames

/** `:status: 200` counts 42, and the field 33 besides its value. */
const sized = (id: number, size: number): Uint8Array =>
  response(id, 200, [['a', 'x'.repeat(size - 75)]], { endStream: true })

test('a head as large as it may be, and one that is larger by an octet', async () => {
  const it = await dialled()
  const small = { maxHeadSize: 100 }
  const [fits, over, other] = [it.request({}, small), it.request({}, small), it.request()]
  expect(await it.written()).toHaveLength(3)
  expect(await it.receive(sized(1, 100), sized(3, 101), sized(5, 1_000))).toEqual(['RST_STREAM 3 CANCEL'])
  expect(fits.response.status).toBe(200)
  expect(over.error).toMatchObject({
    code: 'HEAD_TOO_LARGE',
    by: 'peer',
    phase: 'headers',
    retryable: false,
    reason: 'CANCEL',
  })
  expect(other.response.headers.get('a')).toHaveLength(925)
  expect(it.end).toBe(null)
})

test('a head that is larger by far costs no more', async () => {
  const it = await dialled()
  const over = it.request({}, { maxHeadSize: 64 })
  await it.receive(sized(1, 16_000))
  expect(over.error.code).toBe('HEAD_TOO_LARGE')
  const next = it.request()
  await it.receive(DONE(3))
  expect(next.isAnswered).toBe(true)
})

test('what such a head puts into the table stands there for the next one', async () => {
  const it = await dialled()
  const over = it.request({}, { maxHeadSize: 64 })
  const next = it.request()
  await it.receive(response(1, 200, [['name', 'value'.repeat(10), 'index']]))
  expect(over.error.code).toBe('HEAD_TOO_LARGE')
  // The newest entry is 62.
  await it.receive(headers(3, Uint8Array.of(0x88, 0xbe), { endStream: true }))
  expect(next.response.headers.get('name')).toBe('value'.repeat(10))
})

test('interim responses have the same limit, trailers the connection’s', async () => {
  const it = await dialled()
  const interim = it.request({}, { maxHeadSize: 64 })
  const trailed = it.request({}, { maxHeadSize: 64 })
  const long: [string, string] = ['a', 'x'.repeat(100)]
  await it.receive(response(1, 103, [long]))
  expect(interim.error.code).toBe('HEAD_TOO_LARGE')
  await it.receive(response(3), data(3, 'ok'), headers(3, [long], { endStream: true }))
  expect(await trailed.response.text()).toBe('ok')
  expect((await trailed.response.trailers)!.get('a')).toBe('x'.repeat(100))
})

test('it may be more than the connection’s, in as many frames as it takes', async () => {
  const it = await dialled()
  const value = 'x'.repeat(12_000)
  const fields = Array.from({ length: 20 }, (_, i): [string, string] => [`a${i}`, value])
  const [large, usual] = [it.request({}, { maxHeadSize: 300_000 }), it.request()]
  await it.written()
  const block = frames.block([[':status', '200'], ...fields])
  const pieces = (id: number): Uint8Array[] =>
    Array.from({ length: 20 }, (_, i) => {
      const piece = block.subarray(i * 16_000, (i + 1) * 16_000)
      const endHeaders = (i + 1) * 16_000 >= block.length
      if (piece.length === 0) return new Uint8Array(0)
      return i === 0
        ? headers(id, piece, { endHeaders, endStream: true })
        : frames.continuation(id, piece, { endHeaders })
    })
  expect(await it.receive(...pieces(1))).toEqual([])
  expect(large.response.headers.get('a19')).toBe(value)
  expect(await it.receive(...pieces(3))).toEqual(['GOAWAY 0 ENHANCE_YOUR_CALM too_many_continuations'])
  expect(usual.error.code).toBe('H2_CONNECTION')
})

test('a limit that cannot be is an error of the call, and nothing is sent', async () => {
  const it = await dialled()
  for (const maxHeadSize of [63, -1, 1.5, Number.NaN]) {
    const box = it.request({}, { maxHeadSize })
    expect(await it.written()).toEqual([])
    expect(box.error).toMatchObject({ code: 'INVALID_OPTION', by: 'user' })
  }
  expect(it.sender.capacity).toBe(Infinity)
})
