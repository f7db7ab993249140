import { frames } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { HttpResponse } from '../../src/http/response.ts'
import { served } from './serve-kit.ts'

// The end of a connection that is drained.

test('it ends with the last answer, when that comes, and not with the next look at the clock', async () => {
  const gate = Promise.withResolvers<HttpResponse>()
  const peer = await served(() => gate.promise)
  await peer.send(frames.request(1))
  peer.connection.gracefulShutdown()
  expect(await peer.written()).toEqual(['GOAWAY 2147483647 NO_ERROR', expect.stringMatching(/^PING /)])
  const shutdownPing = Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x73, 0x64, 0x03)
  expect(await peer.send(frames.ping(shutdownPing, true))).toEqual(['GOAWAY 1 NO_ERROR'])
  expect(peer.io.ended).toBe(false)
  gate.resolve(new HttpResponse('late'))
  expect(await peer.written()).toEqual(['HEADERS 1 :status=200 content-length=4', 'DATA 1 end late'])
  expect(peer.io.ended).toBe(true)
  peer.io.feedEnd()
  await peer.written()
  expect(peer.code).toBe('')
})

test('without requests it ends at once, unless there is grace', async () => {
  const peer = await served()
  peer.connection.gracefulShutdown()
  expect(await peer.written()).toEqual(['GOAWAY 0 NO_ERROR'])
  expect(peer.io.ended).toBe(true)
})

test('with grace a request that is on its way is taken', async () => {
  const peer = await served()
  peer.connection.gracefulShutdown(500)
  expect(await peer.written()).toEqual(['GOAWAY 2147483647 NO_ERROR', expect.stringMatching(/^PING /)])
  expect(await peer.send(frames.request(1))).toEqual([
    'HEADERS 1 :status=200 content-length=2',
    'DATA 1 end ok',
  ])
  expect(peer.io.ended).toBe(false)
  const shutdownPing = Uint8Array.of(0x68, 0x79, 0x70, 0x65, 0x72, 0x73, 0x64, 0x03)
  expect(await peer.send(frames.ping(shutdownPing, true))).toEqual(['GOAWAY 1 NO_ERROR'])
  expect(peer.io.ended).toBe(true)
})

test('a client that does not answer has the time of the grace', async () => {
  const peer = await served()
  peer.connection.gracefulShutdown(500)
  await peer.written()
  expect([await peer.after(499), peer.io.ended]).toEqual([[], false])
  expect(await peer.after(1)).toEqual(['GOAWAY 0 NO_ERROR'])
  expect(peer.io.ended).toBe(true)
})
