import { frames } from '@hyper/testkit'
import { describe, expect, test } from 'vitest'
import { Body, channel } from '../../src/body/index.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { Box, dialled, DONE, type Dialled } from './dial-kit.ts'

// What a caller needs in order to send a request again that the server has not begun: that nothing was processed
// (`retryable`), and whether its body is still there (`request.body.used` is false).

const { goAway, rst, settings } = frames

const post = (body: Body | string): HttpRequest =>
  new HttpRequest('POST', '/', { headers: { host: 'a' }, body })

/** How a server says that it has not begun with stream 1. */
const REFUSALS: readonly (readonly [name: string, code: string, wire: Uint8Array])[] = [
  ['REFUSED_STREAM', 'STREAM_RESET', rst(1, 'REFUSED_STREAM')],
  ['a GOAWAY that names a stream before it', 'GOAWAY', goAway(0)],
  ['a GOAWAY for a reason', 'GOAWAY', goAway(0, 'ENHANCE_YOUR_CALM')],
]

describe.each(REFUSALS)('after %s', (_name, code, wire) => {
  async function refused(it: Dialled, request: HttpRequest): Promise<void> {
    const box = new Box(it.sender.send(request))
    await it.written()
    await it.receive(wire)
    expect(box.error).toMatchObject({ code, by: 'peer', phase: 'headers', retryable: true })
  }

  test.each([
    ['nothing', (): Body | string => ''],
    ['text', () => 'hello'],
    ['text as a body', () => Body.from('hello')],
    ['bytes', () => Body.from(Uint8Array.of(0x68, 0x65, 0x6c, 0x6c, 0x6f))],
  ])('a body that is there as a whole can be sent again: %s', async (name, make) => {
    const request = post(make())
    await refused(await dialled(), request)
    expect(request.body.used).toBe(false)
    const other = await dialled()
    const again = new Box(other.sender.send(request))
    expect((await other.written()).slice(1)).toEqual(name === 'nothing' ? [] : ['DATA 1 end hello'])
    await other.receive(DONE(1))
    expect(again.response.status).toBe(200)
  })

  test('a body that is read as it is sent is used, and its source is told', async () => {
    for (const window of [0, 65_535]) {
      const it = await dialled({}, settings({ initialWindowSize: window }))
      const { sender, body } = channel()
      const request = post(body)
      void sender.send('hello')
      await refused(it, request)
      expect(request.body.used).toBe(true)
      await expect(sender.send('more')).rejects.toMatchObject({ code, retryable: true })
    }
  })
})

test('what was not sent at all has touched no body', async () => {
  const full = await dialled({}, settings({ maxConcurrentStreams: 0 }))
  const ending = await dialled()
  await ending.receive(goAway(0))
  const gone = await dialled()
  gone.io.feedClose()
  await gone.written()
  const codes: string[] = []
  for (const it of [full, ending, gone]) {
    const { sender, body } = channel()
    const request = post(body)
    const box = new Box(it.sender.send(request))
    await it.written()
    codes.push(box.error.code)
    expect([box.error.retryable, request.body.used, sender.isClosed]).toEqual([true, false, false])
  }
  expect(codes).toEqual(['NOT_READY', 'CLOSED', 'CLOSED'])
})

test('a reset for any other reason says nothing of the kind', async () => {
  for (const reason of ['NO_ERROR', 'INTERNAL_ERROR', 'CANCEL', 'ENHANCE_YOUR_CALM'] as const) {
    const it = await dialled()
    const box = it.request({ method: 'POST', body: 'hello' })
    await it.receive(rst(1, reason))
    expect(box.error).toMatchObject({ code: 'STREAM_RESET', reason, retryable: false })
  }
})
