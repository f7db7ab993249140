import { Body, type BodyInit, channel } from '@hyper/core/body'
import { HttpResponse } from '@hyper/core/http'
import { describe, expect, test } from 'vitest'
import { progress, redirect } from '../../src/layers/index.ts'
import { contentOf } from '../../src/body/content.ts'
import { ask, failure, Fake, reply } from './kit.ts'

const A = 'http://a.test/'

function* three(): Generator<string> {
  yield 'one'
  yield 'three'
  yield 'x'
}

const mirror = (): Fake => new Fake(({ body }) => reply(200, {}, body))

describe('upload', () => {
  const steps = [
    { sent: 3, total: null },
    { sent: 8, total: null },
    { sent: 9, total: null },
  ]
  test.each<[string, BodyInit | null, unknown[]]>([
    ['text', 'hello', [{ sent: 5, total: 5 }]],
    ['bytes', new Uint8Array(7), [{ sent: 7, total: 7 }]],
    ['a stream', three(), steps],
    ['nothing', null, []],
  ])('%s', async (_, body, expected) => {
    const seen: unknown[] = []
    const options = { onUploadProgress: (step: unknown) => seen.push(step) }
    await ask(progress(), mirror(), A, { method: 'POST', body, options })
    expect(seen).toEqual(expected)
  })

  test('the length is still known, and so are trailers', async () => {
    let told: unknown
    const service = progress()((request) => {
      const { body } = request
      told = [body.sizeHint, body.mayHaveTrailers, body.isEnd]
      return new HttpResponse()
    })
    const options = { onUploadProgress: () => undefined }
    await ask(() => service, mirror(), A, { method: 'POST', body: 'hello', options })
    expect(told).toEqual([{ lower: 5, upper: 5 }, false, false])
  })

  test('what can be sent again still can; it begins at 0', async () => {
    const seen: unknown[] = []
    const options = { onUploadProgress: ({ sent }: { sent: number }) => seen.push(sent) }
    const fake = new Fake((_, index) => (index === 0 ? reply(307, { location: '/two' }) : reply(200)))
    const layer = (inner: typeof fake.service): typeof fake.service => redirect()(progress()(inner))
    let made = 0
    const { body } = contentOf({
      body: () => {
        made++
        return three()
      },
    })
    await ask(layer, fake, A, { method: 'POST', body, options })
    expect([seen, made, fake.seen.map((one) => one.body)]).toEqual([
      [3, 8, 9, 3, 8, 9],
      2,
      ['onethreex', 'onethreex'],
    ])
  })

  test('inside of redirect or outside of it', async () => {
    const options = { onUploadProgress: () => undefined }
    const fake = new Fake((_, index) => (index === 0 ? reply(307, { location: '/two' }) : reply(200)))
    const layer = (inner: typeof fake.service): typeof fake.service => progress()(redirect()(inner))
    await ask(layer, fake, A, { method: 'POST', body: 'again', options })
    expect(fake.seen.map(({ body }) => body)).toEqual(['again', 'again'])
  })
})

describe('download', () => {
  const download = async (response: () => HttpResponse): Promise<unknown[]> => {
    const seen: unknown[] = []
    const options = { onDownloadProgress: (step: unknown) => seen.push(step) }
    const answer = await ask(progress(), new Fake(response), A, { options })
    await answer.text()
    return seen
  }

  test('of known length, and of unknown', async () => {
    expect(await download(() => reply(200, {}, 'hello'))).toEqual([{ received: 5, total: 5 }])
    expect(await download(() => new HttpResponse(three()))).toEqual([
      { received: 3, total: null },
      { received: 8, total: null },
      { received: 9, total: null },
    ])
    expect(await download(() => reply(204))).toEqual([])
  })

  test('nothing is counted that is not read', async () => {
    const seen: unknown[] = []
    const { body, sender } = channel()
    const options = { onDownloadProgress: (step: unknown) => seen.push(step) }
    const response = await ask(progress(), new Fake(() => new HttpResponse(body)), A, { options })
    void sender.send('early')
    expect(seen).toEqual([])
    response.body.cancel()
    expect(sender.isClosed).toBe(true)
  })
})

test('a hook that throws fails the body', async () => {
  const cause = new Error('no')
  const options = {
    onDownloadProgress: () => {
      throw cause
    },
  }
  const { body, sender } = channel()
  const response = await ask(progress(), new Fake(() => new HttpResponse(body)), A, { options })
  void sender.send('x')
  expect(await failure(response.text())).toMatchObject({ code: 'BODY_FAILED', by: 'user', cause })
  expect(sender.isClosed).toBe(true)
})

test('without a hook nothing is touched', async () => {
  const response = new HttpResponse(Body.from('x'))
  const { body } = response
  const answer = await ask(progress(), new Fake(() => response), A, { options: {} })
  expect([answer === response, answer.body === body]).toEqual([true, true])
})
