import { frames, MockIo, VirtualRuntime } from '@hyper/testkit'
import { expect, test } from 'vitest'
import { handshake } from '../../src/drive/h2-handshake.ts'
import { upgraded } from '../../src/drive/upgraded.ts'
import { HttpRequest } from '../../src/http/request.ts'
import { FrameLog } from './read-frames.ts'

// A CONNECT that is refused leaves no stream behind: nobody will ever send on it.

test.each([
  ['without a body', [frames.response(1, 403, [], { endStream: true })], ''],
  ['with one', [frames.response(1, 403), frames.data(1, 'no', { endStream: true })], 'no'],
])('a tunnel that is refused %s', async (_name, answer, body) => {
  const io = new MockIo()
  const runtime = new VirtualRuntime()
  const { sender, connection } = handshake(io, { adaptiveWindow: false, runtime })
  const pending = sender.send(new HttpRequest('CONNECT', 'a:1'))
  io.feed(frames.join(frames.settings({ maxConcurrentStreams: 1 }), frames.settingsAck()))
  await runtime.settle()
  expect(sender.capacity).toBe(0)
  io.take()
  io.feed(frames.join(...answer))
  const response = await pending
  expect([response.status, await response.text()]).toEqual([403, body])
  await expect(upgraded(response)).rejects.toMatchObject({ code: 'NO_UPGRADE' })
  await runtime.settle()
  expect(new FrameLog().read(io.bytes)).toEqual(['DATA 1 end'])
  expect(sender.capacity).toBe(1)
  connection.gracefulShutdown()
  expect(await connection.closed).toMatchObject({ error: null })
})
