import { expect, test } from 'vitest'
import { HttpRequest, HttpResponse } from '../../src/http/index.ts'
import type { Service } from '../../src/service/service.ts'
import { dialed, GET, served, watch } from '../parity/wire-kit.ts'

// What is the embedder's own to hear of, and what is not.

test('an echo whose client leaves is no failure of the service', async () => {
  const { io, runtime, connection, ask } = served((request) => new HttpResponse(request.body))
  await ask('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc')
  io.feedClose()
  await runtime.settle()
  expect((await connection.closed).error).toMatchObject({ code: 'CLOSED' })
  expect(runtime.errors).toEqual([])
})

test('onReady that throws costs no exchange', async () => {
  const { runtime, sender, connection, reply } = dialed()
  sender.onReady = () => {
    throw new Error('pool')
  }
  const outcome = watch(sender.send(new HttpRequest('GET', '/')))
  await reply('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
  expect(outcome.value!.status).toBe(200)
  expect(sender.isReady).toBe(true)
  connection.gracefulShutdown()
  await runtime.settle()
  expect(connection.isClosed).toBe(true)
  expect(runtime.errors.map((error) => (error as Error).message)).toEqual(['pool', 'pool'])
})

// Says nothing of itself, not even what it is.
const HOSTILE: object = new Proxy(
  {},
  {
    getPrototypeOf: () => {
      throw new Error('no prototype')
    },
  },
)

test.each<[string, Service]>([
  [
    'thrown',
    () => {
      throw HOSTILE
    },
  ],
  ['given', () => HOSTILE as never],
  ['thrown later', () => Promise.reject(HOSTILE)],
  ['given later', () => Promise.resolve(HOSTILE as never)],
])('what cannot even be asked what it is, %s: 500, and the connection goes on', async (_name, service) => {
  const { runtime, ask } = served(service)
  for (let i = 1; i <= 2; i++) {
    expect(await ask(GET)).toBe('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n')
    expect(runtime.errors).toHaveLength(i)
  }
})
