import { frames } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { HttpResponse } from '../../src/http/response.ts'
import type { Service } from '../../src/service/service.ts'
import { served } from './serve-kit.ts'

// RFC 9110 §10.1.1 on HTTP/2: 100 as soon as somebody wants the body, unless that is of no use any more.

const waiting = frames.request(1, [['expect', '100-continue']], { method: 'POST' })
const reading: Service = (message) => message.text().then((text) => new HttpResponse(text))

test('100 for a body that is wanted', async () => {
  const peer = await served(reading)
  expect(await peer.send(waiting)).toEqual(['HEADERS 1 :status=100'])
  expect(await peer.send(frames.data(1, 'a'), frames.data(1, 'b', { endStream: true }))).toEqual([
    'HEADERS 1 :status=200 content-length=2',
    'DATA 1 end ab',
  ])
})

test('none when nobody wants it, when it has begun, when the answer has, and when nobody waits', async () => {
  const refusing = await served(() => new HttpResponse(null, { status: 417 }))
  expect(await refusing.send(waiting)).toEqual(['HEADERS 1 end :status=417'])
  const begun = await served(async (message) => {
    await Promise.resolve()
    return reading(message, {} as never)
  })
  expect(await begun.send(waiting, frames.data(1, 'a', { endStream: true }))).toEqual([
    'HEADERS 1 :status=200 content-length=1',
    'DATA 1 end a',
  ])
  const echo = await served((message) => new HttpResponse(message.body))
  expect(await echo.send(waiting)).toEqual(['HEADERS 1 :status=200'])
  const plain = await served(reading)
  expect(await plain.send(frames.request(1, [], { method: 'POST' }))).toEqual([])
})
